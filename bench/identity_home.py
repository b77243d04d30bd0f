"""Put drawn records into a home and run the product's own steps on them: names in the vault, then the dbt models."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.measured import run_dbt
from samtykke.identity.likeness.records import compare_records
from samtykke.identity.names import number_names
from samtykke.settings import load_settings
from samtykke.sources.identify import blocked_sql
from samtykke.storage.connect import open_home, prepare_home

PROJECT = Path(__file__).resolve().parents[1]
AS_OF = "2026-06-30 00:00:00"
_SEEN = "timestamp '2026-01-01 00:00:00'"
_COLUMNS = [
    *(("number", pa.int64()), ("entity", pa.string()), ("source", pa.string())),
    *((kind, pa.string()) for kind in ("crm_id", "email", "phone", "handle", "cookie", "given", "last")),
    *(("born", pa.date32()), ("street", pa.string()), ("postal_code", pa.string()), ("city", pa.string())),
    ("person", pa.int64()),
]
_KEYS = "*, identifier_key('crm_id', crm_id) as crm_key, identifier_key('email', email) as email_key, " \
    "identifier_key('phone', phone) as phone_key, identifier_key('handle:x', handle) as handle_key, " \
    "identifier_key('cookie', cookie) as cookie_key"  # fmt: skip
_PLACE = f"$1 as file_id, number as line_number, {_SEEN} as loaded_at"
_KIND = "case when crm_key is not null then 'crm_id' when email_key is not null then 'email' " \
    "when phone_key is not null then 'phone' else 'handle:x' end"  # fmt: skip
_FIRST_KEY = "coalesce(crm_key, email_key, phone_key, handle_key)"
_SEEDS = ("bot_user_agents", "consent_actions", "identity_rules", "likeness_rules", "link_purposes", "purposes",
          "source_priorities")  # fmt: skip
_TABLES = {
    "contacts": f"""number::varchar as record_key, source, crm_key, 'crm_id' as crm_kind, email_key, phone_key,
        born as birth_date, given is not null as has_name, false as has_address, {_SEEN} as created_at""",
    "orders": f"""source, number::varchar as order_id, crm_key, 'crm_id' as crm_kind, email_key, phone_key,
        {_SEEN} as ordered_at""",
    "social_profiles": f"""number::varchar as record_key, source, 'x' as platform, handle_key, email_key,
        {_SEEN} as observed_at""",
    "conversations": f"""source, number::varchar as conversation_id, 'chat' as channel, {_KIND} as identifier_kind,
        {_FIRST_KEY} as identifier_key, {_SEEN} as opened_at""",
    "page_views": f"""number::varchar as event_id, number::varchar as source, cookie_key, {_SEEN} as occurred_at,
        'https://example.com/' as url, if({_FIRST_KEY} is null, null, {_KIND}) as login_kind,
        {_FIRST_KEY} as login_key""",
}
_NAMED = {
    **{entity: ("crm_key", "email_key", "phone_key") for entity in ("contacts", "orders")},
    "social_profiles": ("handle_key", "email_key"),
    "conversations": ("identifier_key",),
    "page_views": ("cookie_key", "login_key"),
}
# How the models key a record that the loader does not: macros/record_key.sql.
_MADE_KEYS = {
    "orders": "md5(concat_ws(chr(31), 'orders', source, number))",
    "conversations": "md5(concat_ws(chr(31), 'conversations', source, number))",
    "page_views": f"md5(concat_ws(chr(31), 'page_views', number, cookie_key, {_FIRST_KEY}))",
}
_LINKING = PROJECT / "models" / "intermediate" / "identity" / "linking"
_PEOPLE = ("record_parts", "record_components", "person_registry", "persons", "person_records")


def _stage() -> set[str]:
    """Return the models of the deterministic stage: from staged records over guards, links and components to people.

    The other identity models tell of these people: what consent limits, likeness, identifiers, attributes, health.
    """
    return {path.stem for path in _LINKING.glob("*.sql")} | {f"int_identity__{name}" for name in _PEOPLE}


class BenchHome:
    """A home of drawn records; everybody has said yes to linking, so that only doubt keeps anything apart."""

    def __init__(self, folder: Path, rows: Iterable[tuple[object, ...]]) -> None:
        self.settings = load_settings(home=folder)
        prepare_home(self.settings)
        with open_home(self.settings, vault=True) as connection:
            connection.execute("""
                create schema bench;
                create table bench.truth (record_key varchar, number bigint, person bigint, cookie_key varchar);
                create schema intermediate;
                create table intermediate.int_consent__permissions (
                    identifier_key varchar, purpose varchar, channel varchar, recipient varchar, is_permitted boolean,
                    controller varchar);
                create table intermediate.int_consent__denials as
                select * from intermediate.int_consent__permissions where false;
            """)
        self.deliver(rows, "drawn")

    def deliver(self, rows: Iterable[tuple[object, ...]], file_id: str) -> None:
        """Write drawn records as the loader would: raw rows, identifiers, the vault; and what their people permit."""
        with open_home(self.settings, vault=True) as connection:
            self._deliver(connection, list(rows), file_id)

    def _deliver(self, connection: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]], file_id: str) -> None:
        values = zip(*rows, strict=True)
        table = pa.table({name: pa.array(column, kind) for (name, kind), column in zip(_COLUMNS, values, strict=True)})
        connection.register("rows", table)
        connection.execute(f"create temp table drawn as select {_KEYS} from rows")
        for entity, columns in _TABLES.items():
            connection.execute(
                f"insert into raw.{entity} by name select {columns}, {_PLACE} from drawn where entity = '{entity}'",
                [file_id],
            )
        blocked, _ = blocked_sql(PROJECT)
        named = " union all ".join(
            f"select {key} as identifier_key, '{kind}' as identifier_kind, {column} as value from drawn"
            for kind, column, key in (
                ("crm_id", "crm_id", "crm_key"), ("email", "email", "email_key"), ("phone", "phone", "phone_key"),
                ("handle:x", "handle", "handle_key"), ("cookie", "cookie", "cookie_key"),
            )
        )  # fmt: skip
        connection.execute(f"""
            create temp table named as
            select identifier_key, any_value(identifier_kind) as identifier_kind, any_value(value) as value,
                any_value({blocked}) as block_reason
            from ({named}) anti join raw.identifiers using (identifier_key)
            where value is not null group by identifier_key;
            insert into raw.identifiers by name
            select identifier_key, identifier_kind, block_reason, block_reason is not null as is_blocked,
                {_SEEN} as first_seen_at
            from named;
            insert into vault.identifiers select identifier_key, identifier_kind, value, 1, {_SEEN} from named;
            insert into intermediate.int_consent__permissions
            select identifier_key, 'identity.linking', null, null, true, 'company' from named;
        """)
        connection.execute(
            """
            insert into vault.contact_details by name
            select number::varchar as record_key, $1 as file_id, number as line_number, given as first_name_norm,
                last as last_name_norm, street, postal_code, city
            from drawn where entity = 'contacts' and coalesce(given, postal_code) is not null
            """,
            [file_id],
        )
        made = " ".join(f"when '{entity}' then {key}" for entity, key in _MADE_KEYS.items())
        connection.execute(f"""
            insert into bench.truth
            select case entity {made} else number::varchar end as record_key, number, person, cookie_key from drawn
        """)

    def erase(self, people: int) -> int:
        """Delete everything of so many people, and identifiers that nobody else has; return how many identifiers."""
        keys = " union all ".join(
            f"select {key} as k from raw.{entity}"
            for entity, names in _NAMED.items() for key in names
        )  # fmt: skip
        with open_home(self.settings, vault=True) as connection:
            connection.execute(
                "create temp table erased as select number from bench.truth where person in "
                "(select person from bench.truth group by person order by hash(person) limit $1)",
                [people],
            )
            for entity in _TABLES:
                connection.execute(f"delete from raw.{entity} where line_number in (select number from erased)")
            gone = connection.execute(
                f"delete from raw.identifiers where identifier_key not in (select k from ({keys}) where k is not null)"
            ).fetchone()
            for table in ("vault.identifiers", "raw.email_names", "intermediate.int_consent__permissions"):
                connection.execute(
                    f"delete from {table} where identifier_key not in (select identifier_key from raw.identifiers)"
                )
            connection.execute("delete from bench.truth where number in (select number from erased)")
        return int(gone[0]) if gone else 0

    def number_names(self) -> float:
        """Return the CPU seconds of the step behind the vault."""
        before = time.process_time()
        with open_home(self.settings, vault=True) as connection:
            number_names(connection, PROJECT)
        return round(time.process_time() - before, 2)

    def compare(self) -> float:
        """Compare records by what they say, after a first build; return the CPU seconds."""
        before = time.process_time()
        with open_home(self.settings, vault=True) as connection:
            compare_records(connection, self.settings)
        return round(time.process_time() - before, 2)

    def build(self) -> dict[str, object]:
        """Run the identity models in this process and return what they took: SQL, whole run, peak memory."""
        os.environ["SAMTYKKE_HOME"] = str(self.settings.home)
        models = "path:models/intermediate/identity"
        arguments = ["run", "--select", models, f"+{models},path:models/staging", *_SEEDS]
        figures, _ = run_dbt(arguments, target=self.settings.home / "target", as_of=AS_OF, seeds=_SEEDS)
        models = figures.pop("models")
        stage = round(sum(cpu for name, cpu in models.items() if name in _stage()), 2)
        return {**figures, "stage_cpu": stage, "dearest": dict(list(models.items())[:24])}

    def told(self) -> int:
        """Return how many records the last build told anew."""
        with open_home(self.settings, read_only=True) as connection:
            (told,) = connection.execute("select records_told from intermediate.int_identity__told").fetchone() or (0,)
        return int(told)

    def clusters(self) -> str:
        """Return the SQL of (number, person, cluster) per delivered record; a record of nobody stands alone.

        A visit without a login is no record of the product: it is its browser's, and with it one person's or nobody's.
        """
        return """
            with browsers as (
                select identifier_key, any_value(person_id) as person_id
                from intermediate.int_identity__person_identifiers
                where link_kind = 'device' group by identifier_key having count(distinct person_id) = 1
            )
            select t.number, t.person, coalesce('p' || p.person_id, 'p' || b.person_id, 'r' || t.number) as cluster
            from bench.truth as t
            left join intermediate.int_identity__person_records as p on t.record_key = p.record_key
            left join browsers as b on t.cookie_key = b.identifier_key"""
