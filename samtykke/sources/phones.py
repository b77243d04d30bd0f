"""Telephone numbers already in E.164, judged in SQL by libphonenumber's own metadata.

Parsing a number in Python takes about 60 µs, so a million new customers take a minute. What this SQL accepts is
exactly what ``normalise.phone`` and ``normalise.phone_facts`` say of the same text (a property test holds the two
together); what it does not accept goes to them.
"""

from __future__ import annotations

from functools import lru_cache

from samtykke.sources.times import literal

# Calling codes of the European Economic Area, Switzerland and the United Kingdom.
CALLING_CODES = (
    30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49,
    351, 352, 353, 354, 356, 357, 358, 359, 370, 371, 372, 385, 386, 420, 421, 423,
)  # fmt: skip
# The order in which libphonenumber tries them; fixed line and mobile come last, together.
_OTHER = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip


@lru_cache(maxsize=len(CALLING_CODES))
def number_facts(code: int, e164: str) -> str:
    """Return the SQL of ``region|type`` of an E.164 number of one calling code, null where it is not certain.

    Args:
        code: One of ``CALLING_CODES``; the text must start with it.
        e164: SQL of the text.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    national = f"substr({e164}, {len(str(code)) + 2})"
    branches = []
    for index, region in enumerate(COUNTRY_CODE_TO_REGION_CODE[code]):
        metadata = PhoneMetadata.metadata_for_region(region, None)
        if index == 0 and metadata.national_prefix_for_parsing:
            # A number that begins like one with a national prefix may lose it: parsed the slow way.
            prefix = metadata.national_prefix_for_parsing
            branches.append(f"when regexp_matches({national}, {literal(f'^(?:{prefix})')}) then null")
        branches += _region(region, metadata, national)
    return f"case {' '.join(branches)} end"


def _region(region: str, metadata: object, national: str) -> list[str]:
    """Branches of one country: numbers of a calling code that several share are told apart by their first digits."""
    here = _matches(metadata.general_desc, national)
    if metadata.leading_digits:
        here = f"regexp_matches({national}, {literal(f'^(?:{metadata.leading_digits})')}) and {here}"
    branches = [
        f"when {here} and {test} then {literal(f'{region}|other')}"
        for name in _OTHER
        if (test := _matches(getattr(metadata, name), national)) != "false"
    ]
    fixed, mobile = _matches(metadata.fixed_line, national), _matches(metadata.mobile, national)
    if metadata.same_mobile_and_fixed_line_pattern:
        mobile = fixed
    branches.append(f"when {here} and {fixed} and {mobile} then {literal(f'{region}|fixed_line_or_mobile')}")
    branches.append(f"when {here} and {fixed} then {literal(f'{region}|fixed_line')}")
    branches.append(f"when {here} and {mobile} then {literal(f'{region}|mobile')}")
    return branches


def _matches(description: object, national: str) -> str:
    if description is None or not description.national_number_pattern:
        return "false"
    test = f"regexp_full_match({national}, {literal(description.national_number_pattern)})"
    lengths = [length for length in description.possible_length if length > 0]
    if lengths:
        test = f"length({national}) in ({', '.join(map(str, lengths))}) and {test}"
    return f"({test})"
