"""Rows and files per destination. The golden files hold the digests that the platforms publish for these values."""

from __future__ import annotations

from pathlib import Path

import pytest
from export_tables import Member, Tables, removal

from samtykke.activation import files
from samtykke.activation.destinations import DESTINATIONS, destination

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
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


def composed(name, *members, values=VALUES, **options):
    tables = Tables(name, values, **options).want(*members)
    tables.compose()
    return tables


def table(name, *members, **options):
    return files.render_table(DESTINATIONS[name], composed(name, *members, **options).lines())


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


@pytest.mark.parametrize("name", sorted(set(DESTINATIONS) - {"meta", "google", "mailchimp"}))
def test_every_other_platform_has_its_file(name):
    people = [member("1", "mary", "US"), member("2", "john", "US")]
    if "phone" in DESTINATIONS[name].identifier_kinds:
        people.append(member("1", "mary_phone", "US"))
    assert table(name, *people) == (GOLDEN / f"{name}_add.csv").read_bytes()


def test_bytes_depend_on_content_not_on_ids_keys_or_order():
    people = [member("1", "mary"), member("2", "john"), member("2", "alex_phone"), member("3", "lone_phone")]
    renamed = [one._replace(person="9" + one.person) for one in reversed(people)]
    assert table("meta", *people) == table("meta", *renamed) == table("meta", *people, pepper=b"another pepper")


def test_a_person_takes_as_many_rows_as_identifiers_of_a_kind():
    tables = composed("google", member("1", "alex"), member("1", "mary"), member("1", "alex_phone"))
    assert sorted(bool(line[1]) for line in tables.lines()) == [False, True]
    assert set().union(*tables.keys()) == {"alex", "mary", "alex_phone"}


def test_two_identifiers_that_a_platform_makes_equal_are_one_row_on_account_of_both():
    both = (member("1", "dotted"), member("2", "undotted"))
    assert composed("google", *both).keys() == [{"dotted", "undotted"}]
    assert len(composed("meta", *both).lines()) == 2


def test_a_value_stands_in_a_file_once_whoever_brings_it():
    people = [
        member("1", "mary"),
        member("1", "mary_phone"),
        member("2", "mary"),
        member("2", "alex"),
        member("3", "john"),
    ]
    for order in (people, people[::-1]):
        tables = composed("meta", *order)
        values = [cell for line in tables.lines() for cell in line[:2] if cell]
        assert len(values) == len(set(values)) == 4
        stored = tables.connection.execute(
            "select right(person_id::varchar, 1), identifier_key from export_desired_members"
        )
        assert set(stored.fetchall()) == {(one.person, one.key) for one in people}


def test_what_has_no_value_or_no_form_is_left_out_and_counted():
    tables = composed(
        "google",
        *(member("1", "alex"), member("2", "gone"), member("3", "bad_phone"), Member("4", "cookie", "cookie")),
        values={"alex": "alexz@example.com", "bad_phone": "", "cookie": "c"},
    )
    assert len(tables.lines()) == 1
    assert tables.unusable == {"not_in_vault": 1, "empty": 1, "not_accepted": 1}


def test_a_row_is_recomposed_for_removal_without_its_helping_columns_or_not_at_all(tmp_path):
    both = (member("1", "mary", "US"), member("1", "mary_phone", "US"))
    before = composed("meta", *both)
    (line,) = before.lines()
    digest = before.digest("mary", "mary_phone")
    erased = {key: value for key, value in VALUES.items() if key != "mary_phone"}
    for values, unresolved in ((VALUES, 0), (erased, 1), ({**VALUES, "mary": "other@example.com"}, 1)):
        now = Tables("meta", values).hold(digest, *both)
        assert removal(now, now.compose(), tmp_path, [digest]) == unresolved
        cells = now.connection.execute("select cell_email, cell_phone from export_remove_lines").fetchall()
        assert cells == ([line[:2]] if not unresolved else [])


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
    with pytest.raises(ValueError, match=r"google, .*mailchimp, .*meta"):
        destination("fax")
