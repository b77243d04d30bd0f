"""Asynchronous platforms: a job that asks what became of open batches, and the sensor that starts it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb

from assets.automation import UNDERWAY
from assets.context import Home
from assets.deliveries import audience_key
from assets.jobs import say_what_failed
from samtykke.activation.answers import Answer, ask, open_batches
from samtykke.settings import Settings

ASK = "ask_platforms"
# Klaviyo answers in seconds, Google in hours: the wait doubles while nothing changes.
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=1)


def build_answers(*, settings: Settings) -> dg.Definitions:
    """Return job and sensor; the sensor is switched on by hand like everything that starts a run."""

    @dg.op(name="ask_about_open_batches")
    def ask_about_open_batches(context: dg.OpExecutionContext, home: Home) -> None:
        """Ask every platform about what it was still working on; nothing is sent."""
        answers = ask(home.settings)
        for answer in answers:
            context.log_event(
                dg.AssetObservation(audience_key(answer.recipient, answer.segment), metadata=_metadata(answer))
            )
        problems = [f"{one.recipient}/{one.segment}: {problem}" for one in answers for problem in one.problems]
        if problems:
            raise dg.Failure("; ".join(problems), allow_retries=False)

    @dg.job(
        name=ASK,
        executor_def=dg.in_process_executor,
        hooks={say_what_failed},
        description="Asks about batches that a platform was still working on, and writes the answers to the ledger. "
        "The nightly job asks as well; the marts tell of it after the next night.",
    )
    def ask_platforms() -> None:
        ask_about_open_batches()

    @dg.sensor(
        job=ask_platforms,
        name="open_batches",
        minimum_interval_seconds=60,
        description="Starts a run of ask_platforms while batches wait for a platform's answer; the wait doubles from "
        "five minutes to an hour while nothing changes.",
    )
    def on_open_batches(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            waiting = open_batches(settings)
        except duckdb.IOException:
            return dg.SkipReason("a run is writing to this home, and asks itself")
        if not waiting:
            return dg.SensorResult(skip_reason="no batch waits for an answer", cursor="")
        if context.instance.get_runs_count(dg.RunsFilter(statuses=UNDERWAY)):
            return dg.SkipReason("a run is under way; looking again when it has finished")
        told = {f"{recipient}/{segment}": count for (recipient, segment), count in waiting.items()}
        turn = _next_turn(context.cursor, told, datetime.now(UTC))
        if turn is None:
            return dg.SkipReason(f"{sum(told.values())} batches wait; asked a while ago")
        return dg.SensorResult(
            run_requests=[dg.RunRequest(tags={"samtykke/open_batches": str(sum(told.values()))})], cursor=turn
        )

    return dg.Definitions(jobs=[ask_platforms], sensors=[on_open_batches])


def _next_turn(cursor: str | None, waiting: Mapping[str, int], now: datetime) -> str | None:
    """Return the cursor of a turn that is due; None if it is too early."""
    last = json.loads(cursor) if cursor else {}
    asked = last.get("asked", 0) + 1 if last.get("waiting") == waiting else 0
    if asked and now < datetime.fromisoformat(last["at"]) + min(_FIRST_WAIT * 2 ** (asked - 1), _LONGEST_WAIT):
        return None
    return json.dumps({"waiting": dict(waiting), "asked": asked, "at": now.isoformat()})


def _metadata(answer: Answer) -> dict[str, object]:
    tally = answer.tally
    shown: dict[str, object] = {
        "batches_acknowledged": tally.acknowledged,
        "batches_pending": tally.pending,
        "rejected": sum(tally.rejected.values()),
        "request_ids": dg.MetadataValue.json(tally.request_ids),
    }
    if tally.match_rate is not None:
        shown["match_rate"] = round(tally.match_rate, 4)
    if answer.problems:
        shown["problem"] = "; ".join(answer.problems)
    return shown
