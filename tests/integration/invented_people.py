"""People drawn from a seed, with everything they leave behind in every entity: each row knows whose it is."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from company import Company

NIGHT = datetime(2026, 3, 1, 2, 0)
PURPOSES = [
    ("marketing.direct", "email", ""),
    ("advertising.audience", "ads_audience", "meta"),
    ("advertising.audience", "ads_audience", "google"),
    ("analytics.behaviour", "", ""),
    ("enrichment.social", "", ""),
    ("enrichment.interests", "", ""),
    ("identity.linking", "", ""),
]
EVERYTHING = ";".join(sorted({purpose for purpose, _, _ in PURPOSES}))
# how a person stands; only the first permits anything at all
KINDS = ["permits"] * 12 + ["silent"] * 3 + ["refused", "withdrew", "unconfirmed", "unnamed"]
PRODUCTS = [("J1", "Straight jeans", "jeans"), ("D1", "Linen summer dress", "dresses"), ("B1", "Trail boots", "shoes")]
POSTS = ["I love cycling and went for a long ride", "We go camping every summer", "Is the shop open on Sunday?"]
Row = dict[str, object]


@dataclass(frozen=True)
class Person:
    """Somebody with contact points of their own; nobody else in an invented company has one of them."""

    number: int
    kind: str
    email: str
    phone: str
    handle: str
    cookie: str

    @property
    def contact_id(self) -> str:
        return f"C{self.number:05d}"


class Invented:
    """People and the rows about them, the same for the same seed.

    Args:
        seed: Draws everything.
        people: How many.
    """

    def __init__(self, seed: int, people: int) -> None:
        self.rows: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        chance = random.Random(seed)
        self.people = [self._person(number, chance) for number in range(people)]
        for person in self.people:
            self._live(person, random.Random(f"{seed}/{person.number}"))

    def deliver(self, company: Company, kept: Collection[int]) -> None:
        """Put everything about some of the people into a company's drop folder."""
        notice = {"notice_id": "welcome", "locale": "da", "effective_from": "2024-01-01T00:00:00Z"}
        company.deliver(
            "notices",
            "notices",
            [
                {**notice, "version": 1, "text": "Må vi skrive?", "purposes": "marketing.direct", "recipients": ""},
                {**notice, "version": 2, "text": "Må vi?", "purposes": EVERYTHING, "recipients": "meta;google"},
            ],
        )
        company.deliver("products", "products", [{"product_id": i, "name": n, "category": c} for i, n, c in PRODUCTS])
        company.deliver("suppressions", "nobody", [_listed("nobody@example.com")])
        for entity, rows in self.rows.items():
            company.deliver(entity, "people", [row for number, row in rows if number in kept])

    def without_permission(self) -> set[int]:
        """Who permits nothing."""
        return {person.number for person in self.people if person.kind != "permits"}

    def _person(self, number: int, chance: random.Random) -> Person:
        kind = KINDS[number] if number < len(KINDS) else chance.choice(KINDS)
        return Person(
            number=number,
            kind=kind,
            email=f"person.{number}@example.com" if chance.random() < 0.85 else "",
            phone=f"+4520{123000 + number}",
            handle=f"handle_{number}" if chance.random() < 0.5 else "",
            cookie=f"cookie-{number}-{chance.randrange(10**9)}",
        )

    def _live(self, person: Person, chance: random.Random) -> None:
        def add(entity: str, **row: object) -> None:
            self.rows[entity].append((person.number, row))

        def some(most: int) -> range:
            return range(chance.randint(0, most))

        def past(days: int) -> str:
            return _at(NIGHT - timedelta(seconds=chance.randrange(3600, days * 86400)))

        me = f"{person.number}"
        named = {"contact_id": person.contact_id, "email": person.email, "phone": person.phone}
        add("contacts", source="crm", **named, country="DK", created_at=past(400))
        if person.email and chance.random() < 0.3:  # known to a second system by the address alone
            add("contacts", source="newsletter", contact_id="", email=person.email, phone="", country="DK",
                created_at=past(200))  # fmt: skip
        for event in _said(person, chance):
            self.rows["consent_events"].append((person.number, event))
        for n in some(3):
            order = {"source": "shop", "order_id": f"o{me}-{n}"}
            link = chance.choice([named, {"contact_id": person.contact_id, "email": "", "phone": ""}])
            add("orders", **order, **link, ordered_at=past(700), status="paid", currency="DKK", country="DK")
            for line in range(chance.randint(1, 2)):
                add("order_lines", **order, line_id=line, product_id=chance.choice(PRODUCTS)[0], quantity=1,
                    unit_price=500)  # fmt: skip
        for n in some(6) if person.email else ():
            add("email_events", event_id=f"e{me}-{n}", email=person.email, message_id=f"m{n}",
                event_type=chance.choice(["open", "click"]), user_agent="Mail", occurred_at=past(60))  # fmt: skip
        for n in some(2):
            add("shares", share_id=f"s{me}-{n}", parent_share_id="" if n == 0 else f"s{chance.randrange(40)}-0",
                identifier_kind="phone", identifier=person.phone, channel="whatsapp",
                url=f"https://shop.example/p/J1?share={me}-{n}", created_at=past(50))  # fmt: skip
        for n in some(5):
            page = chance.choice(["/c/jeans", "/c/dresses", "/p/J1", "/checkout/thanks", "/"])
            share = chance.choice(["", "", f"s{chance.randrange(40)}-0"])
            login = {"login_kind": "phone", "login_identifier": person.phone} if n == 0 else {}
            add("page_views", event_id=f"v{me}-{n}", cookie_id=person.cookie, occurred_at=past(40), share_id=share,
                url=f"https://shop.example{page}", user_agent="Mozilla/5.0 Firefox/140", **login)  # fmt: skip
        if person.handle:
            here = {"source": "listening", "platform": "instagram"}
            add("social_profiles", **here, handle=person.handle, contact_id=person.contact_id, email=person.email,
                bio="I love hiking", observed_at=past(90))  # fmt: skip
            for n in some(3):
                add("social_posts", **here, post_id=f"p{me}-{n}", handle=person.handle,
                    text=chance.choice(POSTS), language="en", posted_at=past(90))  # fmt: skip
            add("social_edges", **here, from_handle=person.handle,
                to_handle=f"handle_{chance.randrange(40)}", observed_at=past(90))  # fmt: skip
        if chance.random() < 0.3:
            case = {"source": "desk", "conversation_id": f"c{me}"}
            add("conversations", **case, channel="phone", identifier_kind="phone", identifier=person.phone,
                opened_at=past(90))  # fmt: skip
            add("messages", **case, message_id=f"c{me}-1", author_kind="customer", text="Hej", sent_at=past(80))
        if person.email and chance.random() < 0.1:
            self.rows["suppressions"].append((person.number, _listed(person.email)))


def attempts(invented: Invented, seed: int, lowering: Collection[int] = ()) -> list[Row]:
    """Events that raise nothing, about everybody and every purpose; about some people also a no.

    Args:
        invented: Whom they are about.
        seed: Draws how each tries.
        lowering: Who is also withdrawn by the nightly copy of the CRM, which may do that.
    """
    chance = random.Random(seed)
    tries: list[Row] = [
        {"source": "crm_sync", "actor": "subject"},
        {"source": "operator_feed", "actor": "system"},
        {"source": "preference_centre", "is_default": "true"},
        {"source": "preference_centre", "action": "imported_state"},
        {"source": "web_form", "actor": "agent"},
        {"source": "web_form", "actor": "controller"},
        {"source": "somebody_new", "actor": ""},
        {"source": "web_form", "consent_type": "implied"},
        {"source": "web_form", "notice_version": "9"},
    ]
    rows = []
    for person in invented.people:
        for number, scope in enumerate(PURPOSES):
            when = _at(NIGHT - timedelta(days=chance.randrange(1, 60)))
            row = _event(person, f"try-{person.number}-{number}", scope, "granted", when) | chance.choice(tries)
            rows.append(row)
        if person.number in lowering:
            no = _event(person, f"low-{person.number}", ("any", "any", ""), "withdrawn", _at(NIGHT - timedelta(days=1)))
            rows.append(no | {"source": "crm_sync", "actor": "system"})
    return rows


def merges(invented: Invented, seed: int) -> list[Row]:
    """Contact records that make one person of two, here and there."""
    chance = random.Random(seed)
    pairs = zip(*[iter(chance.sample(invented.people, 20))] * 2, strict=True)
    return [
        {"source": "crm", "contact_id": f"M{one.number}", "email": one.email, "phone": other.phone, "country": "DK",
         "created_at": _at(NIGHT - timedelta(days=5))}
        for one, other in pairs if one.email
    ]  # fmt: skip


def _said(person: Person, chance: random.Random) -> Iterator[Row]:
    """What a person said of each purpose, at the address and at the number."""
    if person.kind == "silent":
        return
    for kind in ("email", "phone"):
        if kind == "email" and not person.email:
            continue
        for number, scope in enumerate(PURPOSES):
            asked = NIGHT - timedelta(days=chance.randrange(30, 300))
            event = _event(person, f"{person.number}-{kind}-{number}", scope, "granted", _at(asked), kind)
            if person.kind == "unconfirmed":
                yield event | {"source": "newsletter_double_opt_in"}
            elif person.kind == "unnamed":
                yield event | {"notice_version": "7"}
            elif person.kind == "withdrew" or chance.random() < 0.75:
                yield event
    if person.kind in ("refused", "withdrew"):
        no = "refused" if person.kind == "refused" else "withdrawn"
        scope = ("any", "any", "")
        yield _event(person, f"{person.number}-no", scope, no, _at(NIGHT - timedelta(days=9)), "phone")


def _event(
    person: Person, event_id: str, scope: tuple[str, str, str], action: str, at: str, kind: str = "phone"
) -> Row:
    return {
        "source": "preference_centre", "source_event_id": event_id, "identifier_kind": kind,
        "identifier": person.email if kind == "email" else person.phone, "purpose": scope[0], "channel": scope[1],
        "recipient": scope[2], "action": action, "actor": "subject", "is_default": "", "consent_type": "",
        "notice_id": "welcome", "notice_version": 2, "notice_locale": "da", "occurred_at": at,
    }  # fmt: skip


def _listed(email: str) -> Row:
    return {
        "list_id": "hard_bounce", "identifier_kind": "email", "identifier": email, "channel": "email",
        "valid_from": "2026-02-01T00:00:00Z", "snapshot_at": "2026-02-28T00:00:00Z",
    }  # fmt: skip


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
