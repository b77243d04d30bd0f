"""Turn the identifiers of a batch into normal forms and keys, each distinct raw value once."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from email_validator import SPECIAL_USE_DOMAIN_NAMES

from samtykke import normalise
from samtykke.sources.columns import Contract, Identifier
from samtykke.sources.mapping import Output
from samtykke.sources.phones import CALLING_CODES, number_facts
from samtykke.sources.rows import PRECISION_LOST
from samtykke.sources.shape import literal, quoted

# Ids of machines and systems: kept as they are when they are plain signs, else looked at in Python.
_PLAIN_KINDS = ("crm_id", "shop_customer_id", "cookie")
_PLAIN = r"[!-~]([ -~]*[!-~])?"
_LONGEST = 2048
NO_REGION = "''"
_PLAIN_EMAIL = r"[a-z0-9_+-]+([.][a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*[.])+[a-z]{2,18}"
_BATCH = 50_000
# From so many numbers of one calling code on, SQL is faster than parsing them one by one.
_ENOUGH = 500
_PRECISION = re.compile(PRECISION_LOST)
_ADVERTISING_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("kind", "raw", "region", "own_kind", "value", "reason", "phone_region", "phone_type")
    ]
)


@dataclass(frozen=True)
class Named:
    """An identifier column of one output, as SQL.

    Attributes:
        column: The column of the contract.
        kind: SQL of the identifier kind.
        region: SQL of the phone region, ``NO_REGION`` where none applies.
        is_one_kind: The kind is the same in every row.
    """

    column: str
    kind: str
    region: str
    is_one_kind: bool


def named_columns(contract: Contract, output: Output, country: str) -> list[Named]:
    """Return the identifier columns that the output fills.

    Args:
        contract: The entity's contract.
        output: The mapping's output, which may give a column another kind.
        country: The company's country: region of national phone numbers whose row names none.
    """
    return [
        Named(
            i.column,
            _kind_sql(i, contract, output),
            _region_sql(i, contract, output, country),
            is_one_kind=i.kind_column is None and i.scope is None,
        )
        for i in contract.identifiers
        if i.column in output.columns
    ]


def _kind_sql(identifier: Identifier, contract: Contract, output: Output) -> str:
    if identifier.kind_column:
        return f"lower({quoted(identifier.kind_column)})"
    if identifier.scope:
        # A nickname is one per site; without a site it is one per source.
        scopes = [quoted(identifier.scope)] + (["source"] if identifier.kind == "nickname" else [])
        return f"{literal(identifier.kind + ':')} || lower(trim(coalesce({', '.join(scopes)})))"
    return literal(output.kinds.get(identifier.column, identifier.kind or ""))


def _region_sql(identifier: Identifier, contract: Contract, output: Output, country: str) -> str:
    if identifier.kind != "phone" and not identifier.kind_column:
        return NO_REGION
    region = literal(country)
    if identifier.region and identifier.region in output.columns:
        region = f"coalesce({quoted(identifier.region)}, {region})"
    elif identifier.kind_column and "country" in contract.names:
        region = f"coalesce(country, {region})"
    national = f"case when {quoted(identifier.column)} like '+%' then '' else {region} end"
    if identifier.kind_column:
        return f"case when lower({quoted(identifier.kind_column)}) = 'phone' then {national} else '' end"
    return national


def collect(connection: duckdb.DuckDBPyConnection, table: str, columns: list[Named], *, where: str = "true") -> None:
    """Fill ``ident`` with the outcome of every distinct raw identifier of a table, keys included.

    Afterwards ``ident`` holds: kind, raw, region (as asked), own_kind, value, reason, phone_region, phone_type, key.
    """
    asked = " union all ".join(
        f"select {n.kind} as kind, {quoted(n.column)} as raw, {n.region} as region from {table} "
        f"where {quoted(n.column)} is not null and ({where})"
        for n in columns
    )
    connection.execute(f"create or replace temp table asked as select distinct * from ({asked})")
    plain = ", ".join(literal(kind) for kind in _PLAIN_KINDS)
    is_plain = (
        f"(a.kind in ({plain}) and length(a.raw) <= {_LONGEST} and regexp_full_match(a.raw, '{_PLAIN}') "
        f"and not regexp_full_match(a.raw, '{PRECISION_LOST}')) or (a.kind = 'email' and {plain_email_sql('a.raw')})"
    )
    # What is in the vault is in its normal form; a number that was parsed once is not parsed again, which is the
    # slowest step of a load.
    connection.execute(f"""
        create or replace temp table outcome as
        select a.kind, a.raw, a.region, a.kind as own_kind, a.raw as value, null::varchar as reason,
            null::varchar as phone_region, null::varchar as phone_type
        from asked as a where {is_plain}
        union all
        select a.kind, a.raw, a.region, a.kind, a.raw, null, k.phone_region, k.phone_type
        from asked as a
        inner join vault.identifiers as v on a.kind = v.identifier_kind and a.raw = v.value
        inner join raw.identifiers as k on v.identifier_key = k.identifier_key
        where not ({is_plain})
    """)
    _add_plain_numbers(connection)
    rest = connection.execute("""
        select a.kind, a.raw, a.region from asked as a
        anti join outcome as o on a.kind = o.kind and a.raw = o.raw and a.region = o.region
    """)
    batches = []
    while rows := rest.fetchmany(_BATCH):
        outcomes = [_outcome(kind, raw, region) for kind, raw, region in rows]
        batches.append(pa.table(dict(zip(_SCHEMA.names, map(list, zip(*outcomes, strict=True)), strict=True)), _SCHEMA))
    if batches:
        connection.register("outcome_batch", pa.concat_tables(batches))
        connection.execute("insert into outcome select * from outcome_batch")
        connection.unregister("outcome_batch")
    connection.execute("""
        create or replace temp table ident as
        select *, identifier_key(own_kind, value) as key from outcome
    """)
    connection.execute("drop table asked; drop table outcome")


def _add_plain_numbers(connection: duckdb.DuckDBPyConnection) -> None:
    """Judge numbers in E.164 in SQL, one calling code after the other, where there are enough of them to gain by it."""
    prefixes = " ".join(f"when starts_with(raw, '+{code}') then {code}" for code in CALLING_CODES)
    connection.execute(f"""
        create or replace temp table numbers as
        select raw, region, case {prefixes} end as code from asked as a
        where kind = 'phone' and regexp_full_match(raw, '[+][1-9][0-9]{{6,14}}')
            and not exists (select 1 from outcome as o where o.kind = 'phone' and o.raw = a.raw and o.region = a.region)
    """)
    enough = connection.execute(
        "select code from numbers where code is not null group by code having count(*) >= $1 order by code", [_ENOUGH]
    ).fetchall()
    for (code,) in enough:
        connection.execute(f"""
            insert into outcome
            select 'phone', raw, region, 'phone', raw, null, split_part(facts, '|', 1), split_part(facts, '|', 2)
            from (select raw, region, {number_facts(code, "raw")} as facts from numbers where code = {code})
            where facts is not null
        """)
    connection.execute("drop table numbers")


def plain_email_sql(value: str) -> str:
    """Return the SQL that is true of addresses that are certainly in normal form: plain ASCII in lower case.

    A subset of what ``normalise.email`` accepts as it is; tests hold the two against each other.
    """
    endings = ", ".join(sorted({literal(name.rsplit(".", 1)[-1]) for name in SPECIAL_USE_DOMAIN_NAMES}))
    return (
        f"(regexp_full_match({value}, '{_PLAIN_EMAIL}') and length({value}) <= 128 "
        f"and strpos({value}, '@') <= 65 and regexp_extract({value}, '[a-z]+$') not in ({endings}))"
    )


def normal_form(kind: str, raw: str, region: str) -> tuple[str, str | None, str | None]:
    """Return the kind, the normal form and the reason why there is none, as the loader finds them.

    Args:
        kind: For example ``email``, ``phone``, ``handle:instagram``, ``nickname:<site>``, ``crm_id``.
        raw: The identifier as somebody wrote it.
        region: Of a national phone number, alpha-2.
    """
    _, _, _, own_kind, value, reason, *_ = _outcome(kind, raw, region)
    return own_kind or kind, value, reason


def _outcome(kind: str | None, raw: str, region: str) -> tuple[str | None, ...]:
    base, _, scope = (kind or "").partition(":")
    own_kind, facts = kind, None
    match base:
        case "email" if not scope:
            value, reason = normalise.email(raw)
        case "phone" if not scope:
            value, reason = normalise.phone(raw, region or None)
            facts = normalise.phone_facts(value) if value else None
        case "handle" if scope:
            value, reason = normalise.handle(raw, scope)
            own_kind = f"handle:{normalise.platform_name(scope)}"
        case "nickname" if scope:
            value, reason = normalise.nickname(raw)
        case "mobile_ad_id" if not scope:
            value, reason = _advertising_id(raw)
        case _ if kind in _PLAIN_KINDS:
            value, reason = _system_id(raw)
        case _:
            value, reason = None, "unknown_identifier_kind"
    return (
        kind,
        raw,
        region,
        own_kind,
        value,
        reason,
        facts.region if facts else None,
        facts.type if facts else None,
    )


def _system_id(raw: str) -> tuple[str | None, str | None]:
    text = raw.strip()
    if not text:
        return None, "empty"
    if _PRECISION.fullmatch(text):
        return None, "precision_lost"
    if len(text) > _LONGEST:
        return None, "too_long"
    if any(ord(sign) < 32 for sign in text):
        return None, "control_character"
    return text, None


def _advertising_id(raw: str) -> tuple[str | None, str | None]:
    text = raw.strip().lower()
    if not _ADVERTISING_ID.fullmatch(text):
        return None, "not_a_uuid"
    # The zeros that a phone sends when its owner opted out are nobody's id.
    return (None, "opted_out") if not text.strip("0-") else (text, None)


def blocked_sql(project: Path) -> tuple[str, str]:
    """Return the SQL of a blocked identifier's reason over (identifier_kind, value), and the digest of the rules.

    The rules are ``seeds/identity_blocked.csv``: identifier_kind, pattern (on the normal form), reason. A kind
    without scope covers its scoped kinds; ``any`` covers all.
    """
    file = project / "seeds" / "identity_blocked.csv"
    if not file.is_file():
        return "null::varchar", "none"
    text = file.read_text("utf-8-sig")
    branches = []
    for row in csv.DictReader(text.splitlines()):
        kind = row["identifier_kind"].strip()
        of_kind = "true" if kind == "any" else f"split_part(identifier_kind, ':', 1) = {literal(kind)}"
        branches.append(
            f"when {of_kind} and regexp_matches(value, {literal(row['pattern'])}) then {literal(row['reason'])}"
        )
    sql = f"case {' '.join(branches)} end" if branches else "null::varchar"
    return sql, hashlib.sha256(text.encode()).hexdigest()
