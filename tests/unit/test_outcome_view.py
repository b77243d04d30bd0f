"""What a run says at its end when some of its deliveries did not arrive."""

from __future__ import annotations

import io

from rich.console import Console

from samtykke.outcome import BlockedCheck, ExitCode, Exported, RunOutcome, StepTime
from samtykke.views import print_outcome

_DOWN = "batch 1 (add): no answer. The next run goes on there; at once: samtykke deliver --only {} --send"


def said(outcome: RunOutcome) -> str:
    out, err = (Console(file=io.StringIO(), width=400) for _ in range(2))
    print_outcome(out, err, outcome)
    return err.file.getvalue() + out.file.getvalue()


def failed(asset: str, says: str, check: str = "everything_arrived") -> BlockedCheck:
    return BlockedCheck(asset, check, says)


def test_a_platform_that_is_down_is_told_once_and_not_per_audience() -> None:
    outcome = RunOutcome(
        ExitCode.BLOCKED,
        blocked=tuple(failed(f"exports/meta/{one}", _DOWN.format(f"meta/{one}")) for one in ("jeans", "dresses")),
        steps=(StepTime("published__marts", 1.0),),
        exports=(),
    )
    text = said(outcome)
    assert text.count("no answer") == 1
    assert "exports/meta (jeans, dresses)" in text and "samtykke deliver --only meta --send" in text
    assert "everything else was delivered, built and published" in text
    assert "nothing new" not in text


def test_a_reason_of_the_recipient_stands_before_the_audiences_it_stopped() -> None:
    secret = failed("exports/meta", "set SAMTYKKE_SECRET_META_ACCESS_TOKEN", "credentials_let_us_in")
    text = said(
        RunOutcome(ExitCode.BLOCKED, blocked=(secret, failed("exports/meta/jeans", _DOWN.format("meta/jeans"))))
    )
    assert text.count("SAMTYKKE_SECRET_META_ACCESS_TOKEN") == 1
    assert "and with exports/meta: jeans" in text
    assert "what was published before still stands" in text


def test_a_dry_run_is_never_told_as_a_delivery() -> None:
    planned = Exported("meta", "jeans", 0, 0, 0, None, delivery="dry run: nothing was sent", to_add=3)
    text = said(RunOutcome(ExitCode.DONE, exports=(planned,)))
    assert "Dry run: 1 audiences would change at meta" in text
    assert "nothing new" not in text
