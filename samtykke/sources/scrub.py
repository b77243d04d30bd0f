"""Take personal values out of what stays outside the vault: addresses of pages, free words, signal values."""

from __future__ import annotations

import duckdb

from samtykke.sources.shape import literal

# Query keys whose value names a person or opens an account. Campaign, click and share ids stay.
_PERSONAL_WORDS = (
    r"(e-?mail|mail|epost|e-post|to|recipient|subscriber(id)?|phone|tel|telefon|mobil|mobile|msisdn|sms|"
    r"(first|last|full|user|sur|given|family|display)?_?-?name|fname|lname|navn|namn|naam|fornavn|efternavn|"
    r"user|user_?id|uid|login|account|customer_?(id|no|number)?|contact_?id|member_?id|eid|euid|cid_email|"
    r"address|adresse|street|zip|postal_?code|postcode|birth_?(day|date)?|dob|cpr|ssn|pnr|personnummer|bsn|"
    r"password|pass|pwd|token|access_?token|id_?token|refresh_?token|auth|authorization|api_?key|secret|"
    r"session_?id|sid|phpsessid|jsessionid|signature|sig|otp|pin|iban|card)"
)
_PERSONAL_KEYS = f"(?i)^{_PERSONAL_WORDS}$"
# One look that clears most addresses; what it suspects is taken apart.
_SUSPICIOUS = rf"(?i)@|%40|\s|[#?&]{_PERSONAL_WORDS}=|=(%2b|\+|00)[0-9 ]|[?&][^=&]*$"
_MAIL = r"[^\s/?&#=<>()\[\]\"'',;:|]+(@|%40)[^\s/?&#=<>()\[\]\"'',;:|]+"
_LONG_NUMBER = r"^(%2[bB]|\+|00)[0-9 ()%.-]{7,}$"
_REMOVED = "[removed]"
# One short word without a long number in it: the vocabulary of consent signals.
_SIGNAL = r"[A-Za-z_][A-Za-z0-9_-]{0,31}|[01]|[01YN-]{1,4}"
_LONG_SIGNAL_KINDS = (
    "(?i)^(iab[ _.-]?)?(tcf|tc[ _.-]?string|euconsent|gpp|usp|us_privacy|consent.?mode|gpc|google.?consent|gcm|gcs).*$"
)


def register_scrub_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary macros ``clean_text``, ``clean_url``, ``clean_id`` and ``clean_signal`` on a connection.

    ``clean_url`` blanks the values of personal query keys and every value that holds an e-mail address, in query,
    fragment and path; user names before the host go too. ``clean_id`` gives an id that holds an e-mail address a
    keyed digest. ``clean_signal`` keeps a consent signal's own vocabulary and digests everything else.
    """
    mail, keys, number = literal(_MAIL), literal(_PERSONAL_KEYS), literal(_LONG_NUMBER)
    connection.execute(f"""
        create or replace temporary macro clean_text(x) as
        case when contains(x, '@') or contains(x, '%40') then regexp_replace(x, {mail}, '{_REMOVED}', 'g') else x end
    """)
    connection.execute(f"""
        create or replace temporary macro clean_pair(p) as
        case
            when not contains(p, '=') then clean_text(p)
            when regexp_matches(split_part(p, '=', 1), {keys}) then split_part(p, '=', 1) || '='
            when regexp_matches(substr(p, strpos(p, '=') + 1), {mail})
                or regexp_matches(substr(p, strpos(p, '=') + 1), {number}) then split_part(p, '=', 1) || '='
            else p
        end
    """)
    connection.execute("""
        create or replace temporary macro clean_pairs(q) as
        array_to_string(list_transform(string_split(q, '&'), lambda p: clean_pair(p)), '&')
    """)
    connection.execute("""
        create or replace temporary macro clean_tail(u, path, query) as
        regexp_replace(
            clean_text(regexp_replace(path, '^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/@]*@', '\\1//')), '\\s', '', 'g')
        || case when contains(u, '?') then '?' || clean_pairs(split_part(query, '#', 1)) else '' end
        || case when contains(u, '#') then '#' || clean_pairs(substr(u, strpos(u, '#') + 1)) else '' end
    """)
    connection.execute(f"""
        create or replace temporary macro clean_url(u) as
        case
            when not regexp_matches(u, '[?#@]|%40|\\s') or not regexp_matches(u, {literal(_SUSPICIOUS)}) then u
            else clean_tail(
                u,
                split_part(split_part(u, '#', 1), '?', 1),
                case when contains(split_part(u, '#', 1), '?')
                    then substr(split_part(u, '#', 1), strpos(split_part(u, '#', 1), '?') + 1) else '' end
            )
        end
    """)
    connection.execute("""
        create or replace temporary macro clean_id(x) as
        case when contains(x, '@') then identifier_key('id', x) else x end
    """)
    connection.execute(f"""
        create or replace temporary macro clean_signal(kind, x) as
        case
            when regexp_full_match(x, {literal(_SIGNAL)}) and not regexp_matches(x, '[0-9]{{5}}') then x
            when regexp_matches(kind, {literal(_LONG_SIGNAL_KINDS)})
                and regexp_full_match(x, '[A-Za-z0-9_.~=,:{{}}" -]*') then x
            else identifier_key('signal', x)
        end
    """)
