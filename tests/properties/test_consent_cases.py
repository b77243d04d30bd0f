"""The acceptance cases of consent: each is a real failure of a known system. Run on the project's own seeds."""

from __future__ import annotations

import itertools
import uuid
from datetime import date, datetime, timedelta

import pytest

from tests.properties.consent_oracle import Event, History, Listing, Notice, World
from tests.properties.consent_sql import AS_OF, ConsentModels

NEWSLETTER = ("marketing.direct", "email", None)
META = ("advertising.audience", "ads_audience", "meta")
GOOGLE = ("advertising.audience", "ads_audience", "google")
USER_DATA, PERSONAL = (
    (f"advertising.audience.{signal}", "ads_audience", "google") for signal in ("ad_user_data", "ad_personalization")
)
HEALTH = ("special.health", None, None)
LATER = datetime(2027, 1, 1)
BOTH = frozenset({"marketing.direct", "advertising.audience", "enrichment.social"})


def world(copies: dict[str, dict[datetime, datetime]] | None = None) -> World:
    start = datetime(2025, 1, 1)
    return World(
        purposes={}, sources={}, allowed_bases={}, ages={}, list_scopes=(),
        notices={
            ("signup", "0", "da"): Notice(BOTH, frozenset(), datetime(2021, 1, 1), datetime(2021, 1, 1)),
            ("signup", "1", "da"): Notice(BOTH, frozenset(), start, start),
            ("signup", "2", "da"): Notice(BOTH, frozenset({"meta"}), start, start),
            ("signup", "3", "da"): Notice(BOTH, frozenset({"meta", "google"}), start, start),
            ("signup", "4", "da"): Notice(frozenset({HEALTH[0]}), frozenset(), start, start),
        },
        copies=copies or {},
    )  # fmt: skip


def on(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour)


class Story:
    """What happened to some identifiers, told event by event."""

    def __init__(self) -> None:
        self.events: dict[str, list[Event]] = {}
        self.facts: dict[str, dict[str, tuple]] = {}

    def said(self, who: str, action: str, at: datetime, scope: tuple = NEWSLETTER, **other: object) -> Story:
        purpose, channel, recipient = scope
        count = sum(map(len, self.events.values()))
        event = {
            "event_id": f"{count:016x}", "source": "web_form", "purpose": purpose, "channel": channel,
            "recipient": recipient, "action": action, "basis": None, "consent_type": None, "is_default": False,
            "actor": "subject", "notice": ("signup", "2", "da"), "occurred_at": at, "precision": "exact",
            "recorded_at": None, "valid_until": None, "loaded_at": at,
        } | other  # fmt: skip
        self.events.setdefault(who, []).append(Event(**event))
        return self

    def known(self, who: str, **facts: tuple) -> Story:
        self.facts.setdefault(who, {}).update(facts)
        return self

    def build(
        self, models: ConsentModels, copies: dict | None = None, people: dict[str, int] | None = None
    ) -> Permissions:
        identifiers = sorted({*self.events, *self.facts})
        models.load(
            world(copies),
            [History(who, tuple(self.events.get(who, ())), **self.facts.get(who, {})) for who in identifiers],
        )
        models.insert(
            "intermediate.int_identity__person_identifiers",
            [
                {"person_id": str(uuid.UUID(int=person)), "identifier_key": who, "identifier_kind": "email",
                 "is_blocked": False, "is_shared": False}
                for who, person in (people or {}).items()
            ],
        )  # fmt: skip
        models.connection.execute("""
            insert into intermediate.int_identity__person_links
            select person_id, identifier_key, true from intermediate.int_identity__person_identifiers
        """)
        models.build()
        return Permissions(models)


class Permissions:
    def __init__(self, models: ConsentModels) -> None:
        self.models = models

    def state(self, who: str, scope: tuple = NEWSLETTER, at: datetime = AS_OF, known: datetime = LATER) -> str:
        rows = self.models.query(
            f"""
            select state, is_permitted from {self.models.permission_at(at, known)}
            where identifier_key = $1 and purpose = $2 and channel is not distinct from $3
                and recipient is not distinct from $4
            """,
            [who, *scope],
        )
        assert len(rows) <= 1
        state, is_permitted = rows[0] if rows else ("unknown", False)
        assert is_permitted == (state in ("given", "renewed", "soft_opt_in", "legitimate_interest"))
        return state

    def may_leave(self, who: str, recipient: str) -> bool:
        rows = self.models.query(
            """
            select is_permitted from intermediate.int_consent__exit_permissions
            where identifier_key = $1 and recipient = $2
            """,
            [who, recipient],
        )
        return rows == [(True,)]


def test_case_01_a_banner_shown_again_keeps_a_refusal(shipped_models):
    story = Story().said("anna", "refused", on(1, 10))
    story.said("anna", "requested", on(2, 1)).said("anna", "granted", on(2, 2), is_default=True)
    assert story.build(shipped_models).state("anna") == "refused"


def test_case_02_an_old_grant_that_arrives_after_a_withdrawal_changes_history_not_today(shipped_models):
    story = Story().said("anna", "withdrawn", on(2, 10)).said("anna", "granted", on(1, 10), loaded_at=on(3, 1))
    permissions = story.build(shipped_models)
    assert permissions.state("anna", at=on(1, 20)) == "given"
    assert permissions.state("anna", at=on(1, 20), known=on(2, 28)) == "unknown"
    assert permissions.state("anna", at=on(3, 2)) == "withdrawn"


@pytest.mark.parametrize(
    "sync",
    [
        {"source": "operator_feed"},
        {"source": "crm_sync"},
        {"actor": "system"},
        {"actor": "controller"},
        {"actor": None, "source": "some_system"},
        {"action": "imported_state"},
    ],
)
def test_case_03_a_sync_cannot_resurrect(shipped_models, sync):
    story = Story().said("anna", "granted", on(1, 1)).said("anna", "withdrawn", on(2, 1))
    story.said(**{"who": "anna", "action": "granted", "at": on(3, 1), **sync})
    assert story.build(shipped_models).state("anna") == "withdrawn"


def test_case_03_a_sync_can_lower(shipped_models):
    story = (
        Story().said("anna", "granted", on(1, 1)).said("anna", "withdrawn", on(2, 1), source="crm_sync", actor="system")
    )
    assert story.build(shipped_models).state("anna") == "withdrawn"


def test_case_04_a_newsletter_grant_does_not_open_meta(shipped_models):
    permissions = Story().said("anna", "granted", on(1, 1)).build(shipped_models, people={"anna": 1})
    assert permissions.may_leave("anna", "mailchimp")
    assert not permissions.may_leave("anna", "meta")
    assert permissions.state("anna", META) == "unknown"


def test_case_05_a_notice_that_names_meta_opens_meta_only_for_those_who_were_shown_it(shipped_models):
    story = Story().said("anna", "granted", on(1, 1), META, notice=("signup", "1", "da"))
    story.said("bo", "granted", on(1, 1), META).said("bo", "granted", on(1, 1), GOOGLE)
    story.said("carl", "granted", on(1, 1), META, notice=None).said(
        "dina", "granted", on(1, 1), ("advertising.audience", "ads_audience", None)
    )
    permissions = story.build(shipped_models, people={"anna": 1, "bo": 2, "carl": 3, "dina": 4})
    assert [who for who in ("anna", "bo", "carl", "dina") if permissions.may_leave(who, "meta")] == ["bo"]
    assert not permissions.may_leave("bo", "google")


def test_case_06_an_unconfirmed_double_opt_in_stays_out(shipped_models):
    story = Story()
    for who in ("never", "later", "before"):
        story.said(who, "granted", on(2, 1), source="newsletter_double_opt_in")
    story.said("later", "confirmed", on(2, 3), source="email_events", notice=None, actor=None)
    story.said("before", "confirmed", on(1, 31), source="email_events", notice=None)
    permissions = story.build(shipped_models)
    assert permissions.state("never") == permissions.state("before") == "pending"
    assert permissions.state("later", at=on(2, 2)) == "pending"
    assert permissions.state("later", at=on(2, 3)) == "given"


def test_case_07_expiry_is_an_exact_instant_in_utc(shipped_models):
    """29 March 2026 01:00 UTC is the instant at which Copenhagen's clock jumps from 02:00 to 03:00."""
    jump = on(3, 29, 1)
    story = Story().said("anna", "granted", on(1, 1), valid_until=jump).said("bo", "granted", on(1, 1), META)
    permissions = story.build(shipped_models)
    assert permissions.state("anna", at=jump - timedelta(microseconds=1)) == "given"
    assert permissions.state("anna", at=jump) == "expired"
    ends = on(1, 1) + timedelta(days=1095)
    assert permissions.state("bo", META, at=ends - timedelta(microseconds=1), known=datetime(2030, 1, 1)) == "given"
    assert permissions.state("bo", META, at=ends, known=datetime(2030, 1, 1)) == "expired"


def test_case_08_an_objection_on_a_parent_covers_its_children(shipped_models):
    story = Story()
    for who, scope in {
        "channel": ("marketing", "any", None),
        "all": ("any", None, None),
        "ads": ("advertising", None, None),
    }.items():
        story.said(who, "granted", on(1, 1)).said(who, "granted", on(1, 1), META).said(who, "objected", on(2, 1), scope)
    permissions = story.build(shipped_models)
    assert [permissions.state(who) for who in ("channel", "all", "ads")] == ["objected", "objected", "given"]
    assert [permissions.state(who, META) for who in ("channel", "all", "ads")] == ["given", "objected", "objected"]


def test_case_10_a_stale_list_closes_its_channel_and_country_only(shipped_models):
    copies = {"ecg_at": {on(1, 1): on(1, 1)}}  # its maximum age is 31 days
    story = Story()
    for who, country in {"austrian": "AT", "dane": "DK", "anybody": None}.items():
        story.said(who, "granted", on(1, 1)).said(who, "granted", on(1, 1), META)
        if country:
            story.known(who, births=((date(1970, 1, 1), country, on(1, 1)),))
    permissions = story.build(shipped_models, copies)
    assert permissions.state("austrian", at=on(1, 31)) == "given"
    assert permissions.state("austrian", at=on(2, 1)) == "suppressed"
    assert permissions.state("anybody", at=on(2, 1)) == "suppressed"  # nobody can tell
    assert permissions.state("dane", at=on(2, 1)) == "given"
    assert permissions.state("austrian", META, at=on(2, 1)) == "given"


def test_case_10_a_fresh_list_closes_its_channel_for_those_on_it(shipped_models):
    copies = {"own": {on(3, 1): on(3, 1)}}
    story = (
        Story().said("on", "granted", on(1, 1)).said("on", "granted", on(1, 1), META).said("off", "granted", on(1, 1))
    )
    story.known("on", listings=(Listing("own", "email", on(3, 1), None, None),))
    permissions = story.build(shipped_models, copies)
    assert (permissions.state("on"), permissions.state("on", META), permissions.state("off")) == (
        "suppressed",
        "given",
        "given",
    )


def test_case_11_merging_granted_and_withdrawn_people_blocks_and_splitting_restores(shipped_models):
    story = (
        Story()
        .said("private", "granted", on(1, 1))
        .said("work", "granted", on(1, 1))
        .said("work", "withdrawn", on(2, 1))
    )
    merged = story.build(shipped_models, people={"private": 1, "work": 1})
    assert not merged.may_leave("private", "mailchimp")
    split = story.build(shipped_models, people={"private": 1, "work": 2})
    assert split.may_leave("private", "mailchimp")
    assert not split.may_leave("work", "mailchimp")


def test_case_11_a_grant_travels_over_no_link(shipped_models):
    permissions = Story().said("private", "granted", on(1, 1)).known("work").build(
        shipped_models, people={"private": 1, "work": 1}
    )  # fmt: skip
    assert permissions.may_leave("private", "mailchimp")
    assert not permissions.may_leave("work", "mailchimp")


def test_case_12_a_child_who_comes_of_age_does_not_inherit_the_parental_grant(shipped_models):
    birthday = on(3, 1)
    born = date(2011, 3, 1)  # 15 in Denmark on 1 March 2026
    story = Story()
    for who in ("parent", "child", "grown"):
        story.known(who, births=((born, "DK", on(1, 1)),))
    story.said("parent", "granted", on(2, 1), actor="guardian").said("child", "granted", on(2, 1))
    story.said("grown", "granted", on(2, 1), actor="guardian").said("grown", "granted", on(3, 2))
    permissions = story.build(shipped_models)
    assert permissions.state("parent", at=birthday - timedelta(microseconds=1)) == "given"
    assert permissions.state("parent", at=birthday) == "pending"
    assert permissions.state("child", at=on(2, 2)) == permissions.state("child") == "pending"
    assert permissions.state("grown") == "given"


def test_a_guardians_yes_permits_until_the_birthday_also_for_what_is_linked(shipped_models):
    born = date(2020, 3, 1)
    story = (
        Story().known("child", births=((born, "DK", on(1, 1)),)).said("child", "granted", on(2, 1), actor="guardian")
    )
    story.said("mate", "granted", on(2, 1))
    permissions = story.build(shipped_models, people={"child": 1, "mate": 1})
    assert permissions.may_leave("child", "mailchimp")
    assert permissions.may_leave("mate", "mailchimp")


def test_case_13_an_erased_person_stays_refused_at_the_door(shipped_models):
    social = ("enrichment.social", None, None)
    story = Story().said("anna", "granted", on(1, 1), social).known("anna", erased_at=(on(2, 1),))
    story.said("anna", "granted", on(3, 1), social)  # she is imported again
    permissions = story.build(shipped_models)
    assert permissions.state("anna", social) == "erased"
    assert permissions.state("anna", social, at=on(1, 15), known=on(1, 20)) == "given"  # what was right to do then
    door = shipped_models.query("""
        select is_permitted, is_denied from intermediate.int_consent__door_permissions
        where purpose = 'enrichment.social'
    """)
    assert door == [(False, True)]


def test_a_negative_known_to_begin_later_stops_an_export_today(shipped_models):
    story = Story().said("anna", "granted", on(1, 1)).said("anna", "withdrawn", AS_OF + timedelta(days=1))
    assert not story.build(shipped_models, people={"anna": 1}).may_leave("anna", "mailchimp")


def test_a_day_is_not_an_instant(shipped_models):
    """R9: nobody knows which came first on 10 February, so that the no counts."""
    story = Story().said("anna", "granted", on(2, 10), precision="day")
    story.said("bo", "granted", on(2, 10, 9)).said("bo", "withdrawn", on(2, 10), precision="day")
    permissions = story.build(shipped_models)
    assert permissions.state("anna", at=on(2, 10, 23)) == "unknown"
    assert permissions.state("anna", at=on(2, 11)) == "given"
    assert permissions.state("bo", at=on(2, 10, 10)) == permissions.state("bo") == "withdrawn"


def test_what_was_known_of_its_use_decides_whether_a_permission_had_lapsed(shipped_models):
    """A click that was loaded weeks later prolongs the permission in history, not in what could be known before."""
    given = datetime(2022, 1, 1)
    used, loaded = given + timedelta(days=1090), given + timedelta(days=1150)
    between = given + timedelta(days=1120)
    story = Story().said("anna", "granted", given, notice=("signup", "0", "da")).known("anna", uses=((used, loaded),))
    permissions = story.build(shipped_models)
    assert permissions.state("anna", at=between) == "given"
    assert permissions.state("anna", at=between, known=loaded) == "given"
    assert permissions.state("anna", at=between, known=loaded - timedelta(microseconds=1)) == "lapsed"
    assert permissions.state("anna", at=given + timedelta(days=1094), known=used) == "given"


def test_soft_opt_in_opens_mail_and_not_an_audience_and_never_after_a_no(shipped_models):
    story = (
        Story()
        .said("anna", "granted", on(1, 1), basis="soft_opt_in")
        .said("anna", "granted", on(1, 1), META, basis="soft_opt_in")
    )
    story.said("bo", "withdrawn", on(1, 1)).said("bo", "granted", on(2, 1), basis="soft_opt_in")
    permissions = story.build(shipped_models)
    assert (permissions.state("anna"), permissions.state("anna", META)) == ("soft_opt_in", "wrong_basis")
    assert permissions.state("bo") == "withdrawn"


def test_an_invalid_grant_was_never_one(shipped_models):
    story = Story().said("anna", "granted", on(1, 1)).said("anna", "invalidated", on(3, 1), actor="authority")
    permissions = story.build(shipped_models)
    assert permissions.state("anna", at=on(1, 2)) == "invalidated"
    assert permissions.state("anna", at=on(1, 2), known=on(2, 1)) == "given"  # what was right to do then


def test_a_restriction_ends_with_its_lift(shipped_models):
    story = Story().said("anna", "granted", on(1, 1)).said("anna", "restricted", on(2, 1), ("any", "any", None))
    story.said("anna", "unrestricted", on(3, 1), ("any", "any", None), source="privacy_office", actor="controller")
    permissions = story.build(shipped_models)
    assert [permissions.state("anna", at=at) for at in (on(1, 2), on(2, 2), on(3, 2))] == [
        "given",
        "restricted",
        "given",
    ]


def test_case_14_both_signals_do_for_a_grant_and_one_no_outweighs_it(shipped_models):
    # every combination of what a person said of the list itself and by the two signals
    answers = ((), ("granted",), ("refused",), ("granted", "withdrawn"), ("refused", "granted"))
    story, expected = Story(), {}
    for said in itertools.product(answers, repeat=3):
        who = "/".join("+".join(acts) for acts in said)
        for scope, acts in zip((GOOGLE, USER_DATA, PERSONAL), said, strict=True):
            for month, action in enumerate(acts, start=1):
                story.said(who, action, on(month, 1), scope, notice=("signup", "3", "da"))
        story.known(who)
        # of the list itself, and of each signal with what was said of the list: the newest act, at one time the no
        newest = [{act for acts in (said[0], own) for act in acts[-1:] if len(acts) == max(len(said[0]), len(own))}
                  for own in said]  # fmt: skip
        given = [acts == {"granted"} for acts in newest]
        denied = any({"refused", "withdrawn"} & acts for acts in newest)
        expected[who] = not denied and (given[0] or (given[1] and given[2]))
    permissions = story.build(shipped_models, people={who: number for number, who in enumerate(expected, start=1)})
    assert {who: permissions.may_leave(who, "google") for who in expected} == expected
    assert any(expected.values()) and not any(permissions.may_leave(who, "meta") for who in expected)


def test_case_14_a_no_to_a_signal_travels_over_every_link_and_a_yes_over_none(shipped_models):
    story = Story()
    for scope in (USER_DATA, PERSONAL):
        for who in ("anna", "bo"):
            story.said(who, "granted", on(1, 1), scope, notice=("signup", "3", "da"))
    story.said("bos_cookie", "refused", on(2, 1), PERSONAL).known("annas_phone")
    people = {"anna": 1, "annas_phone": 1, "bo": 2, "bos_cookie": 2}
    permissions = story.build(shipped_models, people=people)
    assert [permissions.may_leave(who, "google") for who in people] == [True, False, False, False]


def test_a_special_category_needs_an_explicit_yes_to_that_very_category(shipped_models):
    story = Story()
    for who, consent_type in (("anna", "explicit"), ("bo", "expressed"), ("carl", None), ("dora", "explicit")):
        story.said(who, "granted", on(1, 1), HEALTH, consent_type=consent_type, notice=("signup", "4", "da"))
    story.said("dora", "withdrawn", on(2, 1), ("special", None, None))
    story.said("erik", "granted", on(1, 1), HEALTH, consent_type="explicit")  # a notice that does not name it
    permissions = story.build(shipped_models)
    found = {who: permissions.state(who, HEALTH) for who in ("anna", "bo", "carl", "dora", "erik")}
    assert found == {"anna": "given", "bo": "unknown", "carl": "unknown", "dora": "withdrawn", "erik": "unknown"}
    assert permissions.state("anna", ("special.religion", None, None)) == "unknown"
