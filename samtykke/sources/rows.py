"""Check and type the text columns of one entity: what does not hold names its reason and column."""

from __future__ import annotations

from datetime import datetime

from samtykke.sources.columns import Column, Contract, Kind
from samtykke.sources.mapping import Output, Rule, Time
from samtykke.sources.shape import literal, quoted
from samtykke.sources.signals import unfilled_sql
from samtykke.sources.times import DATE, LOOSE, NO_ZONE, STRICT, date_sql, time_sql

_NUMBER = r"[+-]?\d{1,14}(\.\d{1,12})?"
_COMMA_NUMBER = r"[+-]?(\d{1,14}|\d{1,3}(\.\d{3})+)(,\d{1,12})?"
_LANGUAGE = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}"
# What a spreadsheet makes of a long number: its last digits are gone.
PRECISION_LOST = r"[+-]?\d([.,]\d+)?[eE]\+\d{2,}"


def typed_sql(contract: Contract, output: Output, table: str, *, now: datetime, zone: str) -> str:
    """Return the SQL that types a shaped table and names the first issue of each row.

    Args:
        contract: The entity's contract.
        output: The mapping's output, which declares formats.
        table: Name of the shaped table.
        now: The upper bound of times is ten years later.
        zone: The company's time zone.
    """
    inner, outer, checks = (
        ["line_number", "issue as shape_issue", "extra"],
        ["line_number", "extra"],
        ["shape_issue"],
    )
    for column in contract.columns:
        name = quoted(column.name)
        rule = output.columns.get(column.name)
        required = column.required and column.name not in output.optional
        if required and column.kind is not Kind.IDENTIFIER:
            checks.append(_check(f"{name} is null and {unfilled_sql(column)}", "missing_value", column))
        typed = _typed(column, rule, zone)
        inner.append(name)
        if typed is None:
            outer.append(f"coalesce({name}, {literal(column.default)}) as {name}" if column.default else name)
        else:
            inner.append(f"{typed} as {quoted(column.name + '__typed')}")
            outer.append(f"{_default(column)} as {name}")
        checks += _checks(column, rule, now)
    if contract.one_of:
        given = " and ".join(f"{quoted(name)} is null" for name in contract.one_of)
        checks.append(f"case when {given} then 'no_identifier|' end")
    return (
        f"with filled as ({_filled(output, table, now)}), typed as (select {', '.join(inner)} from filled) "
        f"select {', '.join(outer)}, coalesce({', '.join(checks)}) as issue from typed"
    )


def _filled(output: Output, table: str, now: datetime) -> str:
    """The shaped rows, where a time that a mapping lets default to the load carries it."""
    moment = literal(now.isoformat(timespec="microseconds") + "Z")
    late = [name for name, rule in output.columns.items() if rule.time and rule.time.blank == "loaded"]
    replaced = ", ".join(f"coalesce({quoted(name)}, {moment}) as {quoted(name)}" for name in late)
    return f"select *{f' replace ({replaced})' if late else ''} from {table}"


def field_drops(contract: Contract) -> list[str]:
    """Return the descriptive columns whose unusable value is dropped while the row stays."""
    return [c.name for c in contract.columns if c.kind in (Kind.COUNTRY, Kind.LANGUAGE, Kind.CURRENCY)]


def field_drop_sql(column: Column, table: str) -> str:
    """Return the SQL of the rows whose value of a descriptive column is dropped."""
    return (
        f"select line_number, {literal(column.name)} as column_name, {literal('not_a_' + column.kind)} as reason "
        f"from {table} where {quoted(column.name)} is not null and {_typed(column, None, 'UTC')} is null"
    )


def _check(condition: str, reason: str, column: Column) -> str:
    return f"case when {condition} then {literal(f'{reason}|{column.name}')} end"


def _default(column: Column) -> str:
    name = quoted(column.name + "__typed")
    if column.default is None:
        return name
    return f"coalesce({name}, {column.default if column.kind is Kind.BOOLEAN else literal(column.default)})"


def _typed(column: Column, rule: Rule | None, zone: str) -> str | None:
    name = quoted(column.name)
    match column.kind:
        case Kind.TIME:
            return _open_end(column, time_sql(name, _own_time(rule), zone))
        case Kind.DATE:
            return date_sql(name, _own_time(rule))
        case Kind.DECIMAL:
            if rule is not None and rule.decimal == "comma":
                plain = f"replace(replace({name}, '.', ''), ',', '.')"
                number = f"try_cast({plain} as decimal(18, 4))"
                return f"case when regexp_full_match({name}, '{_COMMA_NUMBER}') then {number} end"
            return f"case when regexp_full_match({name}, '{_NUMBER}') then try_cast({name} as decimal(18, 4)) end"
        case Kind.INTEGER:
            return f"case when regexp_full_match({name}, '[+-]?[0-9]{{1,18}}') then try_cast({name} as bigint) end"
        case Kind.BOOLEAN:
            return f"case lower({name}) when 'true' then true when 'false' then false end"
        case Kind.ENUM:
            listed = ", ".join(literal(value) for value in column.values)
            return f"case when lower({name}) in ({listed}) then lower({name}) end"
        case Kind.LIST:
            parts = f"string_split({name}, ';')"
            return f"list_filter(list_transform({parts}, lambda x: trim(x)), lambda x: x <> '')"
        case Kind.COUNTRY:
            return f"case when regexp_full_match({name}, '[A-Za-z]{{2}}') then upper({name}) end"
        case Kind.LANGUAGE:
            return f"case when regexp_full_match({name}, '{_LANGUAGE}') then replace({name}, '_', '-') end"
        case Kind.CURRENCY:
            return f"case when regexp_full_match({name}, '[A-Za-z]{{3}}') then upper({name}) end"
    return None


def _own_time(rule: Rule | None) -> Time | None:
    """How the shaped text is written: a rule that adds seconds has made it ISO 8601 already."""
    return rule.time if rule and not (rule.time and rule.time.plus_seconds) else None


def _open_end(column: Column, sql: str) -> str:
    return f"case when left({quoted(column.name)}, 4) <> '9999' then {sql} end" if column.open_end else sql


def _checks(column: Column, rule: Rule | None, now: datetime) -> list[str]:
    name, typed = quoted(column.name), quoted(column.name + "__typed")
    bad = f"{name} is not null and {typed} is null"
    match column.kind:
        case Kind.TIME | Kind.DATE:
            if column.open_end:
                bad = f"{bad} and left({name}, 4) <> '9999'"
            reason = f"case when regexp_full_match({name}, '{STRICT}|{LOOSE}') then 'impossible_time' "
            if column.kind is Kind.DATE:
                reason = f"case when regexp_full_match({name}, '{DATE}') then 'impossible_date' "
            elif rule is None or rule.time is None:
                reason += f"when regexp_full_match({name}, '{NO_ZONE}') then 'missing_zone' "
            reason += f"else 'unreadable_{column.kind}' end || {literal('|' + column.name)}"
            latest = literal(now.replace(tzinfo=None, year=now.year + 10, day=1).isoformat(" "))
            return [
                f"case when {bad} then {reason} end",
                _check(f"{typed} < '1900-01-01' or {typed} > {latest}", f"{column.kind}_out_of_range", column),
            ]
        case Kind.DECIMAL | Kind.INTEGER:
            return [_check(bad, "unreadable_number", column)]
        case Kind.BOOLEAN | Kind.ENUM:
            return [_check(bad, "unknown_value", column)]
        case Kind.LIST:
            return [_check(f"{typed} = []", "missing_value", column)] if column.required else []
        case Kind.TOKEN if column.name.endswith("_id"):
            return [_precision(name, column)]
        case Kind.IDENTIFIER:
            return [_precision(name, column)]
    return []


def _precision(name: str, column: Column) -> str:
    return _check(f"regexp_full_match({name}, '{PRECISION_LOST}')", "precision_lost", column)
