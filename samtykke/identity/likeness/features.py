"""What two records are compared by: levels of agreement per column, and who is compared with whom at all.

A comparison's levels go from equal to different; the first that holds counts. None depends on how often a value occurs
elsewhere: then the weight of two records would change with every record that arrives, and the order of arrival with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from splink import SettingsCreator

Levels = tuple[tuple[str, str], ...]
# Winkler's similarity of one value mistyped, and of two values that only resemble each other.
_ALIKE, _SIMILAR = 0.9, 0.8
_OTHER_WAY_ROUND = "{0}_l[1:4] = {0}_r[1:4] and {0}_l[6:7] = {0}_r[9:10] and {0}_l[9:10] = {0}_r[6:7]"
_LOCAL = "split_part({0}, '@', 1)"


def _alike(column: str, similarity: float = _ALIKE) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {similarity}"


def _given(column: str) -> Levels:
    return (
        ("equal", f"{column}_l = {column}_r"),
        ("swapped", f"{column}_l = surname_r or surname_l = {column}_r"),
        ("variant", f"list_has_any({column}_roots_l, {column}_roots_r)"),
        ("alike", _alike(column)),
        (
            "similar",
            f"{_alike(column, _SIMILAR)} or starts_with({column}_l, {column}_r) or starts_with({column}_r, {column}_l)",
        ),
    )


def _surname(column: str) -> Levels:
    return (
        ("equal", f"{column}_l = {column}_r"),
        ("alike", _alike(column)),
        ("similar", _alike(column, _SIMILAR)),
    )


def _date(column: str) -> Levels:
    """Of dates as ISO text."""
    typed = f"damerau_levenshtein({column}_l, {column}_r)"
    return (
        ("equal", f"{column}_l = {column}_r"),
        ("mistyped", f"{typed} <= 1 or ({_OTHER_WAY_ROUND.format(column)})"),
        ("similar", f"{typed} <= 2"),
        ("partly equal", f"{column}_l[1:4] = {column}_r[1:4] or {column}_l[6:] = {column}_r[6:]"),
    )


def _text(column: str) -> Levels:
    return (
        ("equal", f"{column}_l = {column}_r"),
        ("alike", _alike(column)),
        ("similar", _alike(column, _SIMILAR)),
    )


def _code(column: str) -> Levels:
    return (
        ("equal", f"{column}_l = {column}_r"),
        ("mistyped", f"damerau_levenshtein({column}_l, {column}_r) <= 1"),
        ("beginning alike", f"{column}_l[1:3] = {column}_r[1:3]"),
    )


def _email(column: str) -> Levels:
    left, right = _LOCAL.format(f"{column}_l"), _LOCAL.format(f"{column}_r")
    return (
        ("equal", f"{column}_l = {column}_r"),
        ("same before @", f"{left} = {right}"),
        ("alike", f"jaro_winkler_similarity({column}_l, {column}_r) >= 0.93"),
        ("alike before @", f"jaro_winkler_similarity({left}, {right}) >= 0.88"),
    )


def _number(column: str) -> Levels:
    typed = f"damerau_levenshtein({column}_l, {column}_r)"
    return (("equal", f"{column}_l = {column}_r"), ("mistyped", f"{typed} <= 1"), ("similar", f"{typed} <= 2"))


def _word(column: str) -> Levels:
    return (("equal", f"{column}_l = {column}_r"),)


# By column. Contacts have the first eight; only public sets of records have the others (bench/identity_sets.py).
COMPARISONS: Mapping[str, Callable[[str], Levels]] = {
    "given": _given,
    "surname": _surname,
    "born": _date,
    "street": _text,
    "postal_code": _code,
    "city": _text,
    "email": _email,
    "phone": _number,
    "number": _number,
    "middle": _word,
    "place": _text,
    "occupation": _word,
}
CONTACT_COLUMNS = ("given", "surname", "born", "street", "postal_code", "city", "email", "phone")
# What says who somebody is among people of one name; a name by itself says it of nobody.
NAMES = ("given", "surname", "middle")

_START = "substr({0}, 1, {1})"
_SURNAME_4, _GIVEN_3, _YEAR = _START.format("surname", 4), _START.format("given", 3), _START.format("born", 4)
# Two records are compared if one of these is equal: rare enough that a million contacts stay some million pairs.
BLOCKS = (
    ("number",),
    ("email",),
    ("phone",),
    (_LOCAL.format("email"),),
    ("surname", "born"),
    ("given", "born"),
    ("born", "postal_code"),
    ("born", "street"),
    ("postal_code", "given", _SURNAME_4),
    ("postal_code", "surname", _GIVEN_3),
    ("street", "given"),
    ("street", "surname", _START.format("given", 1)),
    (_START.format("given", 2), _START.format("surname", 2), "born"),
    ("given", "surname", _YEAR),
)
# For some ten thousand records also these, which compare more: who is found is then not limited by who is compared.
WIDE_BLOCKS = (
    *BLOCKS,
    ("given", "surname"),
    ("born",),
    ("postal_code",),
    ("born", "city"),
    ("street", "surname"),
    ("surname", "city"),
    ("given", "city"),
    ("given", _YEAR),
    ("surname", _YEAR),
    (_GIVEN_3, _SURNAME_4),
    (_START.format("given", 2), _START.format("surname", 2), _YEAR),
    (_START.format("postal_code", 3), _START.format("surname", 3), _START.format("given", 1)),
)


def known(columns: Sequence[str]) -> list[str]:
    """Return those of the columns that there is a comparison for, in its order."""
    return [column for column in COMPARISONS if column in columns]


def settings(columns: Sequence[str], blocks: Sequence[Sequence[str]] = BLOCKS) -> SettingsCreator:
    """Return Splink's settings for records of these columns.

    Args:
        columns: Names of ``COMPARISONS``; ``given`` comes with a list ``given_roots``.
        blocks: Who is compared; those that name another column are left out.
    """
    from splink import SettingsCreator, block_on

    names = known(columns)
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(column, names) for column in names],
        blocking_rules_to_generate_predictions=[block_on(*block) for block in usable(blocks, names)],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )


def usable(blocks: Sequence[Sequence[str]], names: Sequence[str]) -> list[Sequence[str]]:
    """Return the blocks all of whose columns are there."""
    return [block for block in blocks if all(_column_of(part) in names for part in block)]


def _column_of(part: str) -> str:
    return part.partition("(")[2].partition(",")[0] or part


def _nothing_said(column: str, missing: set[str]) -> str:
    """Names that changed places count once, as given names: the surname says nothing more."""
    silent = f"{column}_l is null or {column}_r is null"
    if column == "surname" and not missing:
        silent += f" or ({column}_l <> {column}_r and (given_l = {column}_r or {column}_l = given_r))"
    return silent


def _comparison(column: str, names: Sequence[str]) -> object:
    from splink import comparison_level_library as level
    from splink import comparison_library as library

    missing = {name for name in ("given", "surname") if name not in names}
    levels = [(label, sql) for label, sql in COMPARISONS[column](column) if label != "swapped" or not missing]
    return library.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.CustomLevel(_nothing_said(column, missing), "not stated").configure(is_null_level=True),
            *(level.CustomLevel(sql, label) for label, sql in levels),
            level.ElseLevel().configure(label_for_charts="different"),
        ],
    )
