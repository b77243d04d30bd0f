"""The door: social data of people who said yes is stored, of everybody else it is counted and never written.

A row is admitted when an identifier of its person (the handle, or what the profile names beside it) holds a permission
for ``enrichment.social`` and none of them holds a denial. Posts and relations follow their handles; a relation needs
both. Files are read into temporary tables only; a delivered file is removed after the load, its manifest stays.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from samtykke.settings import Settings
from samtykke.sources import purge, special, texts
from samtykke.sources.batch import Batch, Part, count, prepare
from samtykke.sources.files import (
    Delivery,
    Incomplete,
    Refused,
    deliveries,
    file_id_of,
    sha256_of,
    state,
    wait_until_settled,
)
from samtykke.sources.load import Loader, utc
from samtykke.sources.manifest import DUPLICATE, EntityCount, FileResult
from samtykke.sources.quarantine import write_quarantine
from samtykke.sources.shape import literal, quoted
from samtykke.storage.connect import open_home

# A profile says whose handle it is, so profiles come first.
_ORDER = ("social_profiles", "social_posts", "social_edges")
_HANDLES = {
    "social_profiles": ("handle",),
    "social_posts": ("handle",),
    "social_edges": ("from_handle", "to_handle"),
}
_PERMISSIONS = "intermediate.int_consent__door_permissions"
DENIED, SILENT = "permission_denied", "no_permission"


class DoorError(RuntimeError):
    """The door cannot decide: the permissions are not there."""


def load_social(settings: Settings, *, as_of: datetime | None = None, now: datetime | None = None) -> list[FileResult]:
    """Purge what is permitted no more, admit what is permitted now, and read the admitted texts for interests.

    Args:
        settings: Whose home and drop folder.
        as_of: The moment the permissions were computed for; only recorded permissions count, so it changes nothing.
        now: Our clock, UTC; the time of the call by default.

    Returns:
        One result per social file.

    Raises:
        DoorError: The permissions have not been computed.
    """
    with open_home(settings, vault=True) as connection:
        results = Door(connection, settings, utc(now)).run()
        write_quarantine(connection, settings.home / "quarantine")
    return results


class Door:
    """One passage through the door over one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> None:
        self.connection = connection
        self.settings = settings
        self.now = now
        self.loader = Loader(connection, settings, now)
        self.terms = special.declared_terms(settings.project)
        self.keeps_files = (settings.drop_folder / "SAMPLE.json").exists()

    def run(self) -> list[FileResult]:
        """Purge, load, purge what the new files revealed, extract interests."""
        self._take_permissions()
        self.loader.repair()
        special.mark_again(self.connection, self.terms)
        purge.purge_social(self.connection)
        found = list(deliveries(self.settings.drop_folder, social=True))
        found.sort(key=lambda delivery: (_ORDER.index(delivery.entity), delivery.relative))
        results = [self.load(delivery) for delivery in found]
        purge.purge_social(self.connection)
        special.forget_deleted(self.connection)
        texts.extract_interests(self.connection, self.now)
        return results

    def _take_permissions(self) -> None:
        try:
            self.connection.execute(f"""
                create or replace temp table door as
                select identifier_key, purpose, bool_or(is_permitted) as is_permitted, bool_or(is_denied) as is_denied
                from {_PERMISSIONS} group by all
            """)
        except duckdb.CatalogException:
            raise DoorError(
                f"{_PERMISSIONS} is missing: build the permissions first (dbt build --select "
                "+int_consent__door_permissions)"
            ) from None
        # Which identifiers stand for the person behind a handle: what admitted profiles say, and this run's files.
        self.connection.execute(
            "create or replace temp table delivered_links (handle_key varchar, identifier_key varchar)"
        )
        self.connection.execute("""
            create or replace temp view handle_links as
            select handle_key, identifier_key from delivered_links
            union
            select handle_key, unnest([handle_key, crm_key, email_key, phone_key]) from raw.social_profiles
            union
            select handle_key, handle_key from raw.social_posts
            union
            select unnest([from_handle_key, to_handle_key]) as handle_key, handle_key from raw.social_edges
        """)
        self.connection.execute("""
            create or replace temp view handle_permissions as
            select l.handle_key, d.purpose, bool_or(d.is_permitted) as is_permitted, bool_or(d.is_denied) as is_denied
            from handle_links as l inner join door as d on l.identifier_key = d.identifier_key
            group by all
        """)
        self.connection.execute("""
            create or replace temp view special_permissions as
            select handle_key, list(split_part(purpose, '.', 2)) as categories from handle_permissions
            where starts_with(purpose, 'special.') and is_permitted and not is_denied group by handle_key
        """)

    def load(self, delivery: Delivery) -> FileResult:
        """Admit the permitted rows of one file; the file is removed when its outcome is written."""
        digest, size = "", 0
        try:
            before = wait_until_settled(delivery.path, self.settings.settle_seconds)
            size, digest = before[0], sha256_of(delivery.path)
            batch = prepare(self.connection, delivery, self.loader.mapping_of(delivery), self.settings, self.now)
            if state(delivery.path) != before:
                raise Incomplete("changed_while_read", f"{delivery.relative} changed while it was read; run again.")
            result = self._admit(batch, digest, size)
            if not self.keeps_files:
                delivery.path.unlink()
                _remove_empty(delivery.path.parent, self.settings.drop_folder)
            return result
        except (Refused, Incomplete, duckdb.Error, OSError) as problem:
            return self.loader.not_loaded(delivery, digest, size, problem)

    def _admit(self, batch: Batch, digest: str, size: int) -> FileResult:
        connection, delivery, part = self.connection, batch.delivery, batch.parts[0]
        # The same content is the same file whatever its name: it is judged again, never doubled.
        file_id = file_id_of(delivery.folder, digest)
        self._judge(part)
        account = self._account(batch, part)
        if self._stands(part, file_id, account):
            return FileResult(
                delivery.relative, delivery.entity, delivery.mapping, DUPLICATE, file_id=file_id, counts=(account,)
            )
        _keep_admitted(connection, part)
        # Before the rows: a mark without its row does no harm, a row without its mark would outlive a withdrawal.
        special.mark_admitted(connection, part.contract.entity, file_id)
        refusals = connection.execute("select reason, rows from refusals").fetchall()
        return self.loader.store(batch, file_id, digest, size, accounts=(account,), refusals=dict(refusals))

    def _judge(self, part: Part) -> None:
        """Add ``refusal`` to the good rows of the part and count the bad and the refused ones by reason."""
        connection = self.connection
        handles = _HANDLES[part.contract.entity]
        linked = [i.column for i in part.contract.identifiers] if handles == ("handle",) else []
        for column in handles:
            own = quoted(f"{column}__key")
            keys = ", ".join([own, *(quoted(f"{name}__key") for name in linked if name != column)])
            connection.execute(f"""
                insert into delivered_links
                select distinct {own}, unnest([{keys}]) from {part.table} where issue is null and {own} is not null
            """)
        connection.execute("delete from delivered_links where identifier_key is null")
        permitted, denied = [], []
        joins = []
        for index, column in enumerate(handles):
            joins.append(
                f"left join handle_permissions as p{index} on p{index}.handle_key = r.{quoted(f'{column}__key')} "
                f"and p{index}.purpose = 'enrichment.social'"
            )
            permitted.append(f"coalesce(p{index}.is_permitted, false)")
            denied.append(f"coalesce(p{index}.is_denied, false)")
        connection.execute(f"""
            create or replace temp table judged as
            with gated as (
                select r.line_number, r.{quoted(f"{handles[0]}__key")} as handle_key, case
                    when {" or ".join(denied)} then {literal(DENIED)}
                    when {" and ".join(permitted)} then null
                    else {literal(SILENT)} end as refusal, {special.text_sql(part.contract.entity)} as words
                from {part.table} as r {" ".join(joins)} where r.issue is null
            ),
            read as (
                select line_number, handle_key, refusal,
                    case when refusal is null then {special.stated_sql("words", self.terms)} else [] end as stated
                from gated
            ),
            -- a special category is stored on explicit consent to that very category only
            unconsented as (
                select g.line_number, g.refusal, g.stated,
                    list_filter(g.stated, lambda c: not list_contains(coalesce(s.categories, []), c))[1] as category
                from read as g left join special_permissions as s on g.handle_key = s.handle_key
            )
            select line_number, coalesce(refusal, {literal(special.REFUSED + ":")} || category) as refusal, stated
            from unconsented
        """)
        connection.execute(f"""
            create or replace temp table refusals as
            select reason, count(*) as rows from (
                select refusal as reason from judged where refusal is not null
                union all select split_part(issue, '|', 1) from {part.table} where issue is not null
                union all select reason from rejected
            ) group by reason
        """)

    def _account(self, batch: Batch, part: Part) -> EntityCount:
        admitted = count(self.connection, "judged", "refusal is null")
        refused = count(self.connection, "judged", "refusal is not null")
        bad = batch.records_in - admitted - refused
        return EntityCount(part.contract.entity, batch.records_in, admitted, bad + refused, refused)

    def _stands(self, part: Part, file_id: str, account: EntityCount) -> bool:
        """Whether the file was loaded before and exactly these rows of it are held."""
        known = self.connection.execute(
            "select rows_in, rows_staged from raw.file_entities inner join raw.files using (file_id) "
            "where file_id = $1 and file_entities.entity = $2 and status = 'loaded'",
            [file_id, account.entity],
        ).fetchone()
        if known != (account.rows_in, account.rows_staged):
            return False
        different = self.connection.execute(
            f"""
            select 1 from (select line_number from raw.{account.entity} where file_id = $1) as held
            full outer join (select line_number from judged where refusal is null) as now
                on held.line_number = now.line_number
            where held.line_number is null or now.line_number is null limit 1
            """,
            [file_id],
        ).fetchone()
        return different is None


def _keep_admitted(connection: duckdb.DuckDBPyConnection, part: Part) -> None:
    """Leave only admitted rows in the batch's tables: nothing else may reach a file."""
    connection.execute("create or replace temp table admitted as select line_number from judged where refusal is null")
    for table in (part.table, "landed", "issues"):
        of_rows = f"reason not like '{special.REFUSED}:%'" if table == "issues" else "true"
        connection.execute(
            f"delete from {table} where {of_rows} and line_number not in (select line_number from admitted)"
        )
    connection.execute("delete from rejected")
    keys = " union all ".join(
        f"select {quoted(i.column + '__key')} as key from {part.table}" for i in part.contract.identifiers
    )
    # Not "not in": one null among the keys would keep every refused identifier.
    connection.execute(f"""
        create or replace temp table kept as
        select * from idents as i where exists (select 1 from ({keys}) as k where k.key = i.key)
    """)
    connection.execute("create or replace temp table idents as select * from kept")
    connection.execute("drop table kept; drop table admitted")


def _remove_empty(folder: Path, drop_folder: Path) -> None:
    while folder != drop_folder and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
