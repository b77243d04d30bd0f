"""Compare the contact records of those who permit it; pairs that may be one person's go to ``ledger.record_pairs``.

Names, addresses and identifiers are read in the vault, compared in a database in memory, and forgotten. A record is
compared once, and again when it says something else, when the weights change or when somebody permits it anew.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from samtykke.identity.likeness.features import CONTACT_COLUMNS
from samtykke.identity.likeness.model import MODEL, load
from samtykke.identity.likeness.scores import ComparingError, score
from samtykke.settings import Settings
from samtykke.storage.connect import configure

RULES = "likeness_rules.csv"
_VARIANTS = "given_name_variants.csv"
_SQUEEZED = "nullif(trim(regexp_replace(lower(strip_accents({0})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"
# What each of the compared columns is made of; a blocked identifier (info@) says nothing of anybody.
_FEATURES = f"""
    select c.record_key as unique_id, d.first_name_norm as given,
        coalesce(v.roots, [d.first_name_norm]) as given_roots, d.last_name_norm as surname,
        strftime(c.birth_date, '%Y-%m-%d') as born, {_SQUEEZED.format("d.street")} as street,
        nullif(upper(regexp_replace(d.postal_code, '[^\\p{{L}}\\p{{N}}]', '', 'g')), '') as postal_code,
        {_SQUEEZED.format("d.city")} as city, e.value as email, p.value as phone,
    from contacts_compared as c
    left join vault.contact_details as d
        on c.record_key = d.record_key and c.file_id = d.file_id and c.line_number = d.line_number
    left join variants as v on split_part(d.first_name_norm, ' ', 1) = v.name
    left join usable_values as e on c.email_key = e.identifier_key
    left join usable_values as p on c.phone_key = p.identifier_key
"""


@dataclass(frozen=True)
class Compared:
    """What one night compared: records that permit it, those of them that were new or changed, and pairs now known."""

    records: int
    fresh: int
    pairs: int


def rules(project: Path) -> dict[str, str]:
    """Read the seed of the stage's parameters."""
    with (project / "seeds" / RULES).open(encoding="utf-8-sig", newline="") as file:
        return {row["parameter"]: row["value"] for row in csv.DictReader(file)}


def compare_records(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Compared:
    """Compare what is new or changed with everything that may be compared, and forget what may not be any more.

    Args:
        connection: With an open home and its vault; contacts and consent of the night are built.
        settings: Whose home.

    Raises:
        ComparingError: The comparison failed; nothing of it was kept.
        duckdb.IOException: A database could not be read or written; it may pass.
    """
    try:
        return _compare_records(connection, settings)
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        # the message may repeat a value: only its class is told
        raise ComparingError(f"records could not be compared ({type(error).__name__})") from None


def _compare_records(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Compared:
    parameters = rules(settings.project)
    model = load(MODEL)
    least = float(parameters["review_weight"])
    take_permitted(connection, parameters["requires_purpose"], settings.controller)
    take_features(connection, settings.project)
    mark = hashlib.sha256(f"{model.version} {least}".encode()).hexdigest()
    connection.execute(f"""
        create or replace temp table digested as
        select unique_id, md5(concat_ws(chr(31), '{mark}', {", ".join(f"coalesce({c}, '')" for c in CONTACT_COLUMNS)},
            given_roots::varchar)) as digest
        from features
    """)
    fresh = _forget_changed(connection)
    if fresh:
        _score_fresh(connection, settings, model.version, least)
    for table in ("features", "digested", "contacts_compared", "usable_values", "variants"):
        connection.execute(f"drop table {table}")
    (records,) = connection.execute("select count(*) from ledger.compared_records").fetchone() or (0,)
    (pairs,) = connection.execute("select count(*) from ledger.record_pairs").fetchone() or (0,)
    return Compared(int(records), fresh, int(pairs))


def take_permitted(connection: duckdb.DuckDBPyConnection, purpose: str, controller: str) -> None:
    """Fill ``contacts_compared``: the newest version of each contact, a yes to the purpose on it and no no.

    The models look further: a no also reaches a record over every link, and keeps it from being linked.
    """
    connection.execute(
        """
        create or replace temp table contacts_compared as
        with identifiers as (
            select record_key, unnest([email_key, phone_key, crm_key, nickname_key]) as identifier_key
            from staging.stg_crm__contacts
        ),
        permitting as (
            select identifiers.record_key from identifiers
            inner join intermediate.int_consent__permissions as permissions
                on identifiers.identifier_key = permissions.identifier_key
            where permissions.purpose = $1 and permissions.controller = $2 and permissions.channel is null
                and permissions.recipient is null and permissions.is_permitted
        ),
        refusing as (
            select identifiers.record_key from identifiers
            inner join intermediate.int_consent__denials as denials
                on identifiers.identifier_key = denials.identifier_key
            where denials.purpose = $1
        )
        select raw.record_key, raw.file_id, raw.line_number, raw.birth_date, raw.email_key, raw.phone_key
        from staging.stg_crm__contacts as newest
        inner join raw.contacts as raw
            on newest.record_key = raw.record_key and newest.loaded_at = raw.loaded_at
            and newest.updated_at is not distinct from raw.updated_at
        where newest.record_key in (from permitting) and newest.record_key not in (from refusing)
        qualify row_number() over (partition by raw.record_key order by raw.file_id, raw.line_number desc) = 1
        """,
        [purpose, controller],
    )


def take_features(connection: duckdb.DuckDBPyConnection, project: Path) -> None:
    """Fill ``features``: what the records of ``contacts_compared`` say, in the columns of the model."""
    with (project / "seeds" / _VARIANTS).open(encoding="utf-8-sig", newline="") as file:
        roots = sorted({(row["variant"], row["given_name"]) for row in csv.DictReader(file)})
    connection.execute("create or replace temp table variant_rows (name varchar, root varchar)")
    if roots:
        names, origins = zip(*roots, strict=True)
        connection.execute("insert into variant_rows select unnest($1), unnest($2)", [list(names), list(origins)])
    connection.execute("""
        create or replace temp table variants as
        select name, list_sort(list_distinct(list(root) || [name])) as roots from (
            from variant_rows union select root, root from variant_rows) group by name;
        drop table variant_rows;
        create or replace temp table usable_values as
        select v.identifier_key, any_value(v.value) as value from vault.identifiers as v
        inner join raw.identifiers as r on v.identifier_key = r.identifier_key
        where v.identifier_kind in ('email', 'phone') and not r.is_blocked
            and v.identifier_key in (
                select unnest([email_key, phone_key]) from contacts_compared)
        group by v.identifier_key
    """)
    connection.execute(f"create or replace temp table features as {_FEATURES}")


def _forget_changed(connection: duckdb.DuckDBPyConnection) -> int:
    """Forget the pairs of records that are gone or say something else; return how many records are to be compared.

    Who withdraws permission is compared no more. What was found before stays, because a no still travels over it; the
    models link nobody by it.
    """
    connection.execute("begin")
    connection.execute("""
        create or replace temp table stale as
        select known.record_key from ledger.compared_records as known
        left join digested on known.record_key = digested.unique_id
        where digested.digest <> known.digest
            or known.record_key not in (select record_key from staging.stg_crm__contacts);
        delete from ledger.record_pairs where record_a in (from stale) or record_b in (from stale);
        delete from ledger.compared_records where record_key in (from stale);
        drop table stale;
    """)
    connection.execute("commit")
    (fresh,) = connection.execute(
        "select count(*) from digested where unique_id not in (select record_key from ledger.compared_records)"
    ).fetchone() or (0,)
    return int(fresh)


def _score_fresh(connection: duckdb.DuckDBPyConnection, settings: Settings, version: str, least: float) -> None:
    fresh = "unique_id not in (select record_key from ledger.compared_records)"
    tables = {
        name: connection.execute(f"select * from features where {condition} order by unique_id").to_arrow_table()
        for name, condition in (("known", f"not ({fresh})"), ("fresh", fresh))
    }
    with duckdb.connect() as memory:
        configure(memory, settings)
        for name, rows in tables.items():
            memory.register("arrived", rows)
            memory.execute(f"create table {name} as from arrived")
            memory.unregister("arrived")
        only = tables["known"].num_rows == 0
        pairs = memory.execute(
            score(memory, load(MODEL), "fresh" if only else "known", fresh=None if only else "fresh", least=least)
        ).to_arrow_table()
    connection.register("scored", pairs)
    connection.execute("begin")
    connection.execute(
        "insert into ledger.record_pairs select record_a, record_b, match_weight, evidence, $1 from scored "
        "order by record_a, record_b",
        [version],
    )
    connection.execute(f"insert into ledger.compared_records select unique_id, digest from digested where {fresh}")
    connection.execute("commit")
    connection.unregister("scored")
