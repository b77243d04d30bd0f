"""An erased person who is delivered again is refused at the door, and nothing of the row is kept but where it was."""

from landing_home import LandingHome

from samtykke.keys import identifier_key
from samtykke.storage.connect import open_home

GONE, PARTNER = "gone.person@example.com", "partner@example.com"
CONTACTS = (
    "source,contact_id,email,first_name,street,note\n"
    f"crm,c1,{GONE},Gonefirst,Gone Street 1,gone note\n"
    f"shop,,{GONE.upper()},Gonefirst,,\n"
    f"crm,c2,{PARTNER},Partner,Partner Street 2,kept\n"
    f"crm,c3,{GONE},Other,,\n"
)
EVENTS = (
    "source,source_event_id,identifier_kind,identifier,purpose,action,occurred_at\n"
    f"web,1,email,{GONE},marketing.direct,granted,2026-01-01T10:00:00Z\n"
)


def erase(home: LandingHome, *identifiers: tuple[str, str]) -> None:
    with open_home(home.settings) as connection:
        for kind, value in identifiers:
            key = identifier_key(home.settings.pepper_bytes, kind, value)
            connection.execute("insert into ledger.tombstones values ($1, 'r', '2026-01-01', 'art_17')", [key])


def test_case_13_an_erased_person_re_imported_is_refused_at_the_door(tmp_path):
    home = LandingHome(tmp_path / "home")
    erase(home, ("email", GONE), ("crm_id", "c1"))
    results = home.load_one("contacts/crm.csv", CONTACTS)
    # the third row is somebody else's, the fourth names an identifier that was never erased
    assert results.counts[0].rows_staged == 2
    assert home.quarantined() == {(2, "erased"): 1, (3, "erased"): 1}
    assert home.rows("select line_number from raw.contacts order by line_number") == [(4,), (5,)]
    assert home.one("select count(*) from vault.quarantine") == 0
    assert home.one("select count(*) from vault.extras where line_number in (2, 3)") == 0
    assert home.one("select count(*) from vault.contact_details where first_name = 'Gonefirst'") == 0
    assert "Gonefirst" not in repr(results)

    # nor does any other file bring the address back into the vault, while its evidence is kept by key
    home.load_one("consent_events/web.csv", EVENTS)
    assert home.one("select count(*) from raw.consent_events") == 1
    assert home.rows(f"select * from vault.identifiers where value ilike '{GONE}'") == []
    assert home.one(f"select count(*) from vault.identifiers where value = '{PARTNER}'") == 1
