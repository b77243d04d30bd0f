"""One delivered file on its way: read, shaped, checked, identified; everything in temporary tables until it is stored.

Per output ``n`` of the mapping there is a table ``ready_n``: typed columns, identifier keys and kinds, ``issue``
(``reason|column``, null when the row is good). ``idents`` holds every identifier the file brought.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import pyarrow as pa

from samtykke import normalise
from samtykke.settings import Settings
from samtykke.sources import declared, signals, special
from samtykke.sources.columns import Contract
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.files import Delivery, Refused
from samtykke.sources.identify import NO_REGION, Named, collect, named_columns
from samtykke.sources.mapping import Mapping, Output
from samtykke.sources.readers import Landed, read
from samtykke.sources.rows import field_drop_sql, field_drops, typed_sql
from samtykke.sources.shape import compile_output, literal, quoted, unknown_headers
from samtykke.sources.targets import TEXTS

# Why a row about nobody but erased people is not stored; unlike others its record is kept nowhere.
ERASED = "erased"
_DIGEST_LENGTHS = {"sha256": 64, "sha1": 40, "md5": 32}
# What the numbers of a row may not say together: it is wrong somewhere, and nobody knows where.
_COUNTS = ("received", "invalid", "matched_low", "matched_high", "reach")
_CONTRADICTIONS = {
    "platform_reports": (
        *((f"{name} < 0", "negative_number", name) for name in _COUNTS),
        ("invalid > received", "more_than_received", "invalid"),
        ("matched_low > matched_high", "range_reversed", "matched_low"),
    ),
}


@dataclass(frozen=True)
class Part:
    """One output of a file, ready to be stored.

    Attributes:
        table: Its temporary table.
        contract: The entity's contract.
        output: The mapping's output.
        is_main: Whether it accounts for every record of the file.
    """

    table: str
    contract: Contract
    output: Output
    is_main: bool


@dataclass(frozen=True)
class Batch:
    """A file that was read.

    Attributes:
        delivery: The file.
        mapping: How its headers were read.
        landed: Columns and encoding.
        parts: One per output.
        unknown: Headers that nothing reads.
        records_in: Records of the file, header excluded.
    """

    delivery: Delivery
    mapping: Mapping
    landed: Landed
    parts: tuple[Part, ...]
    unknown: tuple[str, ...]
    records_in: int


def prepare(
    connection: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    mapping: Mapping,
    settings: Settings,
    now: datetime,
) -> Batch:
    """Read a file and check its rows.

    Raises:
        Refused: The file as a whole cannot be used.
        Incomplete: It is cut short.
    """
    landed = read(connection, delivery, mapping, settings.spill)
    # Nobody asked for it: a column that holds a special category is dropped whole, in quarantined records too.
    known = mapping.headers if mapping.file.layout == "table" else frozenset(landed.source.headers)
    dropped = special.declared_terms(settings.project).special_headers(set(landed.source.headers) - known)
    headers = {header: column for header, column in landed.source.headers.items() if header not in dropped}
    landed = replace(landed, source=replace(landed.source, headers=headers, zone=settings.timezone))
    if delivery.entity == signals.ENTITY and delivery.mapping is None:
        missing = signals.missing_column(connection, landed.source)
        if missing:
            raise Refused(
                "missing_column",
                f"{delivery.relative} lacks the column {missing}, which only rows with a consent signal may leave out; "
                "add it.",
            )
    outputs = mapping.outputs_for(landed.source.headers)
    if not outputs or outputs[0].one_per:
        raise Refused(
            "mapping",
            f"{delivery.relative}: the mapping {mapping.mapping} has no output that accounts for every record.",
        )
    records_in = count(connection, "landed") + count(connection, "rejected")
    if mapping.file.exact_duplicates == "quarantine":
        _reject_duplicates(connection, landed)
    connection.execute("""
        create or replace temp table idents (
            own_kind varchar, value varchar, key varchar, phone_region varchar, phone_type varchar)
    """)
    connection.execute("""
        create or replace temp table issues (line_number bigint, entity varchar, column_name varchar, reason varchar)
    """)
    for header, category in sorted(dropped.items()):
        connection.execute(
            f"insert into issues values (1, {literal(outputs[0].entity)}, $1, $2)",
            [header, f"{special.REFUSED}:{category}"],
        )
    parts = []
    for index, output in enumerate(outputs):
        contract = ENTITIES[output.entity]
        shape = compile_output(output, mapping, landed.source, is_main=index == 0)
        connection.execute(f"create or replace temp view shaped as {shape}")
        typed = typed_sql(contract, output, "shaped", now=now, zone=settings.timezone)
        connection.execute(f"create or replace temp table typed as {typed}")
        part = Part(f"ready_{index}", contract, output, index == 0)
        _identify(connection, part, named_columns(contract, output, settings.country))
        if contract.entity == signals.ENTITY:
            signals.interpret(connection, part.table, settings.project, now)
        if contract.entity == declared.ENTITY:
            declared.interpret(connection, part.table)
        for name in field_drops(contract):
            drop = field_drop_sql(contract.column(name), "shaped")
            connection.execute(
                f"insert into issues select d.line_number, {literal(contract.entity)}, d.column_name, d.reason "
                f"from ({drop}) as d inner join {part.table} as r on d.line_number = r.line_number and r.issue is null"
            )
        parts.append(part)
    connection.execute("drop view shaped; drop table typed")
    unknown = () if mapping.file.layout == "combined_log" else tuple(unknown_headers(mapping, landed.source))
    return Batch(delivery, mapping, landed, tuple(parts), unknown, records_in)


def count(connection: duckdb.DuckDBPyConnection, table: str, where: str = "true") -> int:
    """Return the number of rows of a table."""
    (number,) = connection.execute(f"select count(*) from {table} where {where}").fetchone() or (0,)
    return int(number)


def _reject_duplicates(connection: duckdb.DuckDBPyConnection, landed: Landed) -> None:
    columns = ", ".join(landed.source.headers.values())
    connection.execute(f"""
        create or replace temp table again as
        select line_number from landed
        qualify row_number() over (partition by {columns} order by line_number) > 1
    """)
    pairs = ", ".join(f"{literal(header)}, l.{column}" for header, column in landed.source.headers.items())
    connection.execute(f"""
        insert into rejected
        select l.line_number, 'exact_duplicate', json_object({pairs})::varchar
        from landed as l inner join again as a on l.line_number = a.line_number
    """)
    connection.execute("delete from landed where line_number in (select line_number from again)")
    connection.execute("drop table again")


def _identify(connection: duckdb.DuckDBPyConnection, part: Part, columns: list[Named]) -> None:
    """Make ``ready_n`` of ``typed``: join keys, then decide rows whose identifiers are unusable."""
    hashed = "hash is not null" if part.contract.entity == "suppressions" else "false"
    absent = [i.column for i in part.contract.identifiers if i.column not in {n.column for n in columns}]
    selected = ["t.* exclude (issue)"]
    for name in absent:
        selected += [f"null::varchar as {quoted(f'{name}__{field}')}" for field in ("key", "kind", "value", "why")]
    joins = []
    if columns:
        collect(connection, "typed", columns, where=f"issue is null and not {hashed}")
    for index, named in enumerate(columns):
        raw, alias = quoted(named.column), f"i{index}"
        selected += [
            f"{alias}.{field} as {quoted(f'{named.column}__{name}')}"
            for field, name in (("key", "key"), ("own_kind", "kind"), ("value", "value"), ("reason", "why"))
        ]
        # Comparing as little as possible: three text columns cost three times one.
        of_kind = f"(select * from ident where kind = {named.kind})" if named.is_one_kind else "ident"
        conditions = [f"{alias}.raw = t.{raw}"]
        if not named.is_one_kind:
            conditions.append(f"{alias}.kind = t.{quoted(f'{named.column}__asked')}")
        if named.region != NO_REGION:
            conditions.append(f"{alias}.region = t.{quoted(f'{named.column}__region')}")
        joins.append(f"left join {of_kind} as {alias} on {' and '.join(conditions)}")
    asked = "".join(
        f", {n.kind} as {quoted(f'{n.column}__asked')}, {n.region} as {quoted(f'{n.column}__region')}" for n in columns
    )
    helpers = [quoted(f"{n.column}__{field}") for n in columns for field in ("asked", "region")]
    drop = f" exclude ({', '.join([*helpers, 'issue'])})" if helpers else " exclude (issue)"
    selected[0] = f"t.*{drop}"
    joined = (
        f"select {', '.join(selected)}, t.issue as row_issue from (select *{asked} from typed) as t {' '.join(joins)}"
    )
    connection.execute(f"""
        create or replace temp table {part.table} as
        with joined as ({joined})
        select * exclude (row_issue), coalesce({", ".join(_verdicts(part, columns, hashed))}) as issue from joined
    """)
    if columns:
        connection.execute("""
            insert into idents
            select distinct own_kind, value, key, phone_region, phone_type from ident where key is not null
        """)
        for named in columns:
            why = quoted(named.column + "__why")
            connection.execute(
                f"insert into issues select line_number, {literal(part.contract.entity)}, {literal(named.column)}, "
                f"{why} from {part.table} where issue is null and {why} is not null"
            )
        connection.execute("drop table ident")


def _verdicts(part: Part, columns: list[Named], hashed: str) -> list[str]:
    verdicts = ["row_issue"]
    for named in columns:
        why = quoted(named.column + "__why")
        verdicts.append(f"case when {why} = 'precision_lost' then {literal('precision_lost|' + named.column)} end")
    if part.contract.one_of:
        first = part.contract.one_of[0]
        unusable = " and ".join(f"{quoted(name + '__key')} is null" for name in part.contract.one_of)
        verdicts.append(
            f"case when {quoted(first + '__why')} = 'unknown_identifier_kind' "
            f"then 'unknown_identifier_kind|{first}' end"
        )
        verdicts.append(f"case when {unusable} and not {hashed} then 'no_usable_identifier|{first}' end")
    if part.contract.entity in ("contacts", declared.ENTITY):
        keys = [quoted(f"{identifier.column}__key") for identifier in part.contract.identifiers]
        erased = " and ".join(
            f"({key} is null or {key} in (select identifier_key from ledger.tombstones))" for key in keys
        )
        verdicts.append(f"case when coalesce({', '.join(keys)}) is not null and {erased} then '{ERASED}|' end")
    verdicts += [
        f"case when {condition} then {literal(f'{reason}|{column}')} end"
        for condition, reason, column in _CONTRADICTIONS.get(part.contract.entity, ())
    ]
    if part.contract.entity == "suppressions":
        lengths = " ".join(f"when '{name}' then {length}" for name, length in _DIGEST_LENGTHS.items())
        verdicts.append(
            "case when hash is not null and not regexp_full_match(lower(identifier), '[0-9a-f]+') "
            f"or length(identifier) <> case hash {lengths} end then 'not_a_hash|identifier' end"
        )
    return verdicts


def name_forms(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Fill ``name_forms`` (raw, form) with the comparison form of every distinct name of a table of contacts."""
    found = connection.execute(f"""
        select first_name from {table} where issue is null and first_name is not null
        union select last_name from {table} where issue is null and last_name is not null
    """).fetchall()
    raw = [name for (name,) in found]
    forms = [normalise.name(name).value for name in raw]
    connection.register("batch", pa.table({"raw": pa.array(raw, pa.string()), "form": pa.array(forms, pa.string())}))
    connection.execute("create or replace temp table name_forms as select raw, form from batch")
    connection.unregister("batch")


def has_texts(part: Part) -> bool:
    """Whether rows of this part carry free text for the vault."""
    return part.contract.entity in TEXTS
