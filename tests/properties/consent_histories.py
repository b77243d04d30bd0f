"""Hypothesis strategies for consent histories: few moments, few values, many collisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from tests.properties.consent_oracle import Event, History, Key, Listing, years_later
from tests.properties.consent_world import KEYS, LOADS, MICROSECOND, WORLD, day


def often(usual: list, *rare: object) -> st.SearchStrategy:
    """Nine times out of ten a usual value, which keeps permits frequent enough to be worth denying."""
    return st.sampled_from(usual * (1 + 9 * len(rare) // len(usual)) + list(rare))


MOMENTS = st.integers(0, 200).map(lambda half: day(half / 2))
SIGNALLED = st.integers(0, 178).map(lambda half: day(half / 2))  # e-mail events are staged up to as_of
HALVES = st.integers(0, 50)
RECENT = st.integers(150, 180).map(lambda half: day(half / 2))  # a grant from before has ended by as_of, mostly
WIDE = [
    ("marketing.direct", None, None),
    ("marketing", "any", None),
    ("marketing.direct", "any", None),
    ("marketing", "email", None),
    ("advertising", None, None),
    ("advertising.audience", None, "meta"),
    ("advertising.audience", "ads_audience", None),
    ("enrichment.social", "onsite", None),
    ("analytics.behaviour", None, "meta"),
    *[("any", "any", None)] * 4,
    ("unheard_of", None, None),
]


ODD_ACTIONS = [
    "renewed", "refused", "objected", "restricted", "unrestricted", "revoked_by_controller", "invalidated",
    "imported_state", "requested", "deferred",
]  # fmt: skip
AFTER = [timedelta(days=days) for days in (0, 0, 0, 0.5, 1, 15, 20, 40)]


def naming(key: Key) -> list[tuple[str, str, str]]:
    """The notices that name a key's purpose and recipient."""
    purpose, _, recipient = key
    named = [
        shown
        for shown, notice in WORLD.notices.items()
        if {purpose, WORLD.purposes[purpose].part_of if purpose in WORLD.purposes else None} & notice.purposes
        and (recipient is None or recipient in notice.recipients)
    ]
    return [*named, ("m", "1", "da"), ("m", "1", "da")]  # which no later version ends


# one slip makes something else of a good grant
TWISTS: list[tuple[str, list]] = [
    ("source", ["sync", "unlisted", "signals", "double"]),
    ("purpose", ["unheard_of", "marketing", "any"]),
    ("channel", [None, "any", "sms", "email", "onsite"]),
    ("recipient", [None, "meta", "google", "tiktok"]),
    ("action", ["renewed", "withdrawn", "imported_state", "requested", "deferred", "unrestricted"]),
    ("basis", ["contract", "legal_obligation", "soft_opt_in", "legitimate_interest"]),
    ("consent_type", ["explicit", "expressed", "implied", "implied", "none"]),
    ("is_default", [True]),
    ("actor", ["guardian", "controller", "authority", "agent", "system", None]),
    ("notice", [*WORLD.notices, *[("lost", "1", "da"), ("n", "1", "en"), None] * 2]),
    ("controller", ["partner"]),
]


@st.composite
def events(
    draw: st.DrawFn, focus: Key = KEYS[0], raising: bool = True, moments: st.SearchStrategy[datetime] = MOMENTS
) -> Event:
    """One event, mostly about one key; with raising=False one that may lower a permission but never raise it.

    Of four events two are grants that may count, one answers them (a no, a confirmation, a restriction, …), and one is
    a grant with a slip: drawn evenly, hardly a permit would be left to deny.
    """
    occurred_at = draw(moments)
    kind = draw(st.sampled_from(["grant", "grant", "answer", "odd"]))
    scope = draw(st.sampled_from([focus] * (14 if kind == "answer" else 99) + WIDE + KEYS))
    confirmed = ["confirmed"] * (20 if WORLD.purposes[focus[0]].requires_double_opt_in else 6)
    actions = ["withdrawn", *confirmed, *ODD_ACTIONS] if kind == "answer" else ["granted"] * 9 + ["renewed"]
    event = Event(
        event_id=draw(st.integers(0, 2**44 - 1).map(lambda number: f"{number:011x}")),
        source=draw(often(["form"], "double")),
        purpose=scope[0],
        channel=scope[1],
        recipient=scope[2],
        action=draw(st.sampled_from(actions)),
        basis=draw(st.sampled_from([None] * 6 + ["consent"] * 2 + ["soft_opt_in", "legitimate_interest"])),
        consent_type=None,
        is_default=False,
        actor=draw(often(["subject"], "guardian")),
        notice=draw(st.sampled_from(naming(scope))) if kind != "answer" else None,
        occurred_at=occurred_at,
        precision=draw(often(["exact"], "day", "unknown")),
        recorded_at=draw(st.sampled_from([None, occurred_at, occurred_at + timedelta(days=3)])),
        valid_until=draw(often([None], occurred_at + timedelta(days=15), day(60))),
        loaded_at=draw(st.sampled_from(LOADS)),
    )
    if kind == "odd":
        for field, values in draw(st.lists(st.sampled_from(TWISTS), min_size=1, max_size=2)):
            event = replace(event, **{field: draw(st.sampled_from(values))})
    if not raising:
        how = draw(st.sampled_from(["source", "default", "actor", "imported"]))
        change = {
            "source": {"source": "sync"},
            "default": {"is_default": True},
            "actor": {"actor": draw(st.sampled_from(["system", "agent"]))},
            "imported": {"action": "imported_state"},
        }[how]
        event = replace(event, **change)
    return event


LISTED_CHANNELS = {"robinson": ["email"], "own": ["email", "sms", None], "texts": [None], "undeclared": ["sms"]}
LISTINGS = st.sampled_from([(name, snapshot) for name, copies in WORLD.copies.items() for snapshot in copies]).flatmap(
    lambda copy: st.builds(
        Listing,
        list_id=st.just(copy[0]),
        channel=st.sampled_from(LISTED_CHANNELS[copy[0]]),
        snapshot_at=st.just(copy[1]),
        valid_from=st.none() | MOMENTS,
        valid_to=st.none() | MOMENTS,
    )
)
BIRTHS = st.tuples(
    st.sampled_from(
        [date(2011, 2, 10), date(2010, 12, 1), date(2013, 1, 20), date(1980, 5, 5), date(2012, 2, 29), None]
    ),
    st.sampled_from(["DK", "NO", "XX", None]),
    st.sampled_from(LOADS),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One identifier's history. The identifier is set by the batch."""
    focus = draw(st.sampled_from(KEYS))
    begun = draw(st.lists(MOMENTS | RECENT, min_size=1, max_size=3))
    moments = st.builds(lambda start, after: start + after, st.sampled_from(begun), st.sampled_from(AFTER))
    most = draw(st.sampled_from([2, 3, 5, 7]))
    said = draw(
        st.lists(events(focus, moments=moments), min_size=1, max_size=most, unique_by=lambda event: event.event_id)
    )
    if WORLD.purposes[focus[0]].requires_double_opt_in and draw(st.booleans()):
        grant = draw(st.sampled_from(said))
        confirmed = {"event_id": f"{int(grant.event_id, 16) ^ 1:011x}", "action": "confirmed", "precision": "exact"}
        said.append(replace(grant, **confirmed, notice=None, occurred_at=draw(moments)))
    used = st.builds(lambda start, half: min(start + timedelta(days=half / 2), day(89)), st.sampled_from(begun), HALVES)
    # loaded at once or with some later load
    mailed = (used | SIGNALLED).flatmap(
        lambda at: st.tuples(st.just(at), st.sampled_from([at, *(load for load in LOADS if load > at)]))
    )
    rare = draw(st.integers(0, 9))
    if rare == 0:  # a child whose guardian speaks
        said = [replace(event, actor="guardian") if event.actor == "subject" else event for event in said]
    return History(
        identifier="",
        events=tuple(said),
        births=tuple(draw(st.lists(BIRTHS, max_size=2))) if rare in (0, 1) else (),
        listings=tuple(draw(st.lists(LISTINGS, max_size=3))) if rare in (2, 3) else (),
        erased_at=tuple(draw(st.lists(MOMENTS, max_size=2))) if rare == 4 else (),
        uses=tuple(draw(st.lists(mailed, max_size=4, unique=True)))
        if rare in ((5, 6, 7, 8) if focus == KEYS[0] else (5, 6))
        else (),
        bounces=tuple(draw(st.lists(mailed, max_size=2, unique=True))) if rare == 6 else (),
    )


USED_AFTER = [0, 1, 5, 10, 15, 20, 20, 25, 30, 35, 40]  # a permission lapses after 20 days


@st.composite
def used_histories(draw: st.DrawFn) -> History:
    """A permission that lapses without use, and uses of which we often heard late."""
    # also such that a lapse meets the change of a notice
    halves = st.integers(0, 120) | st.sampled_from([50, 70, 80])
    given = draw(st.lists(halves.map(lambda half: day(half / 2)), min_size=1, max_size=2, unique=True))
    grants = [
        replace(
            draw(events(KEYS[0])), event_id=f"{number:011x}", purpose=KEYS[0][0], channel="email", recipient=None,
            source="form", action="granted", actor="subject", is_default=False, consent_type=None, controller="company",
            basis=draw(st.sampled_from([None, None, "soft_opt_in", "contract"])), occurred_at=at, recorded_at=None,
            precision="exact", valid_until=draw(st.sampled_from([None, None, at + timedelta(days=20)])),
            notice=draw(st.sampled_from([("m", "1", "da"), ("n", "1", "da")])), loaded_at=LOADS[0],
        )
        for number, at in enumerate(given)
    ]  # fmt: skip
    moments = st.builds(
        lambda at, days: min(at + timedelta(days=days), day(89)), st.sampled_from(given), st.sampled_from(USED_AFTER)
    )
    heard = moments.flatmap(lambda at: st.tuples(st.just(at), st.sampled_from([at, *(t for t in LOADS if t > at)])))
    return History("", tuple(grants), uses=tuple(draw(st.lists(heard, min_size=1, max_size=5, unique=True))))


def batches(size: int) -> st.SearchStrategy[list[History]]:
    """Histories of different identifiers; event ids are told apart by the identifier too."""

    def named(drawn: list[History]) -> list[History]:
        return [
            replace(
                history,
                identifier=f"k{number}",
                events=tuple(replace(e, event_id=f"{e.event_id}{number:05x}") for e in history.events),
            )
            for number, history in enumerate(drawn)
        ]

    return st.lists(histories(), min_size=size, max_size=size).map(named)


def telling_moments(history: History) -> list[datetime]:
    """The moments at which a decision about a history can turn, and those just before."""
    turning = {day(45), day(55), day(60), day(100)}
    for event in history.events:
        for shift in (0, 1, 15, 20, 40):
            turning.add(event.occurred_at + timedelta(days=shift))
        turning.add(event.occurred_at.replace(hour=0))
        turning.update(moment for moment in (event.recorded_at, event.loaded_at) if moment)
    for use, _ in history.uses:
        turning.update((use, use + timedelta(days=20)))
    turning.update(moment for moment, _ in history.bounces)
    for listing in history.listings:
        turning.update(moment for moment in (listing.snapshot_at, listing.valid_from, listing.valid_to) if moment)
        turning.update(WORLD.copies[listing.list_id])
    for born, _, _ in history.births:
        turning.update(years_later(born, years) for years in (13, 15, 16) if born)
    return sorted(turning | {moment - MICROSECOND for moment in turning})
