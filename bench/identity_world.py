"""Draw customers that never were, known by many channels, and keep the truth apart from what the channels deliver.

Households share landlines and mailboxes, numbers are given to somebody else, shop staff type their own number or
``butik@``, browsers stand in libraries, people are written by nickname, initial or with a typing error. Equal seed,
equal world. The short forms below are the generator's own: they are not read from the seed that the product reads.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta


def _words(text: str) -> list[str]:
    return text.split()


_MEN = _words("""
    peter lars jens michael hans thomas jan henrik anders mikkel erik johan karl olav per pieter kees willem jeroen daan
    klaus jürgen wolfgang stefan nils magnus emil noah oskar viggo sven göran bjørn knut arne odd ivar ahmed ali
    mohammed yusuf marek piotr""")
_WOMEN = _words("""
    anne mette kirsten hanne anna susanne lene marianne maria inge karin emma ida freja ingrid solveig astrid eva
    birgitta kristina elisabeth margareta sanne femke anouk lotte willemijn ursula heike gisela katharina johanna sofie
    clara laura fatima aisha zeynep agnieszka ewa linnea wilma""")
_SHORT = {
    line.split()[0]: line.split()[1:]
    for line in """peter pelle pete
        michael mikael mike
        thomas tom tommy
        henrik henke
        anders andreas
        johan joan johannes
        karl carl kalle
        pieter piet
        kees cornelis
        willem wim
        klaus claus
        jürgen juergen
        wolfgang wolf
        stefan stephan
        erik eric
        anne anna ann
        susanne sanne sus
        lene helene
        maria mia marie
        karin karen
        kristina tina stina christina
        emma em
        elisabeth lis lisbet
        margareta greta
        katharina kathrin katja
        sofie sofia fie
        johanna hanna joke
        birgitta gitta birgit
        willemijn mien
        clara klara
        mohammed mohamed muhammad
        yusuf yousef
        bjørn bjarne björn
        piotr peter""".splitlines()
}
_LAST = _words("""
    jensen nielsen hansen pedersen andersen larsen sørensen rasmussen johansson karlsson nilsson eriksson bakker visser
    smit meijer müller schmidt schneider fischer olsen berg haugen dahl lund holm vinter kowalski yilmaz hassan skov
    bruun friis krogh toft moen lie strand ek lind""")
_STREETS = _words("""
    nørregade skolevej kirkevej parkvej birkealle lindevej storgata drottninggatan kungsgatan dorpsstraat kerkstraat
    molenweg hauptstrasse bahnhofstrasse gartenweg strandvejen møllevej engvej bakkevej havnegade""")
_TOWNS = _words("aarhus odense roskilde esbjerg bergen stavanger malmø uppsala utrecht leiden kiel lübeck")
_DUMMIES = ("+4500000000", "+4511111111", "+4512345678", "+4699999999", "+4533112244")  # the last: a shop's own
_ROLES = ("info@firma.example", "kontakt@firma.example", "noreply@firma.example", "butik@kaede.example")


@dataclass
class Person:
    """One human, with what is theirs alone and what they share."""

    number: int
    household: int
    given: str
    last: str
    born: date
    emails: list[str]
    phones: list[str]
    handle: str
    cookies: list[str]
    addresses: list[tuple[str, str, str]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Record:
    """What one channel delivers: an entity's row, its identifiers by column, and apart from them whose it is."""

    entity: str
    source: str
    identifiers: dict[str, str]
    person: int
    given: str | None = None
    last: str | None = None
    born: date | None = None
    address: tuple[str | None, str | None, str | None] = (None, None, None)


class World:
    """People and their records."""

    def __init__(self, people: int, seed: int) -> None:
        self._draw = random.Random(seed)
        # apart: what is drawn for addresses leaves everything else as it was
        self._places = random.Random(-seed)
        self._seed = seed
        self.people: list[Person] = []
        while len(self.people) < people:
            self._settle_household()
        self._recycle_numbers()
        self.records = [record for person in self.people for record in self._records_of(person)]
        self._draw.shuffle(self.records)

    def _chance(self, percent: float) -> bool:
        return self._draw.random() * 100 < percent

    def _settle_household(self) -> None:
        draw, first = self._draw, len(self.people)
        size = draw.choices((1, 2, 3, 4, 5), (46, 27, 12, 11, 4))[0]
        last = draw.choice(_LAST)
        landline = f"+45{draw.randrange(30_000_000, 89_999_999)}" if size > 1 and self._chance(40) else None
        mailbox = f"familien.{last}{first}@hjem.example" if size > 1 and self._chance(22) else None
        home = self._address()
        names: set[str] = set()
        for index in range(size):
            number = first + index
            given = draw.choice(_WOMEN if (index + number) % 2 else _MEN)
            while given in names:
                given = draw.choice(_WOMEN + _MEN)
            names.add(given)
            born = date(1935, 1, 1) + timedelta(days=draw.randrange(28_000))
            own = [f"{given}.{last}{number}@post.example"] if self._chance(86) else []
            own += [f"{last[:4]}{number}@arbejde.example"] if self._chance(22) else []
            phones = [f"+45{20_000_000 + (number * 7919 + self._seed) % 9_000_000}"] if self._chance(76) else []
            self.people.append(
                Person(
                    number, first, given, last if self._chance(92) else draw.choice(_LAST), born,
                    own + ([mailbox] if mailbox and self._chance(70) else []),
                    phones + ([landline] if landline and self._chance(80) else []),
                    f"{given[:3]}{number}", [f"c-{number}-{n}" for n in range(draw.choice((1, 1, 2)))],
                    [home, self._address()] if self._places.random() < 0.15 else [home],
                )
            )  # fmt: skip

    def _address(self) -> tuple[str, str, str]:
        draw = self._places
        street = f"{draw.choice(_STREETS)} {draw.randrange(1, 180)}"
        town = draw.randrange(len(_TOWNS))
        return street, str(1000 + town * 700 + draw.randrange(60)), _TOWNS[town]

    def _address_written(self, person: Person) -> tuple[str | None, str | None, str | None]:
        """An address as a form has it: whole, without the street, or none; now and then mistyped."""
        draw = self._places
        street, postal_code, town = draw.choice(person.addresses)
        if draw.random() < 0.06:
            at = draw.randrange(1, len(street) - 1)
            street = street[:at] + street[at + 1 :]
        kind = draw.random()
        return (street, postal_code, town) if kind < 0.45 else (None, postal_code, town) if kind < 0.65 else (None,) * 3

    def _recycle_numbers(self) -> None:
        for person in self.people:
            if person.phones and self._chance(2):
                self._draw.choice(self.people).phones.append(person.phones[0])

    def _written(self, given: str) -> str:
        """A name as somebody writes it down."""
        draw = self._draw
        if self._chance(14) and given in _SHORT:
            given = draw.choice(_SHORT[given])
        if self._chance(2.5):
            at = draw.randrange(1, len(given))
            given = given[:at] + draw.choice("aeiounrst") + given[at + draw.choice((0, 1)) :]
        if self._chance(1.5):
            given = given[0]
        return given + (f" {draw.choice(_MEN + _WOMEN)}" if self._chance(3) else "")

    def _email(self, person: Person) -> str | None:
        if self._chance(0.8):
            return self._draw.choice(_ROLES)
        if self._chance(0.3):
            return self._draw.choice(self._draw.choice(self.people).emails or [None])
        return self._draw.choice(person.emails) if person.emails else None

    def _phone(self, person: Person) -> str | None:
        if self._chance(1.5):
            return self._draw.choice(_DUMMIES)
        return self._draw.choice(person.phones) if person.phones else None

    def _records_of(self, person: Person) -> Iterator[Record]:
        draw = self._draw
        for copy in range(draw.choices((0, 1, 2), (30, 60, 10))[0]):
            account = f"K{person.number}-{copy}"
            person.accounts.append(account)
            email = self._email(person) if self._chance(75) else None
            found = {"crm_id": account, "email": email, "phone": self._phone(person)}
            yield self._contact(person, "crm", found, named=97, dated=45)
        if self._chance(45):
            yield self._contact(person, "mail", {"email": self._email(person)}, named=60, dated=5)
        if self._chance(25):
            yield self._contact(person, "event", {"email": self._email(person), "phone": self._phone(person)}, named=90,
                                dated=0)  # fmt: skip
        for _ in range(draw.choices((0, 1, 2, 3), (45, 30, 15, 10))[0]):
            account = draw.choice(person.accounts) if person.accounts and self._chance(35) else None
            found = {"crm_id": account, "email": self._email(person), "phone": self._phone(person)
                     if self._chance(50) else None}  # fmt: skip
            yield Record("orders", "shop", found, person.number)
        if self._chance(30):
            yield Record("social_profiles", "social", {"handle": person.handle, "email": self._email(person)
                                                       if self._chance(40) else None}, person.number)  # fmt: skip
        if self._chance(25):
            kind = draw.choice(("email", "phone", "handle"))
            value = {"email": self._email, "phone": self._phone, "handle": lambda p: p.handle}[kind](person)
            yield Record("conversations", "support", {kind: value}, person.number)
        for _ in range(draw.choices((0, 1, 2), (40, 40, 20))[0]):
            cookie = f"kiosk-{draw.randrange(25)}" if self._chance(1.5) else draw.choice(person.cookies)
            login = draw.choice(person.accounts) if person.accounts and self._chance(40) else None
            found = {"cookie": cookie, "crm_id": login, "email": None if login else self._email(person)}
            yield Record("page_views", "web", found, person.number)

    def _contact(
        self, person: Person, source: str, identifiers: dict[str, str | None], *, named: float, dated: float
    ) -> Record:
        has_name = self._chance(named)
        return Record(
            "contacts", source, identifiers, person.number,
            self._written(person.given) if has_name else None,
            person.last if has_name else None,
            person.born if self._chance(dated) else None,
            self._address_written(person),
        )  # fmt: skip

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield what is delivered, with the person that nobody who resolves may read."""
        columns = ("crm_id", "email", "phone", "handle", "cookie")
        for number, record in enumerate(self.records):
            found = [record.identifiers.get(column) for column in columns]
            if any(found):
                yield (
                    number,
                    record.entity,
                    record.source,
                    *found,
                    record.given,
                    record.last,
                    record.born,
                    *record.address,
                    record.person,
                )
