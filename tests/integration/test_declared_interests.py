"""What people tick in forms becomes nodes of the taxonomy; what cannot be one is told, what is too private is gone."""

import pytest
from landing_home import LandingHome

FORM = """source,identifier_kind,identifier,interests,dislikes,declared_at
form,email,anna@example.com,Cycling; fietsen ;Radfahren;492,Golf,2026-01-02T10:00:00Z
form,email,bo@example.com,quidditch,,2026-01-02T10:00:00Z
form,email,cas@example.com,Diabetes;Reisen;quidditch,,2026-01-02T10:00:00Z
form,email,dia@example.com,Christianity,,2026-01-02T10:00:00Z
form,email,eva@example.com,,,2026-01-02T10:00:00Z
form,handle:instagram,@Gijs.Fietst,"[""strikning"", ""jazz""]",,2026-01-02T10:00:00Z
"""


def declared(home: LandingHome) -> list[tuple[object, ...]]:
    return home.rows(
        "select line_number, identifier_kind, interests, dislikes from raw.declared_interests order by line_number"
    )


def test_a_form_is_read_in_six_languages_and_what_is_no_interest_is_told(tmp_path):
    home = LandingHome(tmp_path)
    home.load_one("declared_interests/form.csv", FORM)
    assert declared(home) == [
        (2, "email", ["492"], ["512"]),
        (4, "email", ["653"], []),
        (5, "email", [], []),
        (6, "email", [], []),
        (7, "handle:instagram", ["253", "357"], []),
    ]
    assert home.rows("select line_number, reason, column_name from raw.quarantine") == [
        (3, "unknown_interest", "interests")
    ]
    assert home.rows("select line_number, reason from raw.field_issues order by all") == [
        (4, "special_category"),
        (4, "unknown_interest"),
        (5, "special_category"),
    ]


def test_an_illness_that_was_ticked_is_kept_nowhere(tmp_path):
    home = LandingHome(tmp_path)
    home.load_one("declared_interests/form.csv", FORM)
    kept = home.rows("select record from vault.quarantine") + home.rows("select extra from vault.extras")
    assert not [record for record in kept if "diabetes" in str(record).lower() or "christian" in str(record).lower()]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        (
            "contacts/crm.csv",
            "source,contact_id,nickname,nickname_site,updated_at,interests\n"
            "crm,1,,,2026-03-01T00:00:00Z,Wandern;Strikking\ncrm,,gijs88,forum,2026-03-01T00:00:00Z,\n",
            [(2, "crm_id", ["253", "542"], []), (3, "nickname:forum", [], [])],
        ),
        (
            "contacts@mailchimp/members.csv",
            'Email Address,LAST_CHANGED,Interests\nanna@example.com,2026-02-02 10:00:00,"Travel, Gardening"\n',
            [(2, "email", ["275", "653"], [])],
        ),
        (
            "contacts@hubspot/export.csv",
            "Record ID,Email,Last Modified Date,Interests\n7,anna@example.com,2026-02-02 10:00,Running;Yoga\n",
            [(2, "email", ["225", "227"], [])],
        ),
        ("contacts/crm.csv", "source,contact_id\ncrm,1\n", []),
    ],
)
def test_a_record_may_carry_what_its_person_likes(tmp_path, path, content, expected):
    home = LandingHome(tmp_path)
    home.load_one(path, content)
    assert declared(home) == expected
    assert home.one("select count(*) from raw.quarantine") == 0
