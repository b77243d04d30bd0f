"""What an interface is to this product: something that takes a batch and says what became of it.

A platform is one class: ``send`` turns a batch into requests and the replies into an ``Outcome``. It keeps no state
and knows neither ledger nor permissions. ``call`` asks patiently (``samtykke.activation.http``) and raises for what
is refused.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from samtykke.activation.destinations.spec import DestinationSpec
from samtykke.activation.http import Client, RefusedError, Reply, Request, UnreachableError, is_word
from samtykke.activation.memory import Memory
from samtykke.settings import ConfigurationError

if TYPE_CHECKING:
    from samtykke.activation.targets import Target

Call = Callable[[Request], Reply]
ACCOUNT_WIDE = "account_wide"
MADE_BY_HAND = "made_by_hand"
GRANTED, UNSPECIFIED = "granted", "unspecified"


@dataclass(frozen=True)
class Parcel:
    """A batch with its content, as an interface gets it.

    Attributes:
        segment: Which segment.
        operation: ``add``, ``remove`` or ``replace``.
        group: What its rows have in common (a consent state, ``account_wide``).
        rows: Per row its cells by kind, as the platform wants them. Of a replacement: all rows that shall be there.
        key: The idempotency key, the same on every attempt.
        attempt: From 1, over all runs.
        started_at: When the build was requested, UTC.
        groups: Of a replacement, the group of each row.
    """

    segment: str
    operation: str
    group: str
    rows: Sequence[Mapping[str, str]]
    key: str
    attempt: int
    started_at: datetime
    groups: Sequence[str] = ()

    def headers(self, *part: object) -> dict[str, str]:
        """Return the header with the idempotency key; ``part`` tells the requests of a parcel apart, in every attempt.

        A key that came with another request before is a repetition to whoever reads it, and is not acted on.
        """
        return {"Idempotency-Key": "-".join(map(str, (self.key, *part)))}

    def number(self) -> int:
        """Return a number of 62 bits that stands for this attempt: what platforms call a session."""
        return int.from_bytes(hashlib.sha256(f"{self.key}:{self.attempt}".encode()).digest()[:8]) >> 2


@dataclass(frozen=True)
class Outcome:
    """What became of a parcel.

    Attributes:
        is_final: False while the platform still works on it.
        request_id: How the platform calls it.
        accepted: Rows that it counts as taken; None where it does not say.
        rejected: Rows that it counts as not taken.
        rejections: Code by position of the row, where it says which.
        matched: Lower and upper bound of the people it found.
        code: Why it was refused as a whole; then nothing arrived.
        is_check: Nothing was to arrive: the platform only looked at it.
    """

    is_final: bool = True
    request_id: str | None = None
    accepted: int | None = None
    rejected: int = 0
    rejections: Mapping[int, str] = field(default_factory=dict)
    matched: tuple[int, int] | None = None
    code: str | None = None
    is_check: bool = False


class Api(ABC):
    """Base of a platform's interface.

    Attributes:
        SPEC: Its destination.
        target: How it is reached.
        memory: Where it may keep what the platform told about identifiers; given before the first parcel.
    """

    SPEC: ClassVar[DestinationSpec]
    memory: Memory

    def __init__(self, target: Target):
        self.target = target

    def connect(self) -> Call:
        """Return what ``send`` and ``poll`` get as ``call``: one per run, so that its rate is kept over all segments.

        Raises:
            ValueError: ``base_url`` is no address that may be used.
        """
        delivery = self.target.delivery
        return Client(
            self.target.base_url,
            authorise=self.authorise,
            requests_per_minute=delivery.requests_per_minute or self.target.interface.requests_per_minute,
            patience=self.target.patience,
        ).call

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        """Return the headers that let a request in; after a 401 ``renew`` asks for fresh ones."""
        return {"Authorization": f"Bearer {self.target.secret('access_token')}"}

    @abstractmethod
    def send(self, parcel: Parcel, call: Call) -> Outcome:
        """Send a parcel.

        Raises:
            PartlySentError: A later request was refused after an earlier one was taken.
            samtykke.activation.http.RefusedError: The first request was refused.
            samtykke.activation.http.UnreachableError: No answer: it may have arrived.
        """

    def make_list(self, name: str, call: Call) -> str:
        """Make an empty list and return the platform's id of it, for ``audiences`` in ``deliveries.yml``.

        Raises:
            RefusedError: The platform makes none of that name, or none by its interface.
        """
        raise RefusedError(0, MADE_BY_HAND)

    def poll(self, request_id: str, rows: int, call: Call) -> Outcome:
        """Ask what became of a parcel that the platform was still working on.

        A platform that answers at once knows of no such parcel: what became of it stays unknown, and its rows
        count as held.
        """
        raise RefusedError(0, "answers_at_once")


class PartlySentError(RuntimeError):
    """A batch is several requests to this platform, and one after the first was refused: some of it has arrived."""


def understood(ask: Callable[[], Outcome]) -> Outcome:
    """Return what a platform's class made of the answers.

    Raises:
        UnreachableError: They are not of the shape that it documents: what was sent may have arrived.
    """
    try:
        return ask()
    except ConfigurationError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as problem:
        raise UnreachableError(f"an answer that cannot be read ({type(problem).__name__})") from None


def answer_of(reply: Reply) -> Mapping[str, Any]:
    """Return what a platform answered; an answer without content says nothing of what became of a request.

    Raises:
        UnreachableError: There is no JSON object in it, as when something else than the platform answered.
    """
    if not isinstance(reply.body, dict):
        raise UnreachableError(f"HTTP {reply.status} without an answer in it")
    return reply.body


def id_in(reply: Reply, *path: str | int) -> str:
    """Return the id at a place of an answer.

    Raises:
        UnreachableError: It is not there: it is not known whether anything was made.
    """
    found: Any = reply.body
    try:
        for part in path:
            found = found[part]
        return str(found)
    except (KeyError, IndexError, TypeError):
        raise UnreachableError("an answer without an id") from None


def in_turn(requests: Sequence[Request], call: Call) -> Iterator[Reply]:
    """Ask one after the other; a refusal after the first answer means that a part has arrived.

    Raises:
        PartlySentError: As said.
    """
    for number, request in enumerate(requests):
        try:
            yield call(request)
        except RefusedError as refused:
            if number:
                raise PartlySentError(str(refused)) from None
            raise


def pieces(rows: Sequence[Mapping[str, str]], size: int) -> Iterator[Sequence[Mapping[str, str]]]:
    """Cut rows into pieces of at most ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def refused_inside(code: object, *, status: int = 200) -> RefusedError:
    """Return the error for an answer of 200 that says inside that it is one."""
    text = str(code)
    return RefusedError(status, text if is_word(text) else "no_code")
