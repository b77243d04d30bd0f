"""Rows and files per destination. The golden files hold the digests that the platforms publish for these values."""

from __future__ import annotations

from pathlib import Path

import pytest

from samtykke.activation import files
from samtykke.activation.destinations import DESTINATIONS, destination
from samtykke.activation.rows import Composer, Member

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
PEPPER = b"a pepper of the tests"
VALUES = {
    "mary": "mary@example.com",
    "mary_phone": "+16505551212",
    "john": "John_Smith@gmail.com",
    "lone_phone": "+15559876543",
    "alex": "alexz@example.com",
    "alex_phone": "+18005550100",
    "dotted": "a.b@gmail.com",
    "undotted": "ab@gmail.com",
    "quoted": '"a,b"@example.org',
}


def member(person, key, country=None):
    return Member(person, key, "phone" if "phone" in key else "email", country)


def composer(name, pepper=PEPPER, values=VALUES):
    return Composer(DESTINATIONS[name], name, pepper, values)


def table(name, *members):
    rows, _ = composer(name).compose(members)
    return files.render_table(DESTINATIONS[name], [row.cells for row in rows])


@pytest.mark.parametrize(
    ("name", "members"),
    [
        (
            "meta",
            [
                member("1", "mary", "US"),
                member("1", "mary_phone", "US"),
                member("2", "john", "US"),
                member("3", "lone_phone"),
            ],
        ),
        ("google", [member("1", "alex", "US"), member("1", "alex_phone", "US")]),
        ("mailchimp", [member("1", "alex", "DK"), member("2", "quoted")]),
    ],
)
def test_the_file_is_what_the_platform_publishes(name, members):
    assert table(name, *members) == (GOLDEN / f"{name}_add.csv").read_bytes()


def test_bytes_depend_on_content_not_on_ids_keys_or_order():
    people = [member("1", "mary"), member("2", "john"), member("2", "alex_phone"), member("3", "lone_phone")]
    renamed = [Member("9" + one.person_id, one.identifier_key, one.identifier_kind) for one in reversed(people)]
    assert table("meta", *people) == table("meta", *renamed)
    rows, _ = composer("meta", pepper=b"another pepper").compose(people)
    assert files.render_table(DESTINATIONS["meta"], [row.cells for row in rows]) == table("meta", *people)


def test_a_person_takes_as_many_rows_as_identifiers_of_a_kind():
    rows, _ = composer("google").compose([member("1", "alex"), member("1", "mary"), member("1", "alex_phone")])
    assert sorted(bool(row.cells[1]) for row in rows) == [False, True]
    assert {key for row in rows for key in row.identity[1]} == {"alex", "mary", "alex_phone"}


def test_two_identifiers_that_a_platform_makes_equal_are_one_row_on_account_of_both():
    rows, _ = composer("google").compose([member("1", "dotted"), member("2", "undotted")])
    assert [row.identity[1] for row in rows] == [{"dotted", "undotted"}]
    assert len(composer("meta").compose([member("1", "dotted"), member("2", "undotted")])[0]) == 2


def test_a_value_stands_in_a_file_once_whoever_brings_it():
    people = [
        member("1", "mary"),
        member("1", "mary_phone"),
        member("2", "mary"),
        member("2", "alex"),
        member("3", "john"),
    ]
    for order in (people, people[::-1]):
        rows, _ = composer("meta").compose(order)
        values = [cell for row in rows for cell in row.cells[:2] if cell]
        assert len(values) == len(set(values)) == 4
        assert {member for row in rows for member in row.members} == set(people)


def test_what_has_no_value_or_no_form_is_left_out_and_counted():
    rows, unusable = composer("google", values={"alex": "alexz@example.com", "bad_phone": ""}).compose(
        [member("1", "alex"), member("2", "gone"), member("3", "bad_phone")]
    )
    assert len(rows) == 1
    assert unusable == {"not_in_vault": 1, "empty": 1}


def test_a_row_is_recomposed_for_removal_without_its_helping_columns_or_not_at_all():
    (row,), _ = composer("meta").compose([member("1", "mary", "US"), member("1", "mary_phone", "US")])
    line = composer("meta").recompose(row)
    assert line == (*row.cells[:2], "")
    erased = {key: value for key, value in VALUES.items() if key != "mary_phone"}
    assert composer("meta", values=erased).recompose(row) is None
    assert composer("meta", values={**VALUES, "mary": "other@example.com"}).recompose(row) is None


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("meta", ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "", ""), "email"),
        ("meta", ("mary@example.com", "", ""), "email"),
        ("meta", ("", "", "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"), "nobody"),
        ("google", ("", "+18005550100", "", "", "", ""), "Phone"),
        ("google", ("", "0" * 64, "", "", "US", ""), "Country"),
        ("mailchimp", ("0" * 64,), "Email Address"),
        ("mailchimp", ("a@example.com\nb@example.com",), "Email Address"),
    ],
)
def test_a_cell_of_the_wrong_form_is_refused_without_repeating_it(name, line, problem):
    with pytest.raises(files.ExportFileError, match=problem) as refused:
        files.render_table(DESTINATIONS[name], [line])
    assert "mary" not in str(refused.value) and "555" not in str(refused.value)


def test_an_unknown_format_names_the_known_ones():
    with pytest.raises(ValueError, match="google, mailchimp, meta"):
        destination("fax")
