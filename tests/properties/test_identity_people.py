"""Who is one person: small populations of which the answer is known, each row a trap that links too much or too little."""

from __future__ import annotations

import pytest
from identity_home import IdentityHome


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> IdentityHome:
    home = IdentityHome(tmp_path_factory.mktemp("people"), tmp_path_factory.mktemp("target"))
    home.add("contacts", [
        {"record_key": "c1", "source": "crm", "crm_kind": "crm_id", "crm_key": "crm_id/1", "email_key": "email/a"},
        {"record_key": "c2", "source": "shop", "email_key": "email/a", "phone_key": "phone/a"},
        {"record_key": "c3", "source": "mail", "phone_key": "phone/a"},
        # two systems count from one: number 7 is two people
        {"record_key": "n1", "source": "crm", "crm_kind": "crm_id", "crm_key": "crm_id/7", "email_key": "email/n1"},
        {"record_key": "n2", "source": "old_crm", "crm_kind": "crm_id", "crm_key": "crm_id/7", "email_key": "email/n2"},
        # a role mailbox
        {"record_key": "b1", "source": "crm", "email_key": "email/blocked_info"},
        {"record_key": "b2", "source": "crm", "crm_kind": "crm_id", "crm_key": "crm_id/8", "email_key": "email/blocked_info"},
        # a family's mailbox
        {"record_key": "f1", "source": "crm", "crm_kind": "crm_id", "crm_key": "crm_id/11", "email_key": "email/family",
         "birth_date": "1970-01-01"},
        {"record_key": "f2", "source": "crm", "crm_kind": "crm_id", "crm_key": "crm_id/12", "email_key": "email/family",
         "birth_date": "1972-02-02"},
        {"record_key": "k1", "source": "crm", "nickname_kind": "nickname:forum", "nickname_key": "nickname:forum/kim"},
        *[{"record_key": f"p{n}", "source": "crm", "crm_kind": "crm_id", "crm_key": f"crm_id/p{n}", "phone_key": "phone/kiosk"}
          for n in range(21)],
    ])  # fmt: skip
    home.add("orders", [
        {"source": "crm", "order_id": "1", "crm_kind": "crm_id", "crm_key": "crm_id/1"},
        {"source": "crm", "order_id": "7", "crm_kind": "crm_id", "crm_key": "crm_id/7"},
        {"source": "till", "order_id": "8", "crm_kind": "crm_id", "crm_key": "crm_id/7"},
        {"source": "shop", "order_id": "9", "email_key": "email/blocked_info"},
        {"source": "shop", "order_id": "10"},
        *[{"source": "shop", "order_id": f"loyal{n}", "email_key": "email/loyal", "phone_key": "phone/loyal"} for n in range(60)],
    ])  # fmt: skip
    home.add("social_profiles", [
        {"record_key": "s1", "source": "t", "platform": "x", "handle_key": "handle:x/ann", "email_key": "email/a"},
        {"record_key": "s2", "source": "u", "platform": "x", "handle_key": "handle:x/ann"},
        {"record_key": "s3", "source": "t", "platform": "x", "handle_key": "handle:x/two", "email_key": "email/a"},
        {"record_key": "s4", "source": "u", "platform": "x", "handle_key": "handle:x/two", "email_key": "email/n1"},
        {"record_key": "s5", "source": "t", "platform": "x", "handle_key": "handle:x/alone"},
    ])  # fmt: skip
    home.add("page_views", [
        {"event_id": "v1", "cookie_key": "cookie/1", "login_kind": "email", "login_key": "email/a"},
        {"event_id": "v2", "cookie_key": "cookie/kitchen", "login_kind": "email", "login_key": "email/a"},
        {"event_id": "v3", "cookie_key": "cookie/kitchen", "login_kind": "email", "login_key": "email/n1"},
        {"event_id": "v4", "cookie_key": "cookie/nobody"},
        {"event_id": "v5", "cookie_key": "cookie/5", "login_kind": "nickname:forum", "login_key": "nickname:forum/kim"},
    ])  # fmt: skip
    home.add(
        "email_events",
        [{"event_id": "e1", "email_key": "email/a"}, {"event_id": "e2", "email_key": "email/only"}],
    )
    home.add("conversations", [
        {"source": "desk", "conversation_id": "1", "identifier_kind": "phone", "identifier_key": "phone/a"},
        {"source": "desk", "conversation_id": "2", "identifier_kind": "cookie", "identifier_key": "cookie/nobody"},
    ])  # fmt: skip
    home.build()
    return home


def people_of(home: IdentityHome, where: str) -> set[str]:
    return {str(row[0]) for row in home.rows(
        f"select person_id from intermediate.int_identity__person_records where {where}")}  # fmt: skip


def holders(home: IdentityHome, key: str) -> list[tuple]:
    return home.rows(f"select person_id, is_shared, is_blocked from intermediate.int_identity__person_identifiers"
                     f" where identifier_key = '{key}'")  # fmt: skip


def test_a_chain_of_contact_points_over_three_sources_is_one_person(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('c1', 'c2', 'c3', 's1', 's2')")) == 1


def test_an_account_number_used_by_two_contact_sources_links_only_within_a_source(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('n1', 'n2')")) == 2
    assert len(holders(home, "crm_id/7")) == 3  # the till's number 7 may be either: it is neither
    assert all(is_shared for _, is_shared, _ in holders(home, "crm_id/7"))


def test_a_role_mailbox_links_nobody_and_an_order_by_it_is_anonymous(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('b1', 'b2')")) == 2
    assert all(is_blocked for _, _, is_blocked in holders(home, "email/blocked_info"))
    assert home.rows(
        "select count(*) from intermediate.int_identity__person_records where entity = 'orders'"
    ) == [(63,)]


def test_a_mailbox_of_people_with_different_birth_dates_links_nobody(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('f1', 'f2')")) == 2
    assert [row[1] for row in holders(home, "email/family")] == [True, True]


def test_a_phone_of_more_records_than_the_cap_links_nobody(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key like 'p%' and entity = 'contacts'")) == 21


def test_many_orders_by_the_same_identifiers_are_not_many_records(home: IdentityHome) -> None:
    assert [row[1:] for row in holders(home, "email/loyal")] == [(False, False)]


def test_a_handle_joins_one_person_and_never_merges_two(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('s3', 's4')")) == 2
    assert all(is_shared for _, is_shared, _ in holders(home, "handle:x/two"))
    assert len(people_of(home, "record_key = 's5'")) == 1


def test_a_mailbox_alone_and_a_nickname_alone_are_people_but_a_cookie_alone_is_not(
    home: IdentityHome,
) -> None:
    assert len(holders(home, "email/only")) == 1
    assert len(holders(home, "nickname:forum/kim")) == 1
    assert holders(home, "cookie/nobody") == []


def test_a_browser_with_two_logins_merges_nobody(home: IdentityHome) -> None:
    assert people_of(home, "record_key = 'c1'") != people_of(home, "record_key = 'n1'")
    assert holders(home, "cookie/kitchen") == []
