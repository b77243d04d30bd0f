"""Run the night, look at it, check the set-up; make a drop folder of invented people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from samtykke.commands.console import (
    HomeOption,
    JsonOption,
    err,
    fail,
    one_line_errors,
    out,
    print_json,
)
from samtykke.moments import parse_moment
from samtykke.outcome import ExitCode
from samtykke.settings import load_settings

app = typer.Typer()


@app.command()
@one_line_errors
def run(
    home: HomeOption = None,
    landing: Annotated[Path | None, typer.Option(help="Drop folder. [default: <home>/landing]")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The moment taken as now; a bare date is the end of that day. [default: now]"),
    ] = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild incremental models.")] = False,
    web_days: Annotated[
        str | None,
        typer.Option("--web-days", help="Days (UTC) whose visits are told anew, whatever came: FIRST/LAST."),
    ] = None,
    accept_drop: Annotated[
        bool, typer.Option("--accept-drop", help="Go on although a mart lost nine tenths of its rows.")
    ] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another run of this home.", min=0)] = 900.0,
    as_json: JsonOption = False,
) -> None:
    """Run the nightly job: load, build, check, export, publish."""
    from samtykke.runner import RunOptions, run_nightly
    from samtykke.summary import read_summary
    from samtykke.views import RunProgress, print_next_steps, print_outcome, print_summary

    settings = load_settings(home=home, landing=landing)
    options = RunOptions(
        as_of=as_of, full_refresh=full_refresh, web_days=web_days, accept_drop=accept_drop, wait_seconds=wait
    )
    with RunProgress(err, quiet=as_json) as progress:
        outcome = run_nightly(settings, options, progress.update)
    summary = read_summary(settings) if outcome.run_id else None
    if as_json:
        print_json({"outcome": json.loads(outcome.to_json()), "summary": summary and summary.to_dict()})
    else:
        if summary:
            print_summary(out, settings, summary)
        print_outcome(out, err, outcome)
        if summary:
            print_next_steps(out, settings)
    raise typer.Exit(int(outcome.exit_code))


@app.command()
@one_line_errors
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the last run and what is published now; works while a run writes."""
    from samtykke.outcome import RunOutcome
    from samtykke.runner import last_outcome_file
    from samtykke.summary import read_summary
    from samtykke.views import print_outcome, print_summary

    settings = load_settings(home=home)
    outcome = RunOutcome.from_file(last_outcome_file(settings))
    summary = read_summary(settings)
    if as_json:
        print_json({"outcome": outcome and json.loads(outcome.to_json()), "summary": summary and summary.to_dict()})
        return
    if outcome is None and summary is None:
        out.print(f"No run yet in {settings.home}. Start one with: samtykke run", highlight=False, soft_wrap=True)
        return
    if summary:
        print_summary(out, settings, summary)
    if outcome:
        print_outcome(out, err, outcome)


@app.command()
@one_line_errors
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check the set-up: versions, folders, permissions, disk space, configuration."""
    from samtykke.doctor import examine
    from samtykke.views import print_findings

    findings = examine(load_settings(home=home))
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        print_findings(out, findings)
    raise typer.Exit(int(ExitCode.DONE if all(finding.ok for finding in findings) else ExitCode.USAGE))


@app.command()
@one_line_errors
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Prove that the ledger is what was appended: recompute every hash chain."""
    from samtykke.verify import verify_home
    from samtykke.views import print_findings

    findings = verify_home(load_settings(home=home))
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        print_findings(out, findings)
    raise typer.Exit(int(ExitCode.DONE if all(finding.ok for finding in findings) else ExitCode.BLOCKED))


@app.command()
@one_line_errors
def lineage(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check every column's label against what it is made of, and show which purposes each segment needs."""
    from samtykke.lineage.record import check_home
    from samtykke.lineage.show import report_content
    from samtykke.runner import current_manifest
    from samtykke.views import print_lineage

    settings = load_settings(home=home)
    report = check_home(settings, current_manifest(settings))
    if as_json:
        print_json(report_content(report))
    else:
        print_lineage(out, err, report)
    raise typer.Exit(int(ExitCode.BLOCKED if report.problems else ExitCode.DONE))


@app.command()
@one_line_errors
def sample(
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="Drop folder: new, empty, or an earlier sample. [default: sample-<people>-<seed>]"),
    ] = None,
    people: Annotated[int, typer.Option(min=100, help="How many invented people.")] = 3000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The moment the sample is taken. [default: the bundled sample's]")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a drop folder of invented people: every entity, the oddities of real files."""
    from datetime import UTC

    from samtykke.sample import generate

    zone = ZoneInfo(load_settings(home=home).timezone)
    try:
        moment = {"as_of": parse_moment(as_of, zone).replace(tzinfo=UTC)} if as_of else {}
        files = generate(folder or Path(f"sample-{people}-{seed}"), people=people, seed=seed, **moment)
    except (ValueError, FileExistsError) as error:
        fail(str(error))
    if as_json:
        print_json([{"path": file.path, "rows": file.rows, "sha256": file.sha256} for file in files])
    else:
        for file in files:
            out.print(f"{file.rows:>12,}  {file.path}", highlight=False)
