"""A home on which real dbt builds the models of web and mail again and again; everything around them is drawn."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from samtykke.settings import load_settings
from samtykke.storage.connect import prepare_home
from tests.dbt_process import run_dbt
from tests.properties.consent_sql import ROOT

BEGINNING = datetime(2026, 6, 1)
NIGHTS = 8
MAIL = ("stg_email__deliveries", "stg_email__events", *(
    f"int_behaviour__{name}" for name in ("mail_rules", "mailboxes", "email_events", "person_mails", "person_email")
))  # fmt: skip
MODELS = ("tag:web_days", "int_behaviour__identifier_persons", "int_behaviour__person_uses", *MAIL)
SEEDS = {
    "goals": ", types={'value': 'decimal(18, 4)'}",
    "page_types": "",
    "product_categories": "",
    "bot_user_agents": "",
}
# What people and other models read. The rest is what a build notes for the next one.
TOLD = (
    "staging.stg_web__superseded_page_views",
    *(
        f"intermediate.int_behaviour__{name}"
        for name in (
            "clicks", "urls", "pages", "origins", "sessions", "session_persons", "session_categories", "goals_reached",
            "person_visits", "person_web", "mailboxes", "email_events", "person_mails", "person_email",
        )
    ),
    *(f"marts.web_{name}" for name in ("sessions", "page_views", "goals")),
)  # fmt: skip
PATHS = (
    "/", "/c/jeans", "/p/p1", "/p/p2/blue", "/cart", "/checkout", "/checkout/thanks", "/logo.png", "/robots.txt",
    "/?utm_source=mail", "/?utm_source=ads", "https://shop.example/p/P3?gclid=x",
)  # fmt: skip
AGENTS = ("Mozilla/5.0 (iPhone)", "Mozilla/5.0 (compatible; Googlebot/2.1)", "-", None)


@dataclass(frozen=True)
class PageView:
    """One delivered page view; `line` is its place in its file."""

    event_id: str
    cookie: str
    session: str | None
    occurred_at: datetime
    path: str
    agent: str | None
    login: str | None
    line: int = 0


@dataclass(frozen=True)
class Mail:
    """One delivered event of the mail service."""

    event_id: str
    message: str
    mailbox: str
    kind: str
    url: str | None
    agent: str | None
    topic: str
    occurred_at: datetime


@dataclass
class Company:
    """What has been delivered, and who is who: drawn, and changed night by night."""

    chance: random.Random
    files: dict[str, tuple[datetime, list[PageView]]] = field(default_factory=dict)
    mails: dict[str, tuple[datetime, list[Mail]]] = field(default_factory=dict)
    people: dict[str, list[int]] = field(default_factory=dict)  # identifier -> whose it is
    uses: dict[int, tuple[bool, bool, str]] = field(default_factory=dict)  # person -> analysis, linking, reason
    products: dict[str, str] = field(default_factory=lambda: {"p1": "jeans", "p2": "dress"})
    events: int = 0

    def visit(self, night: int) -> Iterator[PageView]:
        """A visitor's clicks, close to the gap and to midnight; now and then a bot's, or those of a ready session."""
        chance = self.chance
        cookie = f"cookie-{chance.randrange(12)}"
        session = f"s-{chance.randrange(4)}" if chance.random() < 0.15 else None
        moment = BEGINNING + timedelta(days=night, seconds=chance.choice((60, 600, 40_000, 84_000, 86_000, 86_399)))
        is_fast = chance.random() < 0.05
        for _ in range(35 if is_fast else chance.randrange(1, 5)):
            self.events += 1
            yield PageView(
                f"e{self.events}", cookie, session, moment, chance.choice(PATHS),
                chance.choices(AGENTS, (9, 1, 1, 1))[0],
                f"login-{chance.randrange(5)}" if chance.random() < 0.2 else None,
            )  # fmt: skip
            moment += timedelta(seconds=0 if is_fast else chance.choice((0, 1, 300, 1790, 1800, 1801, 5000, 90_000)))

    def mail(self, night: int) -> Iterator[Mail]:
        """What becomes of one mail: read, or opened and followed by machines."""
        chance = self.chance
        moment = BEGINNING + timedelta(days=night, seconds=chance.randrange(80_000))
        message, mailbox = f"m{self.events}", f"mail-{chance.randrange(8)}"
        for kind in ("sent", "delivered", *chance.choices(("open", "click", "click", "bounce_soft", "reply"), k=3)):
            self.events += 1
            yield Mail(
                f"e{self.events}", message, mailbox, kind, f"/p/{self.events}" if kind == "click" else None,
                chance.choice(("Mozilla/5.0", "Mozilla/5.0 (iPhone)", None)), chance.choice(("jeans", "Tents")), moment,
            )  # fmt: skip
            moment += timedelta(seconds=chance.choice((0, 1, 3, 4000)))

    def night(self, night: int) -> None:
        """What a day and its evening bring."""
        chance = self.chance
        views = [view for _ in range(6) for view in self.visit(night)]
        if night:  # late, by a day or by many
            views += [view for _ in range(2) for view in self.visit(chance.randrange(night))]
            known = [view for _, told in self.files.values() for view in told]
            for view in chance.sample(known, 2):  # delivered again; the same, or put right
                moved = view.occurred_at + timedelta(seconds=chance.choice((0, 900, -86_400)))
                views.append(replace(view, occurred_at=moved, cookie=chance.choice((view.cookie, "cookie-0"))))
        mails = [mail for _ in range(4) for mail in self.mail(chance.randrange(night + 1))]
        if night:  # an event comes again, as another mailbox's or of another moment
            known = [mail for _, told in self.mails.values() for mail in told]
            for mail in chance.sample(known, 2):
                mailbox = chance.choice((mail.mailbox, "mail-0", "mail-9"))
                mails.append(replace(mail, mailbox=mailbox, occurred_at=mail.occurred_at + timedelta(seconds=2)))
        if night > 2:
            self.take_back(night)
            self.mails.pop(chance.choice(list(self.mails)) if chance.random() < 0.3 else "", None)
        self.mails[f"day {night}"] = (BEGINNING + timedelta(days=night + 1, hours=2), mails)
        self.deliver(f"day {night}", views, night)
        identifiers = (("cookie", 12), ("login", 5), ("mail", 10))
        for identifier in (f"{kind}-{n}" for kind, count in identifiers for n in range(count)):
            if chance.random() < 0.25:  # identified, or another's, or nobody's again
                self.people[identifier] = [chance.randrange(6) for _ in range(chance.choices((0, 1, 2), (1, 6, 1))[0])]
        for person in range(6):
            if person not in self.uses or chance.random() < 0.3:
                self.uses[person] = (
                    chance.random() < 0.8,
                    chance.random() < 0.8,
                    chance.choice(("silence", "withdrawn")),
                )
        if chance.random() < 0.3:
            self.products[chance.choice(("p1", "p2", "p3"))] = chance.choice(("jeans", "dress", "tent"))

    def take_back(self, night: int) -> None:
        """A file is replaced by another, goes, or loses the rows of somebody who was erased."""
        chance = self.chance
        name = chance.choice(list(self.files))
        views = self.files[name][1]
        what = chance.randrange(5)
        if what == 0:
            del self.files[name]
        elif what == 1:
            self.deliver(name, chance.sample(views, len(views) // 2), night)
        elif what == 2:
            gone = chance.choice(views).cookie
            self.files = {
                file: (loaded, [view for view in told if view.cookie != gone])
                for file, (loaded, told) in self.files.items()
            }

    def visits(self, until: datetime, pause: timedelta) -> set[frozenset[str]]:
        """The visits of what happened until then, found click by click: of each visit the ids of its events."""
        counted: dict[str, tuple[tuple, PageView]] = {}
        for name, (loaded_at, told) in self.files.items():
            for view in told:
                rank = (loaded_at, name, view.line)
                if view.occurred_at <= until and rank >= counted.get(view.event_id, (rank,))[0]:
                    counted[view.event_id] = (rank, view)
        strands: dict[tuple, list[PageView]] = {}
        for _, view in counted.values():
            strands.setdefault((view.cookie, view.session), []).append(view)
        found = set()
        for (_, session), views in strands.items():
            views.sort(key=lambda view: view.occurred_at)
            visit = [views[0]]
            for view in views[1:]:
                if session is None and view.occurred_at - visit[-1].occurred_at > pause:
                    found.add(frozenset(one.event_id for one in visit))
                    visit = []
                visit.append(view)
            found.add(frozenset(one.event_id for one in visit))
        return found

    def mailed(self, until: datetime) -> set[tuple]:
        """The events of mail that happened until then, each as it was delivered last."""
        counted: dict[str, tuple[tuple, Mail]] = {}
        for name, (loaded_at, told) in self.mails.items():
            for line, mail in enumerate(told):
                rank = (loaded_at, name, line)
                if mail.occurred_at <= until and rank >= counted.get(mail.event_id, (rank,))[0]:
                    counted[mail.event_id] = (rank, mail)
        persons = {key: uuid.UUID(int=people[0]) for key, people in self.people.items() if len(set(people)) == 1}
        return {
            (mail.event_id, mail.mailbox, persons.get(mail.mailbox), mail.occurred_at) for _, mail in counted.values()
        }

    def deliver(self, name: str, views: list[PageView], night: int) -> None:
        loaded_at = BEGINNING + timedelta(days=night + 1, hours=2)
        self.files[name] = (loaded_at, [replace(view, line=line) for line, view in enumerate(views)])


class WebHome:
    """A home whose inputs are what a company says.

    Args:
        folder: Where the home and dbt's files go.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = load_settings(home=folder / "home")
        prepare_home(self.settings)
        with self.connect() as connection:
            for schema in ("reference", "intermediate"):
                connection.execute(f"create schema {schema}")
            for name, types in SEEDS.items():
                file = ROOT / "seeds" / f"{name}.csv"
                connection.execute(f"create table reference.{name} as from read_csv('{file}', header=true{types})")
        self._target = folder / "target"

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.settings.warehouse))
        connection.execute(f"set TimeZone = 'UTC'; attach '{self.settings.ledger}' as ledger")
        return connection

    def build(self, *arguments: str, select: tuple[str, ...] = MODELS, **variables: object) -> None:
        """Run the models as dbt runs them, incrementally where they are.

        Raises:
            AssertionError: dbt failed.
        """
        command = ["run", "--select", *select, *arguments]
        run_dbt(command, settings=self.settings, target=self._target, variables=variables)

    def put(self, company: Company) -> None:
        """Let the home hold what the company says."""
        views = [
            {
                "event_id": view.event_id, "source": "web", "cookie_key": view.cookie, "session_id": view.session,
                "occurred_at": view.occurred_at, "url": view.path, "referrer": None, "user_agent": view.agent,
                "login_kind": "email" if view.login else None, "login_key": view.login, "share_id": None, "extra": None,
                "file_id": name, "line_number": view.line, "loaded_at": loaded_at,
            }
            for name, (loaded_at, told) in company.files.items()
            for view in told
        ]  # fmt: skip
        identifiers = [
            (uuid.UUID(int=person).hex, key, "cookie" if key.startswith("cookie") else "email", False, False)
            for key, people in company.people.items()
            for person in people
        ]
        permissions = [
            (uuid.UUID(int=person).hex, purpose, None, None, is_permitted, reason)
            for person, (may_analyse, may_link, reason) in company.uses.items()
            for purpose, is_permitted in (
                ("service", True), ("analytics.behaviour", may_analyse), ("identity.linking", may_link)
            )
        ]  # fmt: skip
        mails = [
            {
                "event_id": mail.event_id, "message_id": mail.message, "campaign_id": None, "topic": mail.topic,
                "email_key": mail.mailbox, "event_type": mail.kind, "url": mail.url, "user_agent": mail.agent,
                "occurred_at": mail.occurred_at, "file_id": name, "line_number": line, "loaded_at": loaded_at,
            }
            for name, (loaded_at, told) in company.mails.items()
            for line, mail in enumerate(told)
        ]  # fmt: skip
        with self.connect() as connection:
            # as the loader does: what a file brought stays where it is, unless the file is replaced
            connection.register("views", pa.Table.from_pylist(views, schema=_PAGE_VIEWS))
            connection.execute("""
                delete from raw.page_views where (file_id, loaded_at, line_number) not in (
                    select file_id, loaded_at, line_number from views
                )
            """)
            connection.execute("""
                insert into raw.page_views by name
                select * from views anti join raw.page_views using (file_id, loaded_at, line_number)
            """)
            connection.register("mails", pa.Table.from_pylist(mails, schema=_MAILS))
            connection.execute("delete from raw.email_events; insert into raw.email_events by name from mails")
            _replace(connection, "int_identity__person_identifiers", identifiers, _IDENTIFIERS)
            _replace(connection, "int_identity__withheld_identifiers", [], _WITHHELD)
            _replace(connection, "int_consent__person_permissions", permissions, _PERMISSIONS)
            products = [(key, kind, kind, kind) for key, kind in company.products.items()]
            _replace(connection, "int_behaviour__products", products, _PRODUCTS)

    def visits(self) -> set[frozenset[str]]:
        """Of each visit the ids of its events."""
        with self.connect() as connection:
            rows = connection.execute("""
                select list(distinct page_views.event_id)
                from intermediate.int_behaviour__clicks as clicks
                inner join raw.page_views on clicks.click_id = hash(page_views.event_id)
                group by clicks.session_id
            """).fetchall()
        return {frozenset(events) for (events,) in rows}

    def mailed(self) -> set[tuple]:
        """Of each event of mail its mailbox, person and moment."""
        with self.connect() as connection:
            return set(
                connection.execute("""
                select event_id, email_key, linked_person_id, occurred_at from intermediate.int_behaviour__email_events
            """).fetchall()
            )

    def told(self) -> dict[str, pa.Table]:
        """Everything that is told."""
        with self.connect() as connection:
            return {name: connection.execute(f"select * from {name}").to_arrow_table() for name in TOLD}


_PAGE_VIEWS = pa.schema(
    [
        (name, pa.int64() if name == "line_number" else pa.timestamp("us") if name.endswith("_at") else pa.string())
        for name in (
            "event_id", "source", "cookie_key", "session_id", "occurred_at", "url", "referrer", "user_agent",
            "login_kind", "login_key", "share_id", "extra", "file_id", "line_number", "loaded_at",
        )
    ]
)  # fmt: skip
_MAILS = pa.schema(
    [
        (name, pa.int64() if name == "line_number" else pa.timestamp("us") if name.endswith("_at") else pa.string())
        for name in (
            "event_id", "message_id", "campaign_id", "topic", "email_key", "event_type", "url", "user_agent",
            "occurred_at", "file_id", "line_number", "loaded_at",
        )
    ]
)  # fmt: skip
_IDENTIFIERS = "person_id uuid, identifier_key varchar, identifier_kind varchar, is_blocked boolean, is_shared boolean"
_WITHHELD = "person_id uuid, purpose varchar, identifier_key varchar"
_PERMISSIONS = (
    "person_id uuid, purpose varchar, channel varchar, recipient varchar, is_permitted boolean, reason varchar"
)
_PRODUCTS = "product_id varchar, category varchar, subcategory varchar, product_type varchar"


def _replace(connection: duckdb.DuckDBPyConnection, name: str, rows: list[tuple], columns: str) -> None:
    connection.execute(f"create or replace table intermediate.{name} ({columns})")
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"insert into intermediate.{name} values ({places})", rows)


def unequal(mine: dict[str, pa.Table], wanted: dict[str, pa.Table]) -> list[str]:
    """What one has told and the other has not, row for row and column for column."""
    found = []
    with duckdb.connect() as connection:
        for name in TOLD:
            connection.register("mine", mine[name])
            connection.register("wanted", wanted[name])
            columns = ", ".join(f'"{column}"' for column in wanted[name].column_names)
            for left, right, how in (("mine", "wanted", "too much"), ("wanted", "mine", "missing")):
                rows = connection.execute(
                    f"select {columns} from {left} except all select {columns} from {right}"
                ).fetchall()
                found += [f"{name}, {how}: {row}" for row in rows[:3]]
    return found


def end_of(night: int) -> datetime:
    return BEGINNING + timedelta(days=night + 1, hours=3)


def day(night: int) -> date:
    return (BEGINNING + timedelta(days=night)).date()
