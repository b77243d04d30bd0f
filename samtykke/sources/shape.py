"""Compile a mapping into SQL: from a file's own columns, all text, to a contract's columns, still text."""

from __future__ import annotations

from dataclasses import dataclass

from samtykke.sources.columns import Column, Kind
from samtykke.sources.contracts import ENTITIES
from samtykke.sources.mapping import Condition, Mapping, Output, Rule
from samtykke.sources.times import literal, time_sql

# Spaces that files put around values; DuckDB's trim() leaves tab, CR and LF.
SPACES = " \\t\\r\\n\u00a0\ufeff"


def quoted(name: str) -> str:
    """Return a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Source:
    """The columns of the landed table.

    Attributes:
        headers: Header → column name, the first of repeated ones.
        nulls: Texts that mean nothing is there.
        zone: The company's time zone.
    """

    headers: dict[str, str]
    nulls: tuple[str, ...] = ()
    zone: str = "UTC"

    def text(self, header: str, *, trimmed: bool = True) -> str | None:
        """Return the SQL of a column's value, blank as null; None when the file does not have it."""
        column = self.headers.get(header)
        if column is None:
            return None
        value = f"nullif({_trim(column)}, '')" if trimmed else f"nullif({column}, '')"
        if self.nulls:
            listed = ", ".join(literal(text) for text in self.nulls)
            value = f"case when {_trim(column)} not in ({listed}) then {value} end"
        return value

    def first_of(self, headers: tuple[str, ...], *, trimmed: bool = True) -> str:
        """Return the SQL of the first filled of several columns."""
        found = [value for header in headers if (value := self.text(header, trimmed=trimmed)) is not None]
        if not found:
            return "null::varchar"
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def compile_output(output: Output, mapping: Mapping, source: Source, *, is_main: bool) -> str:
    """Return the SQL that turns table ``landed`` into one output's rows.

    It selects line_number, the contract's columns as text, issue (``reason|column``) and extra.

    Args:
        output: What to make.
        mapping: The mapping it belongs to.
        source: The file's columns.
        is_main: Records that the output's condition leaves out are kept with an issue instead of dropped.
    """
    contract = ENTITIES[output.entity]
    selected, issues = ["line_number"], []
    for column in contract.columns:
        rule = output.columns.get(column.name)
        if rule is None:
            selected.append(f"null::varchar as {quoted(column.name)}")
            continue
        value = _value(rule, source, column)
        adds = rule.time is not None and rule.time.plus_seconds is not None
        sql = _iso_text(value.sql, rule, source) if adds else value.sql
        selected.append(f"{sql} as {quoted(column.name)}")
        if value.unmapped:
            issues.append(f"case when {value.unmapped} then {literal(f'unmapped_value|{column.name}')} end")
    where = " and ".join(condition_sql(condition, source) for condition in output.where) or "true"
    if is_main and output.where:
        issues.insert(0, f"case when not ({where}) then {literal(output.otherwise + '|')} end")
    selected.append(f"coalesce({', '.join([*issues, 'null::varchar'])}) as issue")
    selected.append(f"{_extra(output, source)} as extra")
    sql = f"select {', '.join(selected)} from landed" + ("" if is_main else f" where {where}")
    return _one_per(sql, output, source) if output.one_per else sql


def _one_per(sql: str, output: Output, source: Source) -> str:
    keys = [source.first_of((header,)) for header in output.one_per or ()]
    grouped = ", ".join(f"{key} as group_{index}" for index, key in enumerate(keys))
    contract = ENTITIES[output.entity]
    firsts = ", ".join(
        f"arg_min(s.{quoted(name)}, s.line_number) as {quoted(name)}" for name in (*contract.names, "issue", "extra")
    )
    present = " and ".join(f"group_{index} is not null" for index in range(len(keys)))
    by = ", ".join(f"group_{index}" for index in range(len(keys)))
    return (
        f"with shaped as ({sql}), grouped as (select line_number, {grouped} from landed) "
        f"select min(s.line_number) as line_number, {firsts} "
        f"from shaped as s inner join grouped as g on s.line_number = g.line_number where {present} group by {by}"
    )


@dataclass(frozen=True)
class _Value:
    sql: str
    unmapped: str | None = None


def _value(rule: Rule, source: Source, column: Column | None) -> _Value:
    trimmed = column is None or column.kind is not Kind.TEXT
    sql, unmapped = _source(rule, source, column, trimmed), None
    if rule.strip:
        sql = f"nullif({_trim(sql, rule.strip)}, '')"
    if rule.pattern:
        sql = f"nullif(regexp_extract({sql}, {literal(rule.pattern)}, 1), '')"
    if rule.whole:
        sql = f"regexp_replace({sql}, '^(-?[0-9]+)[.,]0+$', '\\1')"
    if rule.values is not None:
        raw = sql
        branches = " ".join(
            f"when {literal(word.lower())} then {'null' if ours is None else literal(ours)}"
            for word, ours in rule.values.items()
        )
        rest = raw if rule.otherwise == "keep" else "null"
        sql = f"case lower({raw}) {branches} else {rest} end"
        if rule.otherwise == "quarantine":
            listed = ", ".join(literal(word.lower()) for word in rule.values)
            unmapped = f"lower({raw}) not in ({listed})"
    if rule.country_names:
        sql = f"coalesce((select code from country_names as n where n.name = lower({sql})), {sql})"
    if rule.separator:
        json = f"replace(translate({sql}, '[]\"', ''), ',', ';')"
        sql = f"if({sql} like '[%]', {json}, replace({sql}, {literal(rule.separator)}, ';'))"
    if rule.prefix:
        sql = f"{literal(rule.prefix)} || {sql}"
    return _Value(sql, unmapped)


def _source(rule: Rule, source: Source, column: Column | None, trimmed: bool) -> str:
    if rule.const is not None:
        return literal(rule.const)
    if rule.join is not None:
        parts = [_operand(part, source) for part in rule.join]
        filled = " and ".join(f"{part} is null" for part in parts if not part.startswith("'"))
        return f"case when not ({filled or 'false'}) then concat_ws({literal(rule.sep)}, {', '.join(parts)}) end"
    if rule.cases is not None:
        branches = []
        for case in rule.cases:
            holds = " and ".join(condition_sql(condition, source) for condition in case.when)
            branches.append(f"when {holds} then {_then(case.then, source)}")
        return f"case {' '.join(branches)} end"
    if rule.ordinal is not None:
        keys = ", ".join(source.first_of((header,)) for header in rule.ordinal)
        return f"(row_number() over (partition by {keys} order by line_number))::varchar"
    return source.first_of(rule.first_of or (), trimmed=trimmed)


def _nested(rule: Rule, source: Source) -> str:
    """The value of a rule inside another; a time in it becomes ISO 8601, since the outer rule knows no format."""
    sql = _value(rule, source, None).sql
    return _iso_text(sql, rule, source) if rule.time else sql


def _iso_text(sql: str, rule: Rule, source: Source) -> str:
    moment = time_sql(sql, rule.time, source.zone)
    if rule.time and rule.time.plus_seconds:
        moment = moment.replace("{plus_seconds}", source.first_of((rule.time.plus_seconds,)))
    return f"coalesce(strftime({moment}, '%Y-%m-%dT%H:%M:%S.%fZ'), {sql})"


def _operand(part: Rule | str, source: Source) -> str:
    if isinstance(part, Rule):
        return _nested(part, source)
    return literal(part[1:]) if part.startswith("=") else source.first_of((part,))


def _then(then: Rule | str | None, source: Source) -> str:
    if then is None:
        return "null"
    return _nested(then, source) if isinstance(then, Rule) else literal(then)


def condition_sql(condition: Condition, source: Source) -> str:
    """Return the SQL of a condition; a value that is not there makes it false unless ``filled: false`` asks for it."""
    value = source.first_of(condition.column)
    tests = []
    if condition.filled is not None:
        tests.append(f"({value}) is {'not ' if condition.filled else ''}null")
    if condition.among is not None:
        listed = ", ".join(literal(word.lower()) for word in condition.among)
        tests.append(f"coalesce(lower({value}) in ({listed}), false)")
    if condition.not_among is not None:
        listed = ", ".join(literal(word.lower()) for word in condition.not_among)
        tests.append(f"coalesce(lower({value}) not in ({listed}), true)")
    if condition.matches is not None:
        tests.append(f"coalesce(regexp_matches({value}, {literal(condition.matches)}), false)")
    if condition.not_matches is not None:
        tests.append(f"coalesce(not regexp_matches({value}, {literal(condition.not_matches)}), true)")
    if condition.at_most is not None:
        tests.append(f"coalesce(try_cast({value} as double) <= {condition.at_most}, false)")
    if condition.more_than is not None:
        tests.append(f"coalesce(try_cast({value} as double) > {condition.more_than}, false)")
    return f"({' and '.join(tests) or 'true'})"


def _extra(output: Output, source: Source) -> str:
    if not output.extra:
        return "null::varchar"
    pairs = ", ".join(f"{literal(name)}, {_value(rule, source, None).sql}" for name, rule in output.extra.items())
    return f"json_object({pairs})::varchar"


def unknown_headers(mapping: Mapping, source: Source) -> list[str]:
    """Return the headers that nothing reads, in the file's order."""
    known = mapping.headers
    return [header for header in source.headers if header not in known]


def unknown_json(headers: list[str], source: Source) -> str:
    """Return the SQL of those headers' filled values as JSON, null when none is filled."""
    entries = ", ".join(f"{{'k': {literal(h)}, 'v': {source.text(h, trimmed=False)}}}" for h in headers)
    filled = f"list_filter([{entries}], lambda e: e.v is not null)"
    return f"case when len({filled}) > 0 then to_json(map_from_entries({filled}))::varchar end"


def record_json(source: Source) -> str:
    """Return the SQL of a whole landed record as JSON."""
    pairs = ", ".join(f"{literal(header)}, {column}" for header, column in source.headers.items())
    return f"json_object({pairs})::varchar"


def _trim(sql: str, signs: str = "") -> str:
    characters = f"e'{SPACES}'" if not signs else f"e'{SPACES}' || {literal(signs)}"
    return f"trim({sql}, {characters})"
