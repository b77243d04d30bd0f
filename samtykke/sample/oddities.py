"""Oddities of real files, each in a small file of its own, with the outcome that the loader owes them.

Every row is there for one reason; ``sample/README.md`` tells them one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

_CONTACTS = (
    "source,contact_id,email,phone,first_name,last_name,nickname,nickname_site,country,language,"
    "birth_date,street,postal_code,city,created_at,updated_at"
)
_CONSENT = (
    "source,source_event_id,identifier_kind,identifier,purpose,channel,recipient,action,notice_id,notice_version,"
    "notice_locale,occurred_at"
)
_SIGNAL = (
    "source,source_event_id,identifier_kind,identifier,purpose,channel,notice_id,notice_version,notice_locale,"
    "occurred_at,raw_kind,raw_value"
)


@dataclass(frozen=True)
class Oddity:
    """One odd file and what becomes of its rows.

    Attributes:
        path: Inside the drop folder.
        entity: What its rows are.
        rows: Records in the file.
        quarantined: Reason → rows that are set aside; every other row is staged.
        dropped_values: Reason → values dropped from rows that are staged.
        is_copy: The file repeats another one byte by byte and adds nothing.
    """

    path: str
    entity: str
    rows: int
    quarantined: dict[str, int]
    dropped_values: dict[str, int]
    is_copy: bool = False


def oddities() -> tuple[Oddity, ...]:
    """Return the odd files of every sample with their outcomes."""
    return tuple(oddity for oddity, _ in _FILES)


def write_oddities(out: Path, as_of: datetime) -> Iterator[tuple[str, int]]:
    """Write the odd files; yield each path with its number of records.

    Args:
        out: The drop folder.
        as_of: The moment of the sample; the rows' times lie a few days before it.
    """
    days = {f"day{n}": (as_of - timedelta(days=n)).strftime("%Y-%m-%dT09:30:00Z") for n in (1, 2, 3)}
    for oddity, content in _FILES:
        target = out / oddity.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_bytes(content, days))
        yield oddity.path, oddity.rows


@dataclass(frozen=True)
class _Content:
    text: str
    encoding: str = "utf-8"
    newline: str = "\n"


def _bytes(content: _Content, days: dict[str, str]) -> bytes:
    text = content.text
    for name, moment in days.items():
        text = text.replace("{" + name + "}", moment)
    return text.replace("\n", content.newline).encode(content.encoding)


_LATIN_1 = _Content(
    f"""{_CONTACTS}
odd,930001,odd.soren@example.com,,Søren,Ærøskjold,,,DK,da,,,,Ærøskøbing,{{day3}},{{day3}}
odd,930002,odd.asa@example.org,,Åsa,Öberg,,,SE,sv,,,,Örebro,{{day3}},{{day3}}
odd,930003,odd.juergen@example.net,,Jürgen,Großmann,,,DE,de,,,,Köln,{{day3}},{{day3}}
odd,930004,odd.bjorg@example.com,,Bjørg,Bøe,,,NO,nb,,,,Tromsø,{{day3}},{{day3}}
""",
    encoding="latin-1",
)
_BOM_CRLF = _Content(
    f"""{_CONTACTS}
odd,930011,odd.zoe@example.com,,Zoë,van 't Hof,,,NL,nl,,,,Zwolle,{{day3}},{{day3}}
odd,930012,odd.elodie@example.org,,Élodie,D'Amico,,,FR,fr,,,,Dijon,{{day3}},{{day3}}
odd,930013,odd.aino@example.net,,Aino,Hämäläinen,,,FI,fi,,,,Oulu,{{day3}},{{day3}}
""",
    encoding="utf-8-sig",
    newline="\r\n",
)
_SEMICOLON = _Content(
    f"""{_CONTACTS.replace(",", ";")}
odd;930021;odd.kirsten@example.com;;Kirsten;Holm-Petersen;;;DK;da;;"Bakkevej 1; st. tv.";8000;Aarhus;{{day3}};{{day3}}
odd;930022;;+45 27 00 00 22;Bodil;Kjær;;;DK;da;;;;;{{day3}};{{day3}}
odd;930023;odd.gorm@example.org;;Gorm;;;;DK;da;;;;;{{day3}};{{day3}}
"""
)
_RAGGED = _Content(
    f"""{_CONTACTS}
odd,930031,odd.whole.one@example.com,,Ida,Skov,,,DK,da,,,,,{{day3}},{{day3}}
odd,930032,odd.short@example.com,,Emil,Toft
odd,930033,odd.long@example.com,,Freja,Lund,,,DK,da,,Storgata 1, 2. sal,8000,Aarhus,{{day3}},{{day3}}
odd,930034,odd.whole.two@example.com,,Malthe,Ravn,,,DK,da,,,,,{{day3}},{{day3}}
odd,930035,odd.quote@example.com,,"Signe,Friis,,,DK,da,,,,,{{day3}},{{day3}}
odd,930036,odd.whole.three@example.com,,Asta,Bruun,,,DK,da,,,,,{{day3}},{{day3}}
odd,930037,odd.whole.four@example.com,,"Villads ""Ville"" K.",Krogh,,,DK,da,,"Bakkevej 2
2. sal",,,{{day3}},{{day3}}
"""
)
_VALUES = _Content(
    f"""{_CONTACTS}
odd,930041,odd.sheet@example.com,4.512E+09,Karen,Dalgård,,,DK,da,,,,,{{day3}},{{day3}}
odd,,,4.512E+09,Niels,Hvid,,,DK,da,,,,,{{day3}},{{day3}}
odd,930043,odd.born@example.com,,Tove,Juhl,,,DK,da,2026-02-30,,,,{{day3}},{{day3}}
odd,,,,Kåre,Steen,,,DK,da,,Bakkevej 3,8000,Aarhus,{{day3}},{{day3}}
odd,930045,  ODD.Upper@Example.COM ,,Ellen,Winther,,,DK,da,,,,,{{day3}},{{day3}}
odd,930046,odd.no-at.example.com,,Jens,Bæk,,,DK,da,,,,,{{day3}},{{day3}}
odd,930047,odd.twice@example.com,,Mette,Mørk,,,DK,da,,,,,{{day3}},{{day3}}
odd,930047,odd.twice@example.com,,Mette,Mørk,,,DK,da,,,,,{{day3}},{{day3}}
odd,930048,odd.land@example.com,,Rasmus,Damgaard,,,Danmark,da,,,,,{{day3}},{{day3}}
odd,930049,odd.nowhen@example.com,,Clara,Thygesen,,,DK,da,,,,,2026-06-20 10:00,{{day3}}
,,,,,,oddnisse,cykelforum.example,,,,,,,,
"""
)
_CONSENTS = _Content(
    f"""{_CONSENT}
preference_centre,odd-1,email,odd.soren@example.com,marketing.direct,email,,granted,newsletter,2,da,{{day2}}
preference_centre,odd-2,email,odd.asa@example.org,marketing.direct,email,,agreed,newsletter,2,sv,{{day2}}
preference_centre,odd-3,email,odd.juergen@example.net,marketing.direct,email,,granted,newsletter,2,de,2026-02-30T10:00:00Z
preference_centre,odd-4,email,odd.bjorg@example.com,marketing.direct,email,,granted,newsletter,2,nb,2026-06-27 10:00
preference_centre,odd-1,email,odd.soren@example.com,marketing.direct,email,,granted,newsletter,2,da,{{day2}}
preference_centre,odd-5,email,,marketing.direct,email,,granted,newsletter,2,da,{{day2}}
preference_centre,odd-6,email,odd.zoe@example.com,marketing.direct,email,,granted,newsletter,2,nl,{{day2}}
preference_centre,odd-7,email,odd.zoe@example.com,marketing.direct,email,,withdrawn,,,,{{day2}}
preference_centre,odd-8,email,odd.elodie@example.org,marketing.direct,email,,granted,newsletter,9,en,{{day2}}
preference_centre,odd-9,email,odd.aino@example.net,marketing.direct,email,,granted,newsletter,2,en,{{day2}}
"""
)
_JSON_LINES = _Content(
    """{"event_id": "odd-1", "cookie_id": "odd0000000000001", "occurred_at": "{day1}", "url": "https://shop.example/"}
{"event_id": "odd-2", "cookie_id": "odd0000000000001", "occurred_at": "{day1}", "url":
{"event_id": "odd-3", "cookie_id": "", "occurred_at": "{day1}", "url": "https://shop.example/c/jeans"}
{"event_id": "odd-4", "cookie_id": "odd0000000000001", "occurred_at": "yesterday", "url": "https://shop.example/c/jeans"}
{"event_id": "odd-5", "cookie_id": "odd0000000000001", "occurred_at": "{day1}", "url": "https://shop.example/p/P1013?email=odd.zoe%40example.com"}
{"event_id": "odd-6", "cookie_id": "odd0000000000002", "occurred_at": "{day1}", "url": "https://shop.example/c/jeans"}
{"event_id": "odd-7", "cookie_id": "odd0000000000002", "occurred_at": "{day1}", "url": "https://shop.example/cart"}
"""
)
_LINES = _Content(
    """source,order_id,line_id,product_id,description,quantity,unit_price,returned_quantity
odd,ODD-1,1,P1013,,1,499.00,
odd,ODD-1,2,P1014,,1,"1.499,00",
odd,ODD-1,3,,Versand,1,25.00,
odd,ODD-1,5,P1016,,2,499.00,1
odd,,4,P1015,,1,499.00,
"""
)

_DECLARED = _Content(
    """source,identifier_kind,identifier,interests,dislikes,declared_at
preference_centre,email,odd.soren@example.com,cykling;quidditch,,{day3}
preference_centre,email,odd.soren@example.com,,,{day1}
preference_centre,email,odd.asa@example.org,quidditch,,{day3}
preference_centre,email,odd.juergen@example.net,Reisen;Diabetes,Golf,{day3}
preference_centre,email,odd.bjorg@example.com,Needlework;Jazz,,2026-06-27 10:00
preference_centre,telefax,4711,Jazz,,{day3}
"""
)

# TC strings of the official encoder: every purpose and ten vendors; nothing; version 1.
_EVERYTHING = "CQcNzAAQevS8AB7A4BENAHEgAP_gAAJAABpYI1QCgAWACkAHGAO0AmACWgGAAMKAaYBGoAAAAAAA"
_NOTHING = "CPmmxEAPn13kACsADEENAHEsAAAAAAAAACQgAAAAAAAA.YAAAAAAAAAAA"
_VERSION_1 = "AQPPOwAQPPOwADtAWCENAHEgAC4gAEDgACQgJXwEAAEABeAEMAP0A74CGwEygJ3AUmAwABjQDHAGiAOtAjABK8AAAAAA"
_SIGNALS = _Content(
    f"""{_SIGNAL}
consent_platform,sig-1,cookie,odd0000000000003,,,cookies,1,en,{{day3}},tcf,{_EVERYTHING}
consent_platform,sig-2,cookie,odd0000000000004,,,cookies,1,en,{{day3}},tcf,{_NOTHING}
consent_platform,sig-3,cookie,odd0000000000003,,,cookies,1,en,{{day1}},tcf,{_NOTHING}
consent_platform,sig-4,cookie,odd0000000000005,,,cookies,1,en,{{day3}},tcf,{_EVERYTHING[:40]}
consent_platform,sig-5,cookie,odd0000000000006,,,cookies,1,en,{{day3}},tcf,{_VERSION_1}
consent_platform,sig-6,email,odd.ada@example.com,,,cookies,1,en,{{day3}},tcf,{_EVERYTHING}
consent_platform,sig-7,cookie,odd0000000000007,,,,,,{{day2}},gpc,1
consent_platform,sig-8,cookie,odd0000000000008,,,,,,{{day2}},gpc,
consent_platform,sig-9,email,odd.both@example.com,,,newsletter,2,en,{{day2}},consent_mode,ad_user_data=granted;ad_personalization=granted
consent_platform,sig-10,email,odd.half@example.com,,,newsletter,2,en,{{day2}},ad_user_data,granted
consent_platform,sig-11,cookie,odd0000000000009,,,cookies,1,en,{{day2}},consent_mode,analytics_storage=maybe
web_form,sig-12,email,odd.box@example.com,marketing.direct,email,newsletter,2,en,{{day2}},crm_checkbox,on
web_form,sig-13,email,odd.box@example.com,marketing.direct,email,,,,{{day1}},crm_checkbox,off
web_form,sig-14,email,odd.dateless@example.com,marketing.direct,email,newsletter,2,en,,crm_checkbox,yes
"""
)
_CONTACT_POINTS = _Content(
    """Id,PartyId,EmailAddress,ContactPointType,PrivacyConsentStatus,CaptureDate,CaptureSource,DataUsePurpose.Name,Notice_Id__c
0ZX1,oddA,odd.in@example.com,Email,OptIn,{day3},Web form,Marketing,newsletter
0ZX2,oddB,,Phone,OptOut,{day3},Call centre,Marketing,
0ZX3,oddC,odd.seen@example.com,Email,Seen,{day2},Mail,Marketing,newsletter
0ZX4,oddD,odd.notseen@example.com,Email,NotSeen,{day2},Mail,Marketing,newsletter
0ZX5,oddE,odd.maybe@example.com,Email,Maybe,{day1},Mail,Marketing,newsletter
"""
)

_FILES: tuple[tuple[Oddity, _Content], ...] = (
    (Oddity("contacts/odd_latin1.csv", "contacts", 4, {}, {}), _LATIN_1),
    (Oddity("contacts/odd_bom_crlf.csv", "contacts", 3, {}, {}), _BOM_CRLF),
    (Oddity("contacts/odd_bom_crlf_again.csv", "contacts", 3, {}, {}, is_copy=True), _BOM_CRLF),
    (Oddity("contacts/odd_semicolon.csv", "contacts", 3, {}, {}), _SEMICOLON),
    (
        Oddity(
            "contacts/odd_ragged.csv",
            "contacts",
            7,
            {"too_few_fields": 1, "too_many_fields": 1, "unclosed_quote": 1},
            {},
        ),
        _RAGGED,
    ),
    (
        Oddity(
            "contacts/odd_values.csv",
            "contacts",
            11,
            {"precision_lost": 2, "impossible_date": 1, "no_identifier": 1, "missing_zone": 1},
            {"no_at_sign": 1, "not_a_country": 1},
        ),
        _VALUES,
    ),
    (
        Oddity(
            "consent_events/odd_values.csv",
            "consent_events",
            10,
            {"unknown_value": 1, "impossible_time": 1, "missing_zone": 1, "no_identifier": 1},
            {},
        ),
        _CONSENTS,
    ),
    (
        Oddity(
            "consent_events/odd_signals.csv",
            "consent_events",
            14,
            {"tc_string:truncated": 1, "tc_string:version": 1, "google_consent_mode:unknown_value": 1},
            {"tc_string:not_a_device": 1},
        ),
        _SIGNALS,
    ),
    (
        Oddity(
            "consent_events@salesforce_contact_point_consent/odd_contact_points.csv",
            "consent_events",
            5,
            {"contact_point_consent:unknown_value": 1},
            {},
        ),
        _CONTACT_POINTS,
    ),
    (
        Oddity(
            "declared_interests/odd_values.csv",
            "declared_interests",
            6,
            {"unknown_interest": 1, "missing_zone": 1, "unknown_identifier_kind": 1},
            {"unknown_interest": 1, "special_category": 1},
        ),
        _DECLARED,
    ),
    (
        Oddity(
            "page_views/odd_lines.jsonl",
            "page_views",
            7,
            {"not_a_json_object": 1, "no_identifier": 1, "unreadable_time": 1},
            {},
        ),
        _JSON_LINES,
    ),
    (
        Oddity("order_lines/odd_values.csv", "order_lines", 5, {"unreadable_number": 1, "missing_value": 1}, {}),
        _LINES,
    ),
)
