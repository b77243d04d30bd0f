"""The door: of people who did not say yes nothing is written, and what they take back is gone in the same run."""

import json
from pathlib import Path

import pytest
from landing_home import LandingHome

from samtykke.intake import books
from samtykke.keys import identifier_key
from samtykke.sources import special
from samtykke.sources.door import DoorError, load_social
from samtykke.storage.connect import open_home

_BIO = "Ik fiets graag en ga op vakantie naar Frankrijk"
PROFILES = f"""source,platform,handle,contact_id,email,phone,display_name,bio,observed_at,tone
listening,instagram,@Anna.B,,anna@example.com,,Anna B,{_BIO},2024-01-01T10:00:00Z,warm
listening,instagram,Bo_x,,bo@example.com,,Bo X,I love cycling,2024-01-01T10:00:00Z,cold
listening,instagram,no such handle!,,,,,,2024-01-01T10:00:00Z,
listening,instagram,nobody,,,+4533123456,,,2024-01-01T10:00:00Z,
"""
POSTS = """source,post_id,platform,handle,text,language,posted_at
listening,1,instagram,anna.b,Ik fiets graag,nl,2024-02-01T10:00:00Z
listening,2,instagram,bo_x,I love cycling,en,2024-02-01T10:00:00Z
listening,3,instagram,nobody,Secret canary words,en,2024-02-01T10:00:00Z
"""
EDGES = """source,platform,from_handle,to_handle,observed_at
listening,instagram,anna.b,bo_x,2024-02-01T10:00:00Z
listening,instagram,bo_x,nobody,2024-02-01T10:00:00Z
"""
SOCIAL, INTERESTS = "enrichment.social", "enrichment.interests"


class DoorHome(LandingHome):
    """A landing home whose permissions a test states itself."""

    def permit(self, *said: tuple[str, str], denied: tuple[str, ...] = ()) -> None:
        """State who permits what by e-mail address; who is denied is denied everything."""
        pepper = self.settings.pepper_bytes
        with open_home(self.settings) as connection:
            connection.execute("""
                create schema if not exists intermediate;
                create or replace table intermediate.int_consent__door_permissions (
                    identifier_key varchar, purpose varchar, is_permitted boolean, is_denied boolean, reason varchar)
            """)
            for email, purpose in said:
                connection.execute(
                    "insert into intermediate.int_consent__door_permissions values ($1, $2, true, false, 'permitted')",
                    [identifier_key(pepper, "email", email), purpose],
                )
            for email in denied:
                for purpose in (SOCIAL, INTERESTS):
                    connection.execute(
                        "insert into intermediate.int_consent__door_permissions "
                        "values ($1, $2, false, true, 'withdrawn')",
                        [identifier_key(pepper, "email", email), purpose],
                    )

    def deliver_social(self) -> None:
        self.deliver("social_profiles/profiles.csv", PROFILES)
        self.deliver("social_posts/posts.csv", POSTS)
        self.deliver("social_edges/edges.csv", EDGES)

    def pass_door(self) -> dict[str, str]:
        return {result.entity: result.status for result in load_social(self.settings)}

    def books(self) -> dict[str, tuple[int, int, int, int]]:
        found = self.rows("""
            select entity, rows_in, rows_staged, rows_quarantined, rows_refused
            from raw.file_entities where entity like 'social%'
        """)
        return {entity: tuple(numbers) for entity, *numbers in found}

    def held(self) -> dict[str, int]:
        tables = ("social_profiles", "social_posts", "social_edges", "text_interests")
        return {table: self.one(f"select count(*) from raw.{table}") for table in tables}

    def clear_values(self) -> set[str]:
        return {value for (value,) in self.rows("select value from vault.identifiers")}


ANNA, BO = "anna@example.com", "bo@example.com"


@pytest.fixture
def home(tmp_path) -> DoorHome:
    home = DoorHome(tmp_path)
    home.deliver("contacts/crm.csv", f"contact_id,email\n1,{ANNA}\n2,{BO}\n")
    home.load()
    home.permit((ANNA, SOCIAL), (ANNA, INTERESTS))
    home.deliver_social()
    return home


def test_without_permissions_the_door_stays_shut(tmp_path):
    home = DoorHome(tmp_path)
    home.deliver_social()
    with pytest.raises(DoorError, match="build the permissions first"):
        load_social(home.settings)
    assert (home.settings.drop_folder / "social_posts/posts.csv").exists()
    assert home.clear_values() == set()


def test_only_who_said_yes_is_stored_and_the_others_are_counted(home):
    home.pass_door()
    assert home.held() == {"social_profiles": 1, "social_posts": 1, "social_edges": 0, "text_interests": 3}
    assert home.books() == {
        "social_profiles": (4, 1, 3, 2),
        "social_posts": (3, 1, 2, 2),
        "social_edges": (2, 0, 2, 2),
    }
    assert sorted(home.rows("select entity, line_number, reason, rows from raw.quarantine")) == [
        ("social_edges", 0, "no_permission", 2),
        ("social_posts", 0, "no_permission", 2),
        ("social_profiles", 0, "no_permission", 2),
        ("social_profiles", 0, "no_usable_identifier", 1),
    ]
    assert home.clear_values() == {"1", "2", ANNA, BO, "anna.b"}
    assert home.one("select count(*) from raw.identifiers") == 5
    assert home.rows("select text from vault.texts order by entity") == [
        ("Ik fiets graag",),
        (_BIO,),
    ]
    assert home.rows("select extra::varchar from vault.extras") == [('{"tone":"warm"}',)]
    assert home.one("select count(*) from vault.quarantine") == 0


def test_delivered_files_are_taken_away_and_their_manifest_stays(home):
    home.pass_door()
    assert [path.name for path in home.settings.drop_folder.rglob("*") if path.is_file()] == ["crm.csv"]
    assert home.rows("select path, records_in from raw.files where entity like 'social%' order by path") == [
        ("social_edges/edges.csv", 2),
        ("social_posts/posts.csv", 3),
        ("social_profiles/profiles.csv", 4),
    ]


def test_the_bundled_sample_keeps_its_files_and_a_second_run_writes_nothing(home):
    (home.settings.drop_folder / "SAMPLE.json").write_text(json.dumps({"people": 4}))
    home.pass_door()
    before = [home.rows(f"from {t} order by all") for t in ("raw.files", "raw.social_posts", "raw.text_interests")]
    assert set(home.pass_door().values()) == {"duplicate"}
    assert (home.settings.drop_folder / "social_posts/posts.csv").exists()
    after = [home.rows(f"from {t} order by all") for t in ("raw.files", "raw.social_posts", "raw.text_interests")]
    assert after == before


def test_a_file_delivered_again_after_a_new_yes_is_judged_again_and_never_doubled(home):
    home.pass_door()
    home.permit((ANNA, SOCIAL), (ANNA, INTERESTS), (BO, SOCIAL))
    home.deliver_social()
    home.pass_door()
    assert home.held() == {"social_profiles": 2, "social_posts": 2, "social_edges": 1, "text_interests": 3}
    assert home.books()["social_edges"] == (2, 1, 1, 1)
    assert "bo_x" in home.clear_values()


def test_a_withdrawal_deletes_what_is_held_and_what_was_read_from_it(home):
    home.permit((ANNA, SOCIAL), (ANNA, INTERESTS), (BO, SOCIAL), (BO, INTERESTS))
    home.pass_door()
    assert home.held()["text_interests"] == 5
    home.permit((ANNA, SOCIAL), (BO, SOCIAL), denied=(BO,))
    home.pass_door()
    # Bo's no wins over an older yes; Anna only takes back the reading of her texts
    assert home.held() == {"social_profiles": 1, "social_posts": 1, "social_edges": 0, "text_interests": 0}
    assert "bo_x" not in home.clear_values() and BO in home.clear_values()
    assert home.rows("select distinct text from vault.texts where text like '%cycling%'") == []
    assert home.books()["social_posts"] == (3, 1, 2, 2)
    home.permit()
    home.pass_door()
    assert set(home.held().values()) == {0}
    assert home.clear_values() == {"1", "2", ANNA, BO}
    assert home.one("select count(*) from vault.texts") + home.one("select count(*) from vault.extras") == 0


def test_a_denial_of_any_identifier_beside_the_handle_wins(tmp_path):
    home = DoorHome(tmp_path)
    home.permit((ANNA, SOCIAL), denied=(BO,))
    home.deliver(
        "social_profiles/p.csv",
        "source,platform,handle,email,observed_at\n"
        f"a,instagram,shared_one,{ANNA},2024-01-01T10:00:00Z\n"
        f"a,instagram,shared_one,{BO},2024-01-02T10:00:00Z\n",
    )
    home.pass_door()
    assert home.held()["social_profiles"] == 0
    assert home.rows("select reason, rows from raw.quarantine") == [("permission_denied", 2)]


def test_special_categories_are_never_written(home, monkeypatch):
    from samtykke import interests

    special = interests.Interest("453", "Religion & Spirituality", 1, None, None, 0.9, 0, 3, "nl")
    unknown = interests.Interest("nowhere", "?", 1, None, None, 0.9, 0, 3, "nl")
    monkeypatch.setattr(interests, "extract", lambda text, language=None: [special, unknown])
    home.pass_door()
    assert home.held()["text_interests"] == 0


def test_nothing_of_a_refused_person_is_in_any_file_of_the_home(home):
    home.pass_door()
    with open_home(home.settings, vault=True) as connection:
        connection.execute("checkpoint; checkpoint vault; checkpoint ledger")
    for file in Path(home.settings.home).rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        for canary in (b"bo_x", b"nobody", b"Secret canary words", b"+4533123456"):
            assert canary not in content, (file.name, canary)


SPECIAL_POSTS = """source,post_id,platform,handle,text,language,posted_at
listening,1,instagram,anna.b,Ik fiets graag,nl,2024-02-01T10:00:00Z
listening,2,instagram,anna.b,Diagnosed with Type 1 diabetes last spring #diabetes,en,2024-02-02T10:00:00Z
listening,3,instagram,anna.b,"Ik ben lid van de FNV, en trots!",nl,2024-02-03T10:00:00Z
listening,4,instagram,anna.b,"Europeiska unionen, schwüles Wetter; a gayal, a depression",en,2024-02-04T10:00:00Z
"""


def test_a_special_category_is_stored_on_explicit_consent_to_that_category_only(home):
    home.deliver("social_posts/special.csv", SPECIAL_POSTS)
    home.pass_door()
    assert home.rows("select line_number from raw.social_posts order by all") == [(2,), (2,), (5,)]
    refused = "select reason, rows from raw.quarantine where reason like 'special%' order by all"
    assert home.rows(refused) == [("special_category:health", 1), ("special_category:union", 1)]
    assert "diabetes" not in str(home.rows("select text from vault.texts"))
    # explicit consent to health lets the one post in; its withdrawal deletes that post and nothing else
    said = [(ANNA, SOCIAL), (ANNA, INTERESTS)]
    home.permit(*said, (ANNA, "special.health"))
    home.deliver("social_posts/special.csv", SPECIAL_POSTS)
    home.pass_door()
    assert home.one("select count(*) from vault.texts where text like '%diabetes%'") == 1
    assert home.rows(refused) == [("special_category:union", 1)]
    with open_home(home.settings) as connection:
        assert books(connection, "social_posts", max_quarantine_share=0).balanced
    home.permit(*said)
    home.pass_door()
    assert home.rows("select line_number from raw.social_posts order by all") == [(2,), (2,), (5,)]
    assert home.one("select count(*) from vault.texts where text like '%diabetes%'") == 0
    assert home.one("select count(*) from raw.special_texts") == 0


def test_a_word_that_joins_the_list_purges_what_is_held(home, monkeypatch):
    home.pass_door()
    with open_home(home.settings) as connection:
        connection.execute("delete from raw.loader_state where name = 'special_category_terms'")
    terms = special.declared_terms(home.settings.project)
    monkeypatch.setattr(terms, "patterns", terms.patterns | {"health": "fiets"})
    monkeypatch.setattr(terms, "any_pattern", "fiets")
    home.pass_door()
    assert home.held() == {"social_profiles": 0, "social_posts": 0, "social_edges": 0, "text_interests": 0}


def test_a_bio_that_states_a_special_category_keeps_the_profile_out(home):
    home.deliver(
        "social_profiles/bio.csv",
        "source,platform,handle,email,display_name,bio,observed_at,religion\n"
        f"b,instagram,anna.b,{ANNA},Christian Krebs,Stolzer Schwuler aus Köln,2024-03-01T10:00:00Z,none\n"
        f"b,instagram,anna.b,{ANNA},Christian Krebs,Mag Kaffee,2024-03-01T10:00:00Z,canary faith\n",
    )
    home.pass_door()
    assert home.rows("select line_number from raw.social_profiles where source = 'b'") == [(3,)]
    assert home.rows("select column_name, reason from raw.field_issues") == [("religion", "special_category:religion")]
    assert "canary faith" not in str(home.rows("select * from vault.extras"))
