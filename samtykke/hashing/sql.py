"""The platforms' normal forms and hashes as DuckDB expressions: the same table of rules, a column at a time.

An expression answers for what it is sure of, plain addresses and numbers in E.164, and gives NULL for everything
else: the caller then asks ``samtykke.hashing.for_platform``, which decides and names the reason. Of 100,000 people
that is a handful, so the rules of Unicode, quoting and telephone numbering stay in one place.
"""

from __future__ import annotations

import duckdb

from samtykke.hashing import person_sql, rules
from samtykke.normalise._email import SPECIAL_ENDINGS

_ATOM = r"[a-z0-9!#$%&''*+/=?^_`{|}~-]+"
# Digests of nothing can never come out: no form is ever the empty text.
_MACROS = (
    # an address that needs no more than lower case; long ones and odd domains are for the full rules
    (
        "plain_address(v)",
        rf"""case when
            regexp_full_match(lower(v), '{_ATOM}(\.{_ATOM})*@([a-z0-9-]+\.)+[a-z]{{2,63}}')
            and regexp_full_match(v, '[!-~]{{1,64}}')
            and not regexp_matches(v, '@-|@.*(--|-\.|\.-)')
            and not list_contains({{endings}}, regexp_extract(lower(v), '[a-z]+$'))
        then lower(v) end""",
    ),
    ("form_email(v)", "plain_address(v)"),
    ("form_email_spaceless(v)", "plain_address(v)"),
    ("without_tag(a)", "nullif(split_part(split_part(a, '@', 1), '+', 1), '') || '@' || split_part(a, '@', 2)"),
    (
        "without_dots(a)",
        "nullif(replace(split_part(split_part(a, '@', 1), '+', 1), '.', ''), '') || '@' || split_part(a, '@', 2)",
    ),
    (
        "form_email_undotted_google(v)",
        "case when split_part(plain_address(v), '@', 2) in ('gmail.com', 'googlemail.com') "
        "then without_dots(plain_address(v)) else plain_address(v) end",
    ),
    (
        "form_email_undotted_gmail(v)",
        "case when split_part(plain_address(v), '@', 2) = 'gmail.com' "
        "then without_dots(plain_address(v)) else plain_address(v) end",
    ),
    ("form_email_untagged(v)", "without_tag(plain_address(v))"),
    ("form_phone_e164(v)", r"case when regexp_full_match(v, '\+[1-9][0-9]{6,14}') then v end"),
    ("form_phone_digits(v)", "substr(form_phone_e164(v), 2)"),
    ("form_phone_ten_digits(v)", "case when length(v) >= 11 then form_phone_e164(v) end"),
    (
        "form_madid(v)",
        r"""case when regexp_full_match(v, '[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}')
            and trim(v, '0-') <> '' then v end""",
    ),
    ("form_madid_lower(v)", "lower(form_madid(v))"),
    *person_sql.macros(),
)
_HASHES = {
    ("none", "plain"): "{}",
    ("sha256", "hex"): "sha256({})",
    ("sha256", "base64"): "to_base64(unhex(sha256({})))",
    ("md5", "hex"): "md5({})",
}


def register_forms(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary macros that ``expression`` uses."""
    endings = "[" + ", ".join(f"'{ending}'" for ending in sorted(SPECIAL_ENDINGS)) + "]"
    for signature, body in _MACROS:
        connection.execute(f"create or replace temporary macro {signature} as {body.replace('{endings}', endings)}")


def form_expression(platform: str, kind: str, value: str, region: str = "null") -> str | None:
    """Return SQL for the normal form of a column, NULL where it is not sure; None if there is none for the kind."""
    rule = rules().get((platform, kind))
    names = {signature.split("(")[0] for signature, _ in _MACROS}
    if rule is None or f"form_{rule.form}" not in names:
        return None
    return f"form_{rule.form}({value}{f', {region}' if rule.form in person_sql.WITH_REGION else ''})"


def expression(platform: str, kind: str, value: str, region: str = "null") -> str:
    """Return SQL for a column as a platform wants it, NULL where ``for_platform`` has to be asked.

    SHA-512 is unknown to DuckDB: LinkedIn's ``email_sha512`` is always asked for.

    Args:
        platform: As in ``rules.csv``.
        kind: As in ``rules.csv``.
        value: SQL of the clear value.
        region: SQL of the alpha-2 country of the value, for states and postal codes.
    """
    form = form_expression(platform, kind, value, region)
    rule = rules().get((platform, kind))
    hashed = _HASHES.get((rule.hash, rule.encoding)) if rule else None
    return hashed.format(form) if form and hashed else "cast(null as varchar)"
