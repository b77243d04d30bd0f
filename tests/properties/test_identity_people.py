"""Who is one person: a small population of which the answer is known, each row a trap."""

from __future__ import annotations

import pytest

from samtykke.identity.explain import Answer, explain
from samtykke.storage.connect import open_home
from tests.properties.identity_home import IdentityHome, named

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> IdentityHome:
    home = IdentityHome(tmp_path_factory.mktemp("people"), tmp_path_factory.mktemp("target"))
    home.add(
        "contacts",
        [
            named("crm_id/1", "email/a", record_key="c1", source="crm"),
            named("email/a", "phone/a", record_key="c2", source="shop"),
            named("phone/a", record_key="c3", source="mail"),
            # two systems count from one: number 7 is two people
            named("crm_id/7", "email/n1", record_key="n1", source="crm"),
            named("crm_id/7", "email/n2", record_key="n2", source="old_crm"),
            named("email/blocked_info", record_key="b1", source="crm"),
            named("crm_id/8", "email/blocked_info", record_key="b2", source="crm"),
            named("crm_id/11", "email/family", record_key="f1", source="crm", birth_date="1970-01-01"),
            named("crm_id/12", "email/family", record_key="f2", source="crm", birth_date="1972-02-02"),
            named("nickname:forum/kim", record_key="k1", source="crm"),
            *(named(f"crm_id/p{n}", "phone/kiosk", record_key=f"p{n}", source="crm") for n in range(21)),
            # a couple at one mailbox; her e-mail and his phone on one order
            named("email/couple", record_key="h1", source="crm", name_number=101),
            named("email/couple", record_key="h2", source="crm", name_number=102),
            named("crm_id/30", "email/her", record_key="w1", source="crm", name_number=103),
            named("crm_id/31", "phone/his", record_key="m1", source="crm", name_number=104),
            # no to linking, said through another identifier of the same contact
            named("crm_id/20", "email/no", record_key="r1", source="crm"),
            named("email/no", "phone/no", record_key="r2", source="shop"),
            named("phone/no", record_key="r3", source="shop"),
        ],
    )
    home.add(
        "orders",
        [
            named("crm_id/1", source="crm", order_id="1"),
            named("crm_id/7", source="crm", order_id="7"),
            named("crm_id/7", source="till", order_id="8"),
            named("email/blocked_info", source="shop", order_id="9"),
            named(source="shop", order_id="10"),
            named("crm_id/20", source="till", order_id="11"),
            named("email/couple", source="shop", order_id="12"),
            named("email/her", "phone/his", source="shop", order_id="13"),
            *(named("email/loyal", "phone/loyal", source="shop", order_id=f"loyal{n}") for n in range(60)),
        ],
    )
    home.add(
        "social_profiles",
        [
            named("handle:x/ann", "email/a", record_key="s1", source="t"),
            named("handle:x/ann", record_key="s2", source="u"),
            named("handle:x/two", "email/a", record_key="s3", source="t"),
            named("handle:x/two", "email/n1", record_key="s4", source="u"),
            named("handle:x/alone", record_key="s5", source="t"),
        ],
    )
    home.add(
        "page_views",
        [
            named("cookie/1", event_id="v1", login_kind="email", login_key="email/a"),
            named("cookie/kitchen", event_id="v2", login_kind="email", login_key="email/a"),
            named("cookie/kitchen", event_id="v3", login_kind="email", login_key="email/n1"),
            named("cookie/nobody", event_id="v4"),
            named("cookie/silent", event_id="v5", login_kind="nickname:forum", login_key="nickname:forum/kim"),
        ],
    )
    home.add("email_events", [named("email/a", event_id="e1"), named("email/only", event_id="e2")])
    home.add(
        "conversations",
        [
            {
                "source": "desk",
                "conversation_id": "1",
                "identifier_kind": "phone",
                "identifier_key": "phone/a",
            },
            {
                "source": "desk",
                "conversation_id": "2",
                "identifier_kind": "cookie",
                "identifier_key": "cookie/nobody",
            },
        ],
    )
    home.linking(granted=["email/a"], refused=["crm_id/20"])
    home.build()
    return home


def people_of(home: IdentityHome, where: str) -> set[str]:
    records = "intermediate.int_identity__person_records"
    return {str(row[0]) for row in home.rows(f"select person_id from {records} where {where}")}


def holders(home: IdentityHome, key: str) -> list[tuple]:
    identifiers = "intermediate.int_identity__person_identifiers"
    columns = "person_id, is_shared, is_blocked, link_reason"
    return home.rows(f"select {columns} from {identifiers} where identifier_key = '{key}'")


def test_a_chain_of_contact_points_over_three_sources_is_one_person(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('c1', 'c2', 'c3', 's1', 's2')")) == 1


def test_an_account_number_used_by_two_contact_sources_links_only_within_a_source(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('n1', 'n2')")) == 2
    assert len(holders(home, "crm_id/7")) == 3  # the till's number 7 may be either: it is neither
    assert all(is_shared for _, is_shared, _, _ in holders(home, "crm_id/7"))


def test_a_role_mailbox_links_nobody_and_an_order_by_it_is_anonymous(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('b1', 'b2')")) == 2
    assert [row[2:] for row in holders(home, "email/blocked_info")] == [(True, "placeholder")] * 2
    orders = "select count(*) from intermediate.int_identity__person_records where entity = 'orders'"
    assert home.rows(orders) == [(65,)]  # 68 delivered


def test_a_mailbox_of_people_with_different_birth_dates_links_nobody(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('f1', 'f2')")) == 2
    assert [row[1] for row in holders(home, "email/family")] == [True, True]


def test_a_mailbox_of_two_names_is_two_people_and_its_silent_order_is_nobodys(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('h1', 'h2')")) == 2
    assert [row[1:] for row in holders(home, "email/couple")] == [(True, False, "several_people")] * 2
    assert people_of(home, "record_key = md5(concat_ws(chr(31), 'orders', 'shop', '12'))") == set()


def test_an_order_with_her_mail_and_his_phone_is_hers_and_merges_nobody(home: IdentityHome) -> None:
    hers = people_of(home, "record_key = 'w1'")
    assert people_of(home, "record_key = md5(concat_ws(chr(31), 'orders', 'shop', '13'))") == hers
    assert people_of(home, "record_key = 'm1'") != hers
    # it is on her order and his record: its no counts for both, its yes for neither
    assert [row[1:] for row in holders(home, "phone/his")] == [(True, False, "contradicting_people")] * 2


def test_a_phone_of_more_records_than_the_cap_links_nobody(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key like 'p%' and entity = 'contacts'")) == 21


def test_many_orders_by_the_same_identifiers_are_not_many_records(home: IdentityHome) -> None:
    assert [row[1:] for row in holders(home, "email/loyal")] == [(False, False, None)]


def test_a_handle_joins_one_person_and_never_merges_two(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('s3', 's4')")) == 2
    assert [row[1] for row in holders(home, "handle:x/two")] == [True, True]
    assert len(people_of(home, "record_key = 's5'")) == 1


def test_a_mailbox_and_a_nickname_alone_are_people_but_a_cookie_is_not(home: IdentityHome) -> None:
    assert len(holders(home, "email/only")) == 1
    assert len(holders(home, "nickname:forum/kim")) == 1
    assert holders(home, "cookie/nobody") == []


def test_a_browser_joins_its_person_only_under_permission(home: IdentityHome) -> None:
    assert {row[0] for row in holders(home, "cookie/1")} == {row[0] for row in holders(home, "email/a")}
    assert holders(home, "cookie/silent") == []


def test_a_browser_with_two_logins_belongs_to_nobody_and_merges_nobody(home: IdentityHome) -> None:
    assert people_of(home, "record_key = 'c1'") != people_of(home, "record_key = 'n1'")
    assert holders(home, "cookie/kitchen") == []


def test_no_to_linking_keeps_the_sources_apart_but_not_the_account(home: IdentityHome) -> None:
    crm = people_of(home, "record_key = 'r1'")
    assert people_of(home, "record_key = 'r2'") == people_of(home, "record_key = 'r3'") != crm
    assert people_of(home, "source = 'till' and record_key = md5(concat_ws(chr(31), 'orders', 'till', '11'))") == crm
    assert [row[1:] for row in holders(home, "email/no")] == [(False, False, "linking_refused")] * 2


def test_a_withdrawal_still_finds_every_link_that_consent_cut(home: IdentityHome) -> None:
    linked = "select distinct cluster_id from intermediate.int_identity__linked_identifiers where identifier_key in "
    clusters = home.rows(linked + "('crm_id/20', 'email/no', 'phone/no')")
    assert len(clusters) == 1
    persons = "select count(*) from intermediate.int_identity__persons where cluster_id = "
    assert home.rows(persons + str(clusters[0][0])) == [(2,)]


def why(home: IdentityHome, one: str, other: str) -> Answer:
    with open_home(home.settings, read_only=True) as connection:
        return explain(connection, one, other)


def reasons(answer: Answer) -> set[tuple[str, str | None]]:
    assert not answer.is_same
    return {(reason.reason, reason.identifier_key) for reason in answer.reasons}


def test_one_person_is_explained_by_the_records_between(home: IdentityHome) -> None:
    answer = why(home, "crm_id/1", "phone/a")
    assert answer.is_same
    assert [(step.source, step.identifier_key) for step in answer.steps] == [("crm", "email/a"), ("shop", "phone/a")]


def test_two_people_are_explained_by_what_keeps_them_apart(home: IdentityHome) -> None:
    assert reasons(why(home, "crm_id/11", "crm_id/12")) == {("several_people", "email/family")}
    assert reasons(why(home, "email/a", "email/n1")) >= {("several_people", "handle:x/two")}
    assert reasons(why(home, "crm_id/20", "phone/no")) == {("linking_refused", "email/no"), ("consent", None)}
    assert reasons(why(home, "crm_id/30", "crm_id/31")) == {
        ("contradicting_people", "phone/his"),
        ("contradiction", None),
    }
    assert reasons(why(home, "email/a", "email/only")) == {("nothing", None)}
    assert reasons(why(home, "email/a", "email/typo")) == {("unknown", "email/typo")}
