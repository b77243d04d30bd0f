"""The reference data of generated histories: few purposes, sources, notices and lists, so that histories collide."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.properties.consent_oracle import Key, ListScope, Notice, Purpose, Source, World

START = datetime(2026, 1, 1)
MICROSECOND = timedelta(microseconds=1)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


LOADS = [day(1), day(30), day(62), day(95)]
KEYS: list[Key] = [
    ("marketing.direct", "email", None),
    ("marketing.direct", "sms", None),
    ("advertising.audience", "ads_audience", "meta"),
    ("advertising.audience", "ads_audience", "google"),
    ("enrichment.social", None, None),
    ("analytics.behaviour", None, None),
    ("service", None, None),
]
EVERYTHING = frozenset({
    "marketing.direct", "advertising.audience", "advertising.audience.person", "enrichment.social",
    "analytics.behaviour",
})  # fmt: skip
# The signals that a recipient demands beside its purpose.
SIGNALS = {"google": ("advertising.audience.data", "advertising.audience.person")}

WORLD = World(
    purposes={
        "any": Purpose("group"),
        "marketing": Purpose("group"),
        "marketing.direct": Purpose("channel", lapse_after_unused_days=20, is_suppressible=True),
        "advertising": Purpose("group"),
        "advertising.audience": Purpose("channel", "ads_audience", valid_days=40, is_suppressible=True),
        "advertising.audience.data": Purpose("channel", "ads_audience", valid_days=40, part_of="advertising.audience"),
        "advertising.audience.person": Purpose("channel", "ads_audience", is_suppressible=True),
        "enrichment.social": Purpose("use", policy_changed_at=day(45)),
        "analytics.behaviour": Purpose("use", requires_double_opt_in=True),
        "service": Purpose("use", requires_notice=False, is_permitted_by_contract=True),
    },
    sources={
        "form": Source(80),
        "double": Source(80, requires_double_opt_in=True),
        "signals": Source(70, default_actor="subject"),
        "sync": Source(10, may_raise=False),
    },
    notices={
        ("n", "1", "da"): Notice(frozenset({"marketing.direct", "enrichment.social"}), frozenset(), day(-90), day(-90)),
        ("n", "2", "da"): Notice(EVERYTHING, frozenset({"meta"}), day(-60), day(-60)),
        ("n", "2", "en"): Notice(EVERYTHING, frozenset(), day(-60), day(-60)),
        ("n", "3", "da"): Notice(EVERYTHING, frozenset({"meta", "google"}), day(50), day(61), True, 5),
        ("m", "1", "da"): Notice(EVERYTHING, frozenset({"meta", "google"}), day(-60), day(20)),
    },
    allowed_bases={
        ("marketing.direct", "email", "soft_opt_in"): "soft_opt_in",
        ("marketing.direct", "email", "legitimate_interest"): "legitimate_interest",
        ("service", None, "legitimate_interest"): "legitimate_interest",
    },
    ages={"DK": 15, "NO": 13},
    list_scopes=(
        ListScope("robinson", "email", None, 25, is_full_copy=True),
        ListScope("own", "email", "DK", 30),
        ListScope("texts", "sms", "NO", 50, is_required=True),
        ListScope("texts", "ads_audience", "NO", 50, is_required=True),
        ListScope("undeclared", "sms", None, 40),  # as its entries say, and as old as the row `*` allows
    ),
    copies={
        "robinson": {day(10): day(12), day(40): day(43), day(70): day(70)},
        "own": {day(5): day(6), day(33): day(40), day(65): day(66)},
        "texts": {day(20): day(30), day(75): day(76)},
        "undeclared": {day(15): day(15), day(55): day(57)},
    },
)


def seed_texts(world: World = WORLD) -> dict[str, str]:
    """The world's reference data as the seeds' CSV."""

    def table(header: str, rows: list[list[object]]) -> str:
        lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
        return "\n".join([header, *lines]) + "\n"

    return {
        "purposes": table(
            "purpose,title,kind,only_channel,requires_notice,requires_double_opt_in,valid_days,"
            "lapse_after_unused_days,policy_changed_at,is_permitted_by_contract,is_suppressible,part_of,requires_explicit",
            [[name, name, p.kind, p.only_channel, p.requires_notice, p.requires_double_opt_in, p.valid_days,
              p.lapse_after_unused_days, p.policy_changed_at, p.is_permitted_by_contract, p.is_suppressible,
              p.part_of, p.requires_explicit]
             for name, p in world.purposes.items()],
        ),
        "consent_sources": table(
            "source,title,source_rank,may_raise,requires_double_opt_in,default_actor",
            [[name, name, s.rank, s.may_raise, s.requires_double_opt_in, s.default_actor]
             for name, s in world.sources.items()],
        ),
        "allowed_bases": table(
            "purpose,channel,basis,state", [[*key, state] for key, state in world.allowed_bases.items()]
        ),
        "digital_consent_ages": table("country,age", [list(item) for item in world.ages.items()]),
        "suppression_lists": table(
            "list_id,title,channel,country,maximum_age_days,is_full_copy,is_required",
            [[s.list_id, s.list_id, s.channel, s.country, s.maximum_age_days, s.is_full_copy, s.is_required]
             for s in world.list_scopes if s.list_id != "undeclared"]
            + [["*", "any other", None, None, 40, False, False]],
        ),
        "recipients": table(
            "recipient,title,role,permission_recipient,purpose,channel,identifier_kinds,export_format,minimum_matched,"
            "ttl_days,signal_purposes",
            [["meta", "", "joint_controller", "meta", "advertising.audience", "ads_audience", "email", "", 0, None,
              None],
             ["google", "", "joint_controller", "google", "advertising.audience", "ads_audience", "email", "", 0, None,
              ";".join(SIGNALS["google"])],
             ["mailer", "", "processor", None, "marketing.direct", "email", "email", "", 0, None, None],
             ["texter", "", "processor", None, "marketing.direct", "sms", "email", "", 0, None, None]],
        ),
    }  # fmt: skip
