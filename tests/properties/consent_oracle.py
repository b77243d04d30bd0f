"""The consent decision as a fold over events, in plain Python: what the SQL models are compared with.

It is written from the rules (docs/consent.md) and shares nothing with the models: one identifier, one key, one
moment at a time, no windows, no intervals.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

BEGINNING = datetime(1900, 1, 1)
OURS = "company"
POSITIVE = {"granted": "given", "renewed": "renewed"}
NEGATIVE = {"refused": "refused", "withdrawn": "withdrawn", "objected": "objected", "revoked_by_controller": "revoked"}
USABLE = {"given", "renewed", "soft_opt_in", "legitimate_interest"}
PRECISION = {"exact": 2, "day": 1, "unknown": 0}
PERSON = ("subject", "guardian")

Key = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class Purpose:
    kind: str
    only_channel: str | None = None
    requires_notice: bool = True
    requires_double_opt_in: bool = False
    valid_days: int | None = None
    lapse_after_unused_days: int | None = None
    policy_changed_at: datetime | None = None
    is_permitted_by_contract: bool = False
    is_suppressible: bool = False
    part_of: str | None = None
    requires_explicit: bool = False


@dataclass(frozen=True)
class Source:
    rank: int
    may_raise: bool = True
    requires_double_opt_in: bool = False
    default_actor: str | None = None


@dataclass(frozen=True)
class Notice:
    purposes: frozenset[str]
    recipients: frozenset[str]
    effective_from: datetime
    loaded_at: datetime
    is_material_change: bool = False
    grace_days: int = 0


@dataclass(frozen=True)
class ListScope:
    """A channel in a country that a suppression list closes; None is every one. Without declared scopes see World."""

    list_id: str
    channel: str | None
    country: str | None
    maximum_age_days: int
    is_full_copy: bool = False
    is_required: bool = False


@dataclass(frozen=True)
class World:
    """Reference data: the same for every history of a batch."""

    purposes: dict[str, Purpose]
    sources: dict[str, Source]
    notices: dict[tuple[str, str, str], Notice]
    allowed_bases: dict[tuple[str, str | None, str], str]
    ages: dict[str, int]
    list_scopes: tuple[ListScope, ...]  # also of undeclared lists: what their entries say, none a full copy
    copies: dict[str, dict[datetime, datetime]]  # list -> snapshot -> loaded


@dataclass(frozen=True)
class Event:
    event_id: str
    source: str
    purpose: str
    channel: str | None
    recipient: str | None
    action: str
    basis: str | None
    consent_type: str | None
    is_default: bool
    actor: str | None
    notice: tuple[str, str, str] | None
    occurred_at: datetime
    precision: str
    recorded_at: datetime | None
    valid_until: datetime | None
    loaded_at: datetime
    controller: str = OURS


@dataclass(frozen=True)
class Listing:
    list_id: str
    channel: str | None
    snapshot_at: datetime
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True)
class History:
    """Everything about one identifier."""

    identifier: str
    events: tuple[Event, ...]
    births: tuple[tuple[date | None, str | None, datetime], ...] = ()  # birth date, country, loaded
    listings: tuple[Listing, ...] = ()
    erased_at: tuple[datetime, ...] = ()
    uses: tuple[tuple[datetime, datetime], ...] = ()  # occurred, loaded
    bounces: tuple[tuple[datetime, datetime], ...] = ()  # occurred, loaded


@dataclass(frozen=True)
class Decision:
    state: str
    rule_id: str
    reason: str
    winner: str | None = None
    expires_at: datetime | None = None
    holds_negative: bool = field(default=False)

    @property
    def is_permitted(self) -> bool:
        return self.state in USABLE


def permit(world: World, history: History, key: Key, at: datetime, known: datetime, controller: str = OURS) -> Decision:
    """The decision as `permission_at` gives it: R4 also closes the channels of lists that are too old."""
    decision = decide(world, history, key, at, known, controller, uses_known=known)
    stale = _stale_list(world, history, key[1], at, known)
    if stale is None or decision.rule_id in ("R1", "R2", "R3", "R4"):
        return decision
    return replace(decision, state="suppressed", rule_id="R4", reason=f"stale_list:{stale}")


def decide(
    world: World, history: History, key: Key, at: datetime, known: datetime, controller: str = OURS,
    uses_known: datetime = datetime.max,
) -> Decision:  # fmt: skip
    """What is permitted for a key at moment `at` as known at moment `known`, and by which rule.

    Stored intervals know every proof of use, `uses_known` is for who asks what was known of them.
    """
    purpose = world.purposes[key[0]]
    admitted = [e for e in history.events if e.controller == controller and _admitted(world, e)]
    if not any(_covers(world, e, key) for e in admitted):
        return Decision("unknown", "R13", "silence")
    events = [e for e in admitted if _covers(world, e, key) and _known_from(world, e) <= known]

    grants = [e for e in events if e.action in POSITIVE and _latest(e) <= at]
    grant = max(grants, key=lambda e: _grant_order(world, e), default=None)
    noes = [e for e in events if e.action in NEGATIVE and _earliest(e) <= at]
    no = max(noes, key=lambda e: _no_order(world, e), default=None)
    holds = grant is not None and all(_latest(n) < _decides_at(grant) for n in noes)

    restrictions = [e for e in events if e.action == "restricted" and _earliest(e) <= at]
    lifts = [e for e in events if e.action == "unrestricted" and _latest(e) <= at]
    last_restriction = max((_latest(r) for r in restrictions), default=None)
    restricted = bool(restrictions) and not any(_earliest(u) > last_restriction for u in lifts)

    invalidations = [e for e in events if e.action == "invalidated"]
    invalidated = grant is not None and any(_latest(v) >= _decides_at(grant) for v in invalidations)

    erased = any(moment <= known for moment in history.erased_at)
    childs_word = holds and _is_childs_word(world, history, grant, at, known)
    negative = erased or restricted or childs_word or (no is not None and not holds)

    if erased:
        return Decision("erased", "R1", "tombstone", holds_negative=True)
    if invalidated:
        winner = max(invalidations, key=lambda e: _no_order(world, e))
        return Decision("invalidated", "R2", "grant_invalid", winner.event_id, holds_negative=negative)
    if restricted:
        winner = max(restrictions, key=lambda e: _no_order(world, e))
        return Decision("restricted", "R3", "art_18", winner.event_id, holds_negative=True)
    if purpose.is_suppressible and _is_listed(world, history, key, at, known):
        return Decision("suppressed", "R4", "on_list", holds_negative=negative)
    if holds:
        return _judge_grant(world, history, events, grant, at, (known, uses_known), childs_word)
    if no is not None:
        return Decision(NEGATIVE[no.action], "R6", "latest_act_denies", no.event_id, holds_negative=True)
    return Decision("unknown", "R13", "silence")


def _judge_grant(
    world: World, history: History, events: list[Event], grant: Event, at: datetime, known: tuple[datetime, datetime],
    childs_word: bool,
) -> Decision:  # fmt: skip
    """The rules that can still stop the newest grant, in their order."""
    if childs_word:
        reason = "came_of_age" if _actor(world, grant) == "guardian" else "child_without_guardian"
        return Decision("pending", "R5", reason, grant.event_id, holds_negative=True)
    source = world.sources.get(grant.source)
    if world.purposes[grant.purpose].requires_double_opt_in or (source and source.requires_double_opt_in):
        confirmations = [_latest(e) for e in events if e.action == "confirmed"]
        if not any(_latest(grant) <= moment <= at for moment in confirmations):
            return Decision("pending", "R10", "not_confirmed", grant.event_id)
    ends = _ends(world, history, grant, *known)
    expires_at = min((moment for moment, _ in ends), default=None)
    if expires_at is not None and expires_at <= at:
        reason = next(reason for moment, reason in ends if moment == expires_at)
        state = "lapsed" if reason == "unused" else "expired"
        return Decision(state, "R11", reason, grant.event_id, expires_at)
    basis = grant.basis or "consent"
    if basis == "consent":
        return Decision(POSITIVE[grant.action], "R6", "latest_act_grants", grant.event_id, expires_at)
    state = world.allowed_bases.get((grant.purpose, _channel(world, grant), basis))
    if state is None:
        return Decision("wrong_basis", "R12", "basis_not_allowed", grant.event_id)
    return Decision(state, "R6", "latest_act_grants", grant.event_id, expires_at)


def _admitted(world: World, e: Event) -> bool:
    """R6, R7: whether an event may do what it says; a no always may."""
    if e.action in NEGATIVE or e.action in ("restricted", "invalidated"):
        return True
    source = world.sources.get(e.source)
    if e.is_default or (source is not None and not source.may_raise):
        return False
    actor = _actor(world, e)
    if e.action == "unrestricted":
        return actor in (*PERSON, "controller", "authority")
    if actor not in PERSON:
        return False
    if e.action == "confirmed":
        return True
    if e.action not in POSITIVE:
        return False
    if (e.basis or "consent") == "consent" and e.consent_type in ("implied", "none"):
        return False
    purpose = world.purposes.get(e.purpose)
    if purpose is not None and purpose.requires_explicit and e.consent_type != "explicit":
        return False
    if purpose is None or purpose.kind == "group":
        return False
    channel = _channel(world, e)
    if channel == "any" or (purpose.kind == "channel" and channel is None):
        return False
    notice = world.notices.get(e.notice) if e.notice else None
    if purpose.requires_notice or e.recipient is not None:
        return (
            notice is not None
            and (e.purpose in notice.purposes or purpose.part_of in notice.purposes)
            and (e.recipient is None or e.recipient in notice.recipients)
        )
    return True


def _covers(world: World, e: Event, key: Key) -> bool:
    """R6: a yes covers what it says, with its declared parts; everything else covers what is narrower too."""
    purpose, channel, recipient = key
    mine = _channel(world, e)
    if e.action in POSITIVE:
        whole = world.purposes[purpose].part_of if purpose in world.purposes else None
        return e.purpose in (purpose, whole) and (channel is None or mine == channel) and e.recipient == recipient
    return (
        (e.purpose in ("any", purpose) or purpose.startswith(e.purpose + "."))
        and (channel is None or mine in (None, "any", channel))
        and e.recipient in (None, recipient)
    )


def _known_from(world: World, e: Event) -> datetime:
    notice = world.notices.get(e.notice) if e.notice else None
    return max(e.loaded_at, notice.loaded_at) if e.action in POSITIVE and notice else e.loaded_at


def _actor(world: World, e: Event) -> str | None:
    source = world.sources.get(e.source)
    return e.actor or (source.default_actor if source else None)


def _channel(world: World, e: Event) -> str | None:
    purpose = world.purposes.get(e.purpose)
    return e.channel or (purpose.only_channel if purpose else None)


def _earliest(e: Event) -> datetime:
    if e.precision == "exact":
        return e.occurred_at
    return e.occurred_at.replace(hour=0, minute=0, second=0, microsecond=0) if e.precision == "day" else BEGINNING


def _latest(e: Event) -> datetime:
    if e.precision == "exact":
        return e.occurred_at
    if e.precision == "day":
        return e.occurred_at + timedelta(days=1)
    return max(e.occurred_at, e.recorded_at or e.loaded_at)


def _decides_at(grant: Event) -> datetime:
    """Only what is certainly later outweighs a no; a basis other than consent never does (R12)."""
    return _earliest(grant) if (grant.basis or "consent") == "consent" else BEGINNING


def _grant_order(world: World, e: Event) -> tuple:
    return (_decides_at(e), _latest(e), PRECISION[e.precision], _rank(world, e), e.event_id)


def _no_order(world: World, e: Event) -> tuple:
    return (_latest(e), _earliest(e), PRECISION[e.precision], _rank(world, e), e.event_id)


def _rank(world: World, e: Event) -> int:
    return world.sources[e.source].rank if e.source in world.sources else 0


def _is_childs_word(world: World, history: History, grant: Event, at: datetime, known: datetime) -> bool:
    ages = [
        years_later(born, world.ages.get(country, 16))
        for born, country, loaded in history.births
        if born is not None and loaded <= known
    ]
    if not ages:
        return False
    of_age = max(ages)
    return of_age <= at if _actor(world, grant) == "guardian" else _earliest(grant) < of_age


def years_later(born: date, years: int) -> datetime:
    try:
        return datetime(born.year + years, born.month, born.day)
    except ValueError:  # born on 29 February
        return datetime(born.year + years, 2, 28)


def _is_listed(world: World, history: History, key: Key, at: datetime, known: datetime) -> bool:
    if key[1] is None:
        return False
    for entry in history.listings:
        copies = world.copies[entry.list_id]
        scopes = [scope for scope in world.list_scopes if scope.list_id == entry.list_id]
        channels = [entry.channel] if entry.channel else [scope.channel for scope in scopes] or [None]
        if copies[entry.snapshot_at] > known or not {None, key[1]} & set(channels):
            continue
        begins, ends = entry.valid_from or entry.snapshot_at, entry.valid_to or datetime.max
        if any(scope.is_full_copy for scope in scopes):
            later = [copy for copy, loaded in copies.items() if copy > entry.snapshot_at and loaded <= known]
            ends = min([ends, *later])
        if begins <= at < ends:
            return True
    if key[1] != "email":
        return False
    return any(
        loaded <= known
        and bounced <= at
        and not any(bounced < use <= at and told <= known for use, told in history.uses)
        for bounced, loaded in history.bounces
    )


def _stale_list(world: World, history: History, channel: str | None, at: datetime, known: datetime) -> str | None:
    """The first list that is too old to tell whether the identifier is on it."""
    countries = {country for _, country, _ in history.births if country}
    stale = []
    for scope in world.list_scopes if channel else ():
        delivered = [copy for copy, loaded in world.copies.get(scope.list_id, {}).items() if loaded <= known]
        delivered = [copy for copy in delivered if copy <= at] + [BEGINNING] * scope.is_required
        is_old = bool(delivered) and max(delivered) + timedelta(days=scope.maximum_age_days) <= at
        if is_old and scope.channel in (None, channel):
            stale.append(scope)
    concerned = [scope for scope in stale if scope.country is None or not countries or scope.country in countries]
    return min((scope.list_id for scope in concerned), default=None)


def _ends(
    world: World, history: History, grant: Event, known: datetime, uses_known: datetime
) -> list[tuple[datetime, str]]:
    """R11: every moment at which the grant ends by itself; at equal moments the first is the reason."""
    purpose, given = world.purposes[grant.purpose], _earliest(grant)
    ends = []
    if grant.valid_until:
        ends.append((grant.valid_until, "asserted_end"))
    if purpose.valid_days is not None:
        ends.append((given + timedelta(days=purpose.valid_days), "purpose_validity"))
    if purpose.policy_changed_at and given < purpose.policy_changed_at:
        ends.append((purpose.policy_changed_at, "policy_changed"))
    if purpose.lapse_after_unused_days is not None:
        unused = timedelta(days=purpose.lapse_after_unused_days)
        lapses = given + unused
        for use, loaded in sorted(history.uses) if _channel(world, grant) == "email" else ():
            if given <= use < lapses and loaded <= uses_known:
                lapses = use + unused
        ends.append((lapses, "unused"))
    shown = world.notices.get(grant.notice) if grant.notice else None
    for (notice_id, _, _), later in world.notices.items():
        if (
            shown is not None
            and notice_id == grant.notice[0]
            and later.is_material_change
            and later.effective_from > shown.effective_from
            and max(later.loaded_at, shown.loaded_at) <= known
        ):
            ends.append((later.effective_from + timedelta(days=later.grace_days), "notice_changed"))
    return ends
