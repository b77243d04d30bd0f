"""Send an audience to a platform's interface, batch by batch, so that a crash loses nothing and repeats nothing.

The order: what an earlier run left is asked about; its removals are completed; new removals leave; its additions are
completed where they are still wanted, given up where not; new additions leave. A removal that cannot be made stops the
additions of its audience.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from samtykke.activation import batches, files, sent
from samtykke.activation.batches import Batch, Build
from samtykke.activation.compose import Composer
from samtykke.activation.content import Content, DeliveryError
from samtykke.activation.destinations.api import Api, Outcome, Parcel, PartlySentError, understood
from samtykke.activation.http import RefusedError, UnreachableError, is_word

__all__ = ["DeliveryError", "Sender", "Tally"]

_UNFINISHED = ("planned", "leaving")
_LOCKED_OUT = (401, 403)


@dataclass
class Tally:
    """What one delivery did.

    Attributes:
        acknowledged: Batches that the platform took.
        pending: Batches that it still works on.
        rejected: Rows that it named or counted as not taken, by its code.
        problems: What did not arrive, one sentence per batch.
        is_locked_out: It refused to let us in.
        accepted: Rows of additions that it counts as taken.
        matched: Lower and upper bound of the people it found in these; None where it did not say.
        request_ids: How it calls the batches.
        taken: Rows that it took, by operation.
        checked: Batches that it looked at and was not to take.
        postponed: Rows that wait, because it takes no more additions yet.
    """

    acknowledged: int = 0
    pending: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    is_locked_out: bool = False
    accepted: int = 0
    matched: tuple[int, int] | None = None
    request_ids: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    checked: int = 0
    postponed: int = 0

    @property
    def match_rate(self) -> float | None:
        """The share of accepted rows that matched somebody, the middle of what the platform says."""
        return None if self.matched is None or not self.accepted else sum(self.matched) / 2 / self.accepted

    def after(self, earlier: Tally) -> Tally:
        """Return this and what an earlier delivery of the audience did; what was pending then has been asked about."""
        found = [tally.matched for tally in (earlier, self) if tally.matched]
        return replace(
            self,
            accepted=earlier.accepted + self.accepted,
            matched=(sum(low for low, _ in found), sum(high for _, high in found)) if found else None,
            acknowledged=earlier.acknowledged + self.acknowledged,
            rejected=dict(Counter(earlier.rejected) + Counter(self.rejected)),
            problems=[*earlier.problems, *self.problems],
            is_locked_out=earlier.is_locked_out or self.is_locked_out,
            request_ids=list(dict.fromkeys([*earlier.request_ids, *self.request_ids])),
            taken=earlier.taken + self.taken,
            checked=earlier.checked + self.checked,
        )

    def error(self) -> DeliveryError:
        return DeliveryError("; ".join(self.problems), is_about_credentials=self.is_locked_out)


class Sender:
    """Sends the builds of one audience; the connection is the home's, with the audience's recipient composed.

    Without an interface it can only give up what was being sent.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        api: Api | None,
        call: Callable | None,
        composer: Composer | None,
        folder: Path,
        clock: Callable[[], datetime],
        acknowledge: Callable[[Build, Path], None],
    ):
        self._connection = connection
        self._api = api
        self._call = call
        self._folder = folder
        self._clock = clock
        self._acknowledge = acknowledge
        self._content = Content(connection, api, composer)
        self._closed: set[str] = set()
        self._removals_failed = False
        self.tally = Tally()

    def settle(self, builds: Sequence[Build]) -> None:
        """Ask about what the platform was working on and complete the removals of open builds.

        Raises:
            DeliveryError: Nobody answers: a removal could not be completed.
        """
        for build in builds:
            if not files.is_whole(self._directory(build)):
                self._give_up(build, _UNFINISHED)  # no byte leaves before its directory is whole
            for batch in batches.batches_of(self._connection, build.build_id):
                if batch.state == "sent":
                    self._poll(batch)
            self._send_all(build, ("remove",))
            self._close(build)
            left = batches.batches_of(self._connection, build.build_id)
            if any(batch.operation == "remove" and batch.state in _UNFINISHED for batch in left):
                raise self.tally.error()

    def ask(self, builds: Sequence[Build]) -> None:
        """Ask what became of the batches that the platform was working on, and no more."""
        for build in builds:
            for batch in batches.batches_of(self._connection, build.build_id):
                if batch.state == "sent":
                    self._poll(batch)
            self._close(build)

    def mark_on_their_way(self, builds: Sequence[Build]) -> None:
        """Give up the open additions that are not wanted as they are; write down those that are.

        Fills ``export_on_their_way`` and ``export_being_removed``; needs the segment composed.
        """
        wanted: list[Batch] = []
        leaving: list[Batch] = []
        for build in builds:
            for batch in batches.batches_of(self._connection, build.build_id):
                if batch.state not in (*_UNFINISHED, "sent"):
                    continue
                if batch.operation == "remove":
                    leaving.append(batch)
                elif batch.operation == "add" and batches.is_wanted(self._connection, batch):
                    wanted.append(batch)
                elif batch.state != "sent":
                    batches.record(self._connection, batch, "abandoned", self._clock())
            self._close(build)
        batches.mark(self._connection, wanted, leaving)

    def complete(self, builds: Sequence[Build]) -> None:
        """Send the additions of open builds that were not given up."""
        for build in builds:
            self._send_all(build, ("add",))
            self._close(build)

    def send(self, build: Build) -> None:
        """Send a build that was requested and rendered.

        Raises:
            DeliveryError: A removal did not arrive: no addition was made.
        """
        self._removals_failed = False
        self._send_all(build, ("remove",))
        self._close(build)
        if self._removals_failed:
            raise self.tally.error()
        self._send_all(build, ("add", "replace"))
        self._close(build)

    def give_up_all(self, builds: Sequence[Build]) -> None:
        """Give up what was not completed: the recipient is reached otherwise now."""
        for build in builds:
            self._give_up(build, (*_UNFINISHED, "sent"))
            self._close(build)

    def _send_all(self, build: Build, operations: Sequence[str]) -> None:
        for batch in batches.batches_of(self._connection, build.build_id):
            if batch.operation in operations and batch.state in _UNFINISHED:
                self._send(build, batch)

    def _send(self, build: Build, batch: Batch) -> None:
        rows, digests, groups = self._content.of(batch, self._directory(build))
        attempt = batches.attempts(self._connection, batch) + 1
        batches.record(self._connection, batch, "leaving", self._clock())
        parcel = Parcel(
            batch.segment,
            batch.operation,
            batch.group,
            rows,
            batch.key,
            attempt,
            batches.planned_at(self._connection, batch),
            groups,
        )
        try:
            outcome = understood(lambda: self._api.send(parcel, self._call))
        except RefusedError as refused:
            self._failed(batch, "failed", str(refused), status=refused.status)
        except PartlySentError as partly:
            self._failed(batch, "abandoned", str(partly))
        except UnreachableError as unreachable:
            # what it became is not known: it stays open, and the next run sends it again under its key
            self._trouble(batch, str(unreachable))
        else:
            self._note(batch, outcome, digests)

    def _poll(self, batch: Batch) -> None:
        try:
            outcome = understood(lambda: self._api.poll(batch.request_id or "", batch.rows, self._call))
        except RefusedError as refused:
            if refused.status in _LOCKED_OUT:  # says nothing of the batch: it is asked again when we are let in
                self.tally.pending += 1
                self._trouble(batch, str(refused), status=refused.status)
            else:
                self._failed(batch, "abandoned", str(refused))
        except UnreachableError:
            self.tally.pending += 1  # not known yet is no failure: it is asked again next time
        else:
            if outcome.is_final:
                self._note(batch, outcome, batches.digests_of(self._connection, batch))
            else:
                self.tally.pending += 1

    def _note(self, batch: Batch, outcome: Outcome, digests: Sequence[str]) -> None:
        facts = {"request_id": outcome.request_id or batch.request_id, "accepted": outcome.accepted}
        self.tally.request_ids += [facts["request_id"]] if facts["request_id"] else []
        if not outcome.is_final:
            batches.record(self._connection, batch, "sent", self._clock(), **facts)
            self.tally.pending += 1
            return
        if outcome.is_check:
            batches.record(self._connection, batch, "failed", self._clock(), code=outcome.code)
            self.tally.checked += 1
            return
        if outcome.code is not None:
            self._failed(batch, "failed", _safe(outcome.code))
            return
        # a place that no row has counts, though it names none
        named = {digests[at]: _safe(code) for at, code in outcome.rejections.items() if 0 <= at < len(digests)}
        facts["rejected"] = max(outcome.rejected, len(outcome.rejections))
        if batch.operation != "add" and facts["rejected"] > len(named):
            # it is not known who stays there: all count as held, and are removed again next time
            self._failed(batch, "abandoned", "rejected_unnamed")
            return
        if outcome.matched:
            facts["matched_low"], facts["matched_high"] = outcome.matched
        batches.record_acknowledged(self._connection, batch, named, self._clock(), **facts)
        self.tally.acknowledged += 1
        self.tally.taken[batch.operation] += batch.rows - facts["rejected"]
        if batch.operation != "remove":
            self.tally.accepted += batch.rows - facts["rejected"] if outcome.accepted is None else outcome.accepted
            if outcome.matched:
                so_far = self.tally.matched or (0, 0)
                self.tally.matched = (so_far[0] + outcome.matched[0], so_far[1] + outcome.matched[1])
        for code in named.values():
            self.tally.rejected[code] = self.tally.rejected.get(code, 0) + 1
        if unnamed := facts["rejected"] - len(named):
            self.tally.rejected["not_named"] = self.tally.rejected.get("not_named", 0) + unnamed

    def _failed(self, batch: Batch, event: str, says: str, *, status: int | None = None) -> None:
        code = says.rpartition(", ")[2][:80]
        batches.record(self._connection, batch, event, self._clock(), code=code)
        self._trouble(batch, says, status=status)

    def _trouble(self, batch: Batch, says: str, *, status: int | None = None) -> None:
        self.tally.is_locked_out |= status in _LOCKED_OUT
        self._removals_failed |= batch.operation != "add"
        remedy = self._api.SPEC.remedy(says) if self._api else None
        told = f"{says} ({remedy})" if remedy else says
        self.tally.problems.append(f"batch {batch.number} ({batch.operation}): {told}")

    def _give_up(self, build: Build, states: Sequence[str]) -> None:
        for batch in batches.batches_of(self._connection, build.build_id):
            if batch.state in states:
                batches.record(self._connection, batch, "abandoned", self._clock())

    def _close(self, build: Build) -> None:
        """End a build all of whose batches have ended.

        Of removals it is acknowledged when every row arrived; of additions when any may have: who counts what a
        recipient holds by builds must never count too little.
        """
        ended = batches.endings(self._connection, build.build_id)
        if ended is None or build.build_id in self._closed:
            return
        self._closed.add(build.build_id)
        if ended:
            self._acknowledge(build, self._directory(build))
        else:
            sent.abort(self._connection, build, self._clock())

    def _directory(self, build: Build) -> Path:
        return self._folder / build.build_id


def _safe(code: str) -> str:
    """Return a platform's code if it is one: a text may repeat what was sent."""
    return code if is_word(code) else "no_code"
