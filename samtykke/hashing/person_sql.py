"""The normal forms of names, dates and places as DuckDB macros: the counterpart of ``person_forms``.

They answer for text of everyday letters, in which lower case and Unicode normal form change nothing but what both sides
change alike: Latin, Greek without sigma (its lower case depends on the place), Cyrillic, Han, kana and Hangul. For
everything else they give NULL, and ``person_forms`` is asked.
"""

from __future__ import annotations

import phonenumbers

from samtykke.hashing.person_forms import GENDER_OF, SUFFIXES, TITLES, us_states

_LETTERS = (
    r" -~\x{C0}-\x{12F}\x{131}-\x{17F}"
    r"\x{391}-\x{3A1}\x{3A4}-\x{3C1}\x{3C4}-\x{3C9}\x{401}\x{410}-\x{44F}\x{451}"
    r"\x{3041}-\x{3094}\x{30A1}-\x{30FA}\x{30FC}\x{4E00}-\x{9FA5}\x{AC00}-\x{D7A3}"
)
# More than digests: what may hold one is asked of the full rules.
_DIGEST = r"[0-9A-Fa-f]{32}|[A-Za-z0-9+/_-]{22}=|[A-Za-z0-9+/_-]{43}"
_WORD = r"[^\p{L}\p{M}\p{N}]"


def _list(words: object) -> str:
    return "[" + ", ".join(f"'{word}'" for word in sorted(words)) + "]"


def _map(pairs: dict[str, str]) -> str:
    return f"map({_list(pairs)}, [{', '.join(repr(pairs[word]) for word in sorted(pairs))}])"


def _alternatives(words: object) -> str:
    return "|".join(sorted(words))


def macros() -> tuple[tuple[str, str], ...]:
    """Return signature and body of every macro, in the order in which they build on one another."""
    return (
        ("everyday(v)", rf"case when regexp_full_match(v, '[{_LETTERS}]{{1,100}}') then nullif(trim(v), '') end"),
        (
            "everyday_text(v)",
            rf"case when not regexp_matches(v, '{_DIGEST}') then regexp_replace(everyday(v), ' +', ' ', 'g') end",
        ),
        ("everyday_name(v)", r"case when regexp_matches(v, '\p{L}') then everyday_text(v) end"),
        ("words_joined(v)", rf"nullif(regexp_replace(lower(v), '{_WORD}', '', 'g'), '')"),
        ("form_name_joined(v)", "words_joined(everyday_name(v))"),
        (
            "without_titles(v)",
            rf"regexp_replace(v, '^(?:(?:{_alternatives(TITLES)})\.* )+', '')",
        ),
        (
            "without_suffixes(v)",
            rf"regexp_replace(v, '(?: (?:{_alternatives(SUFFIXES)})\.*)+$', '')",
        ),
        ("trimmed_name(v)", r"case when regexp_matches(v, '\p{L}') then regexp_replace(v, ',+$', '') end"),
        ("form_name_untitled(v)", "trimmed_name(without_suffixes(without_titles(lower(everyday_name(v)))))"),
        ("form_name_35(v)", "case when length(everyday_name(v)) <= 35 then everyday_name(v) end"),
        ("form_initial(v)", "left(form_name_joined(v), 1)"),
        ("form_gender(v)", f"{_map(GENDER_OF)}[lower(everyday_text(v))]"),
        (
            "calendar_day(y, m, d)",
            "case when y::integer >= 1900 then strftime(try_cast(y || '-' || lpad(m, 2, '0') || '-' || "
            "lpad(d, 2, '0') as date), '%Y%m%d') end",
        ),
        (
            "day_of_parts(a, b, y, dotted)",
            "case when dotted or a::integer > 12 then calendar_day(y, b, a) "
            "when b::integer > 12 or a::integer = b::integer then calendar_day(y, a, b) end",
        ),
        (
            "form_date(v)",
            r"""case
                when regexp_full_match(left(trim(v), 10), '[0-9]{4}-?[0-9]{2}-?[0-9]{2}') and v = everyday(v)
                    then calendar_day(left(v, 4), regexp_extract(v, '^[0-9]{4}-?([0-9]{2})', 1),
                        regexp_extract(v, '^[0-9]{4}-?[0-9]{2}-?([0-9]{2})', 1))
                when regexp_full_match(v, '[0-9]{1,2}(\.[0-9]{1,2}\.|/[0-9]{1,2}/|-[0-9]{1,2}-)[0-9]{4}')
                    then day_of_parts(regexp_extract(v, '^[0-9]+'), regexp_extract(v, '^[0-9]+.([0-9]+)', 1),
                        right(v, 4), contains(v, '.'))
            end""",
        ),
        ("form_year(v)", "case when regexp_full_match(v, '(19|20)[0-9]{2}') then v else left(form_date(v), 4) end"),
        (
            "form_month(v)",
            "case when regexp_full_match(v, '0?[1-9]|1[0-2]') then lpad(v, 2, '0') else form_date(v)[5:6] end",
        ),
        (
            "form_day(v)",
            "case when regexp_full_match(v, '0?[1-9]|[12][0-9]|3[01]') then lpad(v, 2, '0') else form_date(v)[7:8] end",
        ),
        ("form_city_ascii(v)", "nullif(regexp_replace(lower(everyday_text(v)), '[^a-z]', '', 'g'), '')"),
        ("is_american(r)", "upper(coalesce(nullif(r, ''), 'US')) = 'US'"),
        (
            "form_state(v, r)",
            f"coalesce(case when is_american(r) then {_map(us_states())}[words_joined(everyday_text(v))] end, "
            "words_joined(everyday_text(v)))",
        ),
        ("closed_up(v)", r"case when regexp_matches(v, '[\p{L}\p{N}]') then replace(lower(v), ' ', '') end"),
        (
            "form_zip_lower(v, r)",
            "case when is_american(r) and regexp_full_match(closed_up(everyday_text(v)), '[0-9]{5}-?[0-9]{4}') "
            "then left(closed_up(everyday_text(v)), 5) else closed_up(everyday_text(v)) end",
        ),
        (
            "form_country_upper(v)",
            "case when regexp_full_match(trim(v), '[A-Za-z]{2}') "
            f"and list_contains({_list(phonenumbers.SUPPORTED_REGIONS)}, upper(trim(v))) then upper(trim(v)) end",
        ),
        ("form_country_lower(v)", "lower(form_country_upper(v))"),
        ("form_text(v)", "everyday(v)"),
        ("form_handle_x(v)", "case when regexp_full_match(v, '@?[A-Za-z0-9_]{1,15}') then lower(ltrim(v, '@')) end"),
    )


# Forms that read the country of the value as well.
WITH_REGION = frozenset({"state", "zip_lower"})
