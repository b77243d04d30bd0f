"""Real files are odd: what each oddity costs is one row with a reason, or a whole file with a remedy, never more.

The cases follow the list of hostile CSV files in the project's reliability notes.
"""

import gzip
import io
import zipfile
from dataclasses import dataclass, field

import pytest
from landing_home import LandingHome

HEADER = "contact_id,email,phone,first_name\n"
_ANNA = "1,anna@example.com,,"
ROW = "1,anna@example.com,,Anna\n"
LAST = "9,zoe@example.com,,Zoe\n"


@dataclass(frozen=True)
class Odd:
    """A delivered file and what must come of it."""

    content: str | bytes
    emails: tuple[str, ...] = ("anna@example.com", "zoe@example.com")
    quarantined: dict[tuple[int, str], int] = field(default_factory=dict)
    names: tuple[str, ...] | None = None
    encoding: str | None = None


CASES = {
    "cp1252": Odd(
        f"{HEADER}{_ANNA}Åsa – Æble\n{LAST}".encode("cp1252"),
        names=("Åsa – Æble", "Zoe"), encoding="cp1252",
    ),
    "latin-1": Odd(f"{HEADER}{_ANNA}Jürgen\n{LAST}".encode("latin-1"), names=("Jürgen", "Zoe"), encoding="latin-1"),
    "UTF-16 with BOM": Odd(
        f"{HEADER}{_ANNA}Łukasz\n{LAST}".encode("utf-16"),
        names=("Łukasz", "Zoe"), encoding="utf-16",
    ),
    "UTF-16 without BOM": Odd(f"{HEADER}{ROW}{LAST}".encode("utf-16-le"), encoding="utf-16-le"),
    "UTF-8 with BOM": Odd(f"{HEADER}{ROW}{LAST}".encode("utf-8-sig"), encoding="utf-8-sig"),
    "one damaged row in UTF-8": Odd(
        f"{HEADER}{_ANNA}Åsa\n".encode() + b"2,bo@example.com,,J\xc3\n" + LAST.encode(),
        quarantined={(3, "wrong_encoding"): 1},
        names=("Åsa", "Zoe"),
    ),
    "CRLF": Odd(f"{HEADER}{ROW}{LAST}".replace("\n", "\r\n")),
    "CR only": Odd(f"{HEADER}{ROW}{LAST}".replace("\n", "\r")),
    "no final newline": Odd(f"{HEADER}{ROW}{LAST}".rstrip()),
    "blank lines": Odd(f"{HEADER}\n{ROW}\n\n{LAST}\n"),
    "NUL byte": Odd(f"{HEADER}{ROW}2,b\0o@example.com,,Bo\n{LAST}", quarantined={(3, "nul_byte"): 1}),
    "newline in quotes": Odd(f'{HEADER}{_ANNA}"An\nna"\n{LAST}', names=("An\nna", "Zoe")),
    "quoted CRLF, LF records": Odd(f'{HEADER}{_ANNA}"An\r\nna"\n{LAST}', names=("An\r\nna", "Zoe")),
    "short row": Odd(f"{HEADER}{ROW}2,bo@example.com\n{LAST}", quarantined={(3, "too_few_fields"): 1}),
    "long row": Odd(f"{HEADER}{ROW}2,bo@example.com,,Bo,x\n{LAST}", quarantined={(3, "too_many_fields"): 1}),
    "unquoted comma": Odd(f"{HEADER}{ROW}2,bo@example.com,,Bo, Jr\n{LAST}", quarantined={(3, "too_many_fields"): 1}),
    "shifted by one separator": Odd(
        f"{HEADER}{ROW}2,,bo@example.com,,\n{LAST}",
        quarantined={(3, "too_many_fields"): 1},
    ),
    "cut in the last row": Odd(f"{HEADER}{ROW}{LAST}7,ida@exa", quarantined={(4, "too_few_fields"): 1}),
    "stray quote": Odd(f'{HEADER}{ROW}2,bo@example.com,,B"o\n{LAST}', quarantined={(3, "stray_quote"): 1}),
    "unclosed quote": Odd(f'{HEADER}{ROW}2,bo@example.com,,"Bo\n{LAST}', quarantined={(3, "unclosed_quote"): 1}),
    "unclosed quote before a quoted row": Odd(
        f'{HEADER}{ROW}2,bo@example.com,,"Bo\n9,zoe@example.com,,"Zoe"\n', quarantined={(3, "unclosed_quote"): 1}
    ),
    "doubled quotes": Odd(f'{HEADER}{_ANNA}"An""n""a"\n{LAST}', names=('An"n"a', "Zoe")),
    "semicolons": Odd(f"{HEADER}{ROW}{LAST}".replace(",", ";")),
    "tabs": Odd(f"{HEADER}{ROW}{LAST}".replace(",", "\t")),
    "sep= line": Odd("sep=;\r\n" + f"{HEADER}{ROW}{LAST}".replace(",", ";")),
    "header in another order": Odd("email,first_name,contact_id\nanna@example.com,Anna,1\nzoe@example.com,Zoe,9\n"),
    "header with blanks": Odd(f"contact_id, email ,phone,first_name\n{ROW}{LAST}"),
    "record of three megabytes": Odd(
        f"{HEADER}{ROW}2,bo@example.com,,{'x' * 3_000_000}\n{LAST}",
        quarantined={(3, "record_too_long"): 1},
    ),
    "phone mangled by a spreadsheet": Odd(
        f"{HEADER}{ROW}2,bo@example.com,4.51234E+09,Bo\n{LAST}",
        quarantined={(3, "precision_lost"): 1},
    ),
    "comma phone mangled by a spreadsheet": Odd(
        f'{HEADER}{ROW}2,bo@example.com,"4,51234E+09",Bo\n{LAST}',
        quarantined={(3, "precision_lost"): 1},
    ),
    "id mangled by a spreadsheet": Odd(
        f"{HEADER}{ROW}1.23457E+17,bo@example.com,,Bo\n{LAST}",
        quarantined={(3, "precision_lost"): 1},
    ),
    "no identifier": Odd(f"{HEADER}{ROW},,,Bo\n{LAST}", quarantined={(3, "no_identifier"): 1}),
    "only an unusable identifier": Odd(
        f"{HEADER}{ROW},bo at home,,Bo\n{LAST}",
        quarantined={(3, "no_usable_identifier"): 1},
    ),
    "upper case, blanks and invisible signs": Odd(f"{HEADER}1,\t ANNA@Example.COM\u200b ,,Anna\n{LAST}"),
    "formula": Odd(f"{HEADER}{_ANNA}=cmd|' /C calc'!A0\n{LAST}", names=("=cmd|' /C calc'!A0", "Zoe")),
    "template and SQL": Odd(f"{HEADER}{_ANNA}{{{{ env_var('X') }}}}'); drop table raw.contacts; --\n{LAST}"),
    "words for nothing are words": Odd(f"{HEADER}{_ANNA}None\n{LAST}", names=("None", "Zoe")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_odd_row_costs_itself_only(name, tmp_path):
    odd, home = CASES[name], LandingHome(tmp_path)
    result = home.load_one("contacts/odd.csv", odd.content)
    assert result.status == "loaded", result
    assert tuple(home.emails()) == odd.emails
    assert home.quarantined() == odd.quarantined
    staged, quarantined = len(odd.emails), sum(odd.quarantined.values())
    counts = result.counts[0]
    assert (counts.rows_in, counts.rows_staged, counts.rows_quarantined) == (staged + quarantined, staged, quarantined)
    assert result.records_in == counts.rows_in
    if odd.names:
        names = home.rows("select first_name from vault.contact_details order by line_number")
        assert tuple(value for (value,) in names) == odd.names
    if odd.encoding:
        assert home.one("select encoding from raw.files") == odd.encoding


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("contacts.csv", HEADER + ROW)
    return packed.getvalue()


REFUSED = {
    "header renamed": ("contacts/x.csv", "contact_id,Email,first_name\n1,anna@example.com,A\n", "misspelt_header"),
    "header twice": ("contacts/x.csv", "contact_id,email,email\n1,a@example.com,b@example.com\n", "duplicate_header"),
    "header twice but for case": ("contacts/x.csv", "contact_id,email,EMAIL\n1,a@example.com,\n", "duplicate_header"),
    "no header": ("contacts/x.csv", "1,anna@example.com,,Anna\n2,bo@example.com,,Bo\n", "no_header"),
    "required column missing": ("orders/x.csv", "order_id,ordered_at\n1,2024-01-01T00:00:00Z\n", "missing_column"),
    "no identifier column": ("contacts/x.csv", "first_name,last_name\nAnna,Berg\n", "missing_column"),
    "empty": ("contacts/x.csv", "", "empty_file"),
    "zip": ("contacts/x.zip", _zip(), "unknown_kind_of_file"),
    "zip called csv": ("contacts/x.csv", _zip(), "zip_archive"),
    "gzip called csv": ("contacts/x.csv", gzip.compress(b"email\n"), "packed_without_suffix"),
    "gzip bomb": ("contacts/x.csv.gz", gzip.compress(b"email\n" + b"x" * 100_000_000), "unpacks_too_large"),
    "damaged gzip": ("contacts/x.csv.gz", gzip.compress(b"email\n" * 900)[:20] + b"x" * 90, "damaged_gzip"),
    "damaged parquet": ("contacts/x.parquet", b"PAR1" + b"x" * 60 + b"PAR1", "damaged_parquet"),
    "beside the folders": ("x.csv", HEADER + ROW, "unknown_entity"),
    "unknown entity": ("kunder/x.csv", HEADER + ROW, "unknown_entity"),
    "unknown mapping": ("contacts@nocrm/x.csv", HEADER + ROW, "mapping"),
    "mapping of another entity": ("orders@hubspot/x.csv", HEADER + ROW, "mapping"),
    "jsonl without an object": ("contacts/x.jsonl", "1\n2\n", "no_header"),
    "no log": ("page_views@apache_combined/x.log", "one\ntwo\n", "not_a_log"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_a_remedy_and_the_others_go_on(name, tmp_path):
    path, content, reason = REFUSED[name]
    home = LandingHome(tmp_path)
    home.deliver("contacts/good.csv", HEADER + ROW)
    result = home.load_one(path, content)
    assert (result.status, result.reason) == ("refused", reason)
    assert path in result.remedy and "anna@example.com" not in result.remedy
    assert home.rows("select path, status from raw.files order by path") == sorted(
        [("contacts/good.csv", "loaded"), (path, "refused")]
    )
    assert home.emails() == ["anna@example.com"]


def test_a_header_without_records_is_an_empty_delivery_and_no_error(tmp_path):
    result = LandingHome(tmp_path).load_one("contacts/x.csv", HEADER)
    assert (result.status, result.records_in) == ("loaded", 0)


TIMES = {
    "2024-03-01T10:00:00Z": "2024-03-01 10:00:00",
    "2024-03-01T10:00:00.5+01:00": "2024-03-01 09:00:00.5",
    "2024-03-01 10:00:00 +0200": "2024-03-01 08:00:00",
    "2024-03-01T10:00Z": "2024-03-01 10:00:00",
    "2024-03-01T10:00:00": "missing_zone",
    "2024-03-01": "missing_zone",
    "01/02/2024": "unreadable_time",
    "2024-02-30T10:00:00Z": "impossible_time",
    "2024-13-01T10:00:00Z": "impossible_time",
    "1899-12-30T00:00:00Z": "time_out_of_range",
    "3024-01-01T00:00:00Z": "time_out_of_range",
    "45352": "unreadable_time",
}


@pytest.mark.parametrize("text", TIMES)
def test_a_time_is_iso_8601_with_zone_or_the_row_waits_in_quarantine(text, tmp_path):
    home = LandingHome(tmp_path)
    home.load_one("contacts/x.csv", f"contact_id,created_at\n1,{text}\n")
    staged = home.rows("select created_at::varchar from raw.contacts")
    found = staged[0][0] if staged else home.rows("select reason, column_name from raw.quarantine")[0]
    assert found == (TIMES[text] if TIMES[text][0].isdigit() else (TIMES[text], "created_at"))


NUMBERS = {
    "12.50": "12.5000",
    "-3": "-3.0000",
    "-0": "0.0000",
    "1,234.50": None,
    "12,50": None,
    "NaN": None,
    "12.50 EUR": None,
    "1e3": None,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_has_a_decimal_point_and_nothing_else(text, tmp_path):
    home = LandingHome(tmp_path)
    home.load_one("products/x.csv", f'product_id,name,price\n1,Jeans,"{text}"\n')
    staged = home.rows("select price::varchar from raw.products")
    assert staged == ([(NUMBERS[text],)] if NUMBERS[text] else [])
    assert home.quarantined() == ({} if NUMBERS[text] else {(2, "unreadable_number"): 1})


@pytest.mark.parametrize("action", ["Granted?", "yes", "ja", "1", "true", ""])
def test_only_declared_words_say_something_about_consent(action, tmp_path):
    home = LandingHome(tmp_path)
    home.load_one(
        "consent_events/x.csv",
        "source,source_event_id,identifier_kind,identifier,purpose,action,occurred_at\n"
        f"web,1,email,anna@example.com,marketing.direct,{action},2024-01-01T10:00:00Z\n",
    )
    assert home.one("select count(*) from raw.consent_events") == 0
    assert home.one("select column_name from raw.quarantine") == "action"


def test_an_unusable_value_beside_a_good_identifier_is_dropped_and_listed(tmp_path):
    home = LandingHome(tmp_path)
    home.load_one("contacts/x.csv", HEADER.replace("phone", "phone,country") + "1,anna@home,12,Denmark,Anna\n")
    assert home.rows("select email_key, phone_key, country from raw.contacts") == [(None, None, None)]
    issues = home.rows("select column_name, reason from raw.field_issues order by column_name")
    assert issues == [("country", "not_a_country"), ("email", "syntax"), ("phone", "too_short")]


def test_jsonl_loses_single_lines_only_and_keeps_their_numbers(tmp_path):
    home = LandingHome(tmp_path)
    result = home.load_one(
        "contacts/x.jsonl",
        '{"contact_id": 1, "email": "anna@example.com", "likes": ["jeans", 1]}\n'
        "\n"
        '{"contact_id": 2, "email": "bo@exam\n'
        '["contact_id"]\n'
        '{"contact_id": 3, "email": "b\\u0000o@example.com"}\n'
        '{"email": "zoe@example.com", "contact_id": null}\n',
    )
    assert result.records_in == 5
    assert home.emails() == ["anna@example.com", "zoe@example.com"]
    assert home.quarantined() == {(3, "not_a_json_object"): 1, (4, "not_a_json_object"): 1, (5, "nul_byte"): 1}
    assert home.rows("select extra::varchar from vault.extras") == [('{"likes":"[\\"jeans\\",1]"}',)]


def test_a_line_too_long_for_a_record_costs_one_line_in_json_too(tmp_path):
    home = LandingHome(tmp_path)
    home.load_one(
        "contacts/x.jsonl",
        f'{{"email": "anna@example.com"}}\n{{"email": "{"x" * 5_000_000}"}}\n{{"email": "zoe@example.com"}}\n',
    )
    assert home.emails() == ["anna@example.com", "zoe@example.com"]
    assert home.quarantined() == {(2, "record_too_long"): 1}
    assert home.one("select record from vault.quarantine").startswith("sha256:")


@pytest.mark.parametrize("name", ["export[1].csv", "what?.csv", "all*.csv.gz"])
def test_a_name_that_looks_like_a_pattern_is_a_name(name, tmp_path):
    home, content = LandingHome(tmp_path), (HEADER + ROW).encode()
    home.deliver("contacts/all the others.csv", HEADER + LAST)
    result = home.load_one(f"contacts/{name}", gzip.compress(content) if name.endswith(".gz") else content)
    assert (result.status, result.records_in) == ("loaded", 1)


def test_parquet_is_read_by_name_with_real_types_as_text(tmp_path):
    home = LandingHome(tmp_path)
    home.settings.drop_folder.joinpath("consent_events").mkdir()
    home.rows(f"""
        copy (
            select timestamptz '2024-01-01 10:00:00+01' as occurred_at, 'granted' as action, 7 as source_event_id,
                'web' as source, 'marketing.direct' as purpose, 'email' as identifier_kind,
                'anna@example.com' as identifier, true as is_default
        ) to '{home.settings.drop_folder}/consent_events/x.parquet' (format parquet)
    """)
    assert home.load()["consent_events/x.parquet"].status == "loaded"
    assert home.rows("select occurred_at::varchar, is_default, line_number from raw.consent_events") == [
        ("2024-01-01 09:00:00", True, 1)
    ]


def test_a_report_that_contradicts_itself_is_set_aside(tmp_path):
    home = LandingHome(tmp_path)
    header = "recipient,audience,report_date,received,invalid,matched_low,matched_high,reach,definition\n"
    rows = (
        "meta,jeans,2026-03-01,100,5,60,80,50,people\n"
        "meta,jeans,2026-03-02,100,101,60,80,50,people\n"
        "meta,jeans,2026-03-03,100,5,80,60,50,people\n"
        "meta,jeans,2026-03-04,-1,,,,,people\n"
        "meta,jeans,2026-03-05,,,60,,,people\n"
        "meta,jeans,2026-03-06,a hundred,5,60,80,50,people\n"
    )
    home.load_one("platform_reports/meta.csv", header + rows)
    assert home.quarantined() == {
        (3, "more_than_received"): 1, (4, "range_reversed"): 1, (5, "negative_number"): 1, (7, "unreadable_number"): 1,
    }  # fmt: skip
    assert home.rows("select report_date::varchar from raw.platform_reports order by 1") == [
        ("2026-03-01",),
        ("2026-03-05",),
    ]
