"""Who is one person: a small population of which the answer is known, each row a trap."""

from __future__ import annotations

import pytest

from samtykke.identity.explain import Answer, explain
from samtykke.storage.connect import open_home
from tests.properties.identity_home import IdentityHome, Row, named

pytestmark = pytest.mark.timeout(600)


# Contacts that only likeness could link, by the address that they stand for; all but one permit it.
ALIKE: dict[str, Row] = {
    **{key: {} for key in ("l1", "l2", "silent", "only_names", "only_names_2", "weak", "weak_2")},
    **{key: {"name_number": number} for key, number in (("eva", 201), ("ida", 202))},
    **{f"chain{n}": {} for n in range(6)},
}
PERMITTING = [f"email/{key}" for key in ALIKE if key != "silent"]
LIKENESSES = [
    ("l1", "l2", 12.0, 13.0),
    ("l1", "silent", 12.0, 13.0),
    ("only_names", "only_names_2", 12.0, 0.0),
    ("weak", "weak_2", 2.0, 13.0),
    ("eva", "ida", 12.0, 13.0),
    *((f"chain{n}", f"chain{n + 1}", 7.0, 13.0) for n in range(5)),
]


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
    home.add("contacts", [named(f"email/{key}", record_key=key, source="alike", **row) for key, row in ALIKE.items()])
    home.execute(
        "insert into ledger.record_pairs values "
        + ", ".join(
            f"('{a}', '{b}', {weight}, [{{'comparison': 'born', 'level': 'equal', 'bits': {bits}}}], 'weights')"
            for a, b, weight, bits in LIKENESSES
        )
    )
    home.linking(granted=["email/a", *PERMITTING], refused=["crm_id/20"])
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
    linked = (
        "select distinct cluster_id from intermediate.int_identity__linked_identifiers "
        "join intermediate.int_identity__numbers using (identifier_number) where identifier_key in "
    )
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


def decisions(home: IdentityHome) -> dict[str, tuple[str, str | None]]:
    rows = home.rows("select record_a, decision, reason from intermediate.int_identity__alike_decisions")
    return {record: (decision, reason) for record, decision, reason in rows if record != "l1"}


def test_those_who_are_alike_are_one_person_where_both_permit_it(home: IdentityHome) -> None:
    assert len(people_of(home, "record_key in ('l1', 'l2')")) == 1
    assert people_of(home, "record_key = 'silent'").isdisjoint(people_of(home, "record_key = 'l1'"))


def test_a_veto_names_alone_and_a_chain_of_likenesses_link_nobody(home: IdentityHome) -> None:
    assert decisions(home) == {
        "eva": ("veto", "given_name"),
        "only_names": ("review", "names_only"),
        "weak": ("review", "weak"),
        **{f"chain{n}": ("review", "doubtful_group") for n in range(5)},
    }
    assert len(people_of(home, "source = 'alike'")) == len(ALIKE) - 1


def test_likeness_is_explained_by_what_each_column_adds(home: IdentityHome) -> None:
    (likeness,) = why(home, "email/l1", "email/l2").likenesses
    assert (likeness.decision, [(bar.comparison, bar.bits) for bar in likeness.bars]) == (
        "automatic",
        [("chance", -1.0), ("born", 13.0)],
    )
    assert why(home, "email/eva", "email/ida").likenesses[0].reason == "given_name"
    assert why(home, "email/l1", "email/silent").likenesses == ()


@pytest.mark.slow
def test_a_word_outweighs_a_veto_and_a_withdrawal_takes_apart_in_the_same_run(home: IdentityHome) -> None:
    ids = {key: people_of(home, f"record_key = '{key}'") for key in ALIKE}
    home.execute(
        "insert into ledger.identity_reviews values (1, 'eva', 'ida', 'accept', 'Mette', timestamp '2026-05-01'), "
        "(2, 'weak', 'weak_2', 'accept', 'Mette', timestamp '2026-05-01'), "
        "(3, 'weak', 'weak_2', 'withdraw', 'Mette', timestamp '2026-05-02')"
    )
    home.linking(granted=["email/a", *PERMITTING], refused=["crm_id/20", "email/l2"])
    home.build()
    now = {key: people_of(home, f"record_key = '{key}'") for key in ALIKE}
    assert now["eva"] == now["ida"] and now["eva"] in (ids["eva"], ids["ida"])
    assert now["weak"] != now["weak_2"]
    assert now["l1"] != now["l2"] and ids["l1"] in (now["l1"], now["l2"])
    assert {key: now[key] for key in ALIKE if key.startswith("chain")} == {
        key: ids[key] for key in ALIKE if key.startswith("chain")
    }
    # what l2 refuses still travels over the likeness
    links = "select may_grant from intermediate.int_identity__person_links where identifier_key = 'email/l2'"
    assert sorted(home.rows(links)) == [(False,), (False,), (True,)]  # l1, and silent that l1 is alike with
