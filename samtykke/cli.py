"""The command line. Exit codes: 0 done, 1 a check blocked, 2 bad usage or configuration, 3 input refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import duckdb
import typer
from rich.console import Console

from samtykke import __version__
from samtykke.moments import parse_moment
from samtykke.outcome import ExitCode
from samtykke.segments.cli import app as segment_commands
from samtykke.settings import ConfigurationError, load_settings
from samtykke.storage.lock import HomeBusyError

app = typer.Typer(
    name="samtykke",
    help="A consent-aware customer warehouse: one profile per person, audiences that leave only with provable consent.",
    epilog="Exit codes: 0 done · 1 a check blocked, what was published before still stands · "
    "2 bad usage or configuration · 3 input refused.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# Without a terminal there is no width to obey, and a table cut to 80 columns hides the segments' names.
out = Console() if sys.stdout.isatty() else Console(width=140)
err = Console(stderr=True)

obligations_app = typer.Typer(help="What recipients are still owed, and that it was done.", no_args_is_help=False)
app.add_typer(obligations_app, name="obligations")

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder that holds everything a run writes. [default: $SAMTYKKE_HOME, var]"),
]
IdentifierArgument = Annotated[
    str,
    typer.Argument(
        help="E-mail, phone, instagram:@name, crm_id:…, a key k1_…, a person_id; - reads it from standard input.",
        callback=lambda value: sys.stdin.readline().strip() if value == "-" else value,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """End a command with one line instead of a traceback when the cause is the user's to mend."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (ConfigurationError, HomeBusyError) as error:
            fail(str(error))
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            fail("another process is writing to this home; try again when it has finished")

    return guarded


def fail(message: str, code: ExitCode = ExitCode.USAGE) -> NoReturn:
    """Print one line on standard error and end with a code."""
    err.print(f"samtykke: {message}", highlight=False, soft_wrap=True, markup=False)
    raise typer.Exit(int(code))


def print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, indent=2, default=str) + "\n")


def _moment(text: str | None, zone: str) -> datetime | None:
    """Read a moment of the command line, or end with code 2."""
    try:
        return parse_moment(text, ZoneInfo(zone)) if text else None
    except ValueError as error:
        fail(str(error))


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        out.print(f"samtykke {__version__}")
        raise typer.Exit


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
    options = RunOptions(as_of=as_of, full_refresh=full_refresh, accept_drop=accept_drop, wait_seconds=wait)
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


@obligations_app.callback(invoke_without_command=True)
@one_line_errors
def obligations(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what recipients are still owed: removals that have not left, notices that have not been given."""
    if context.invoked_subcommand:
        return
    from datetime import UTC, datetime

    from samtykke.activation.obligations import unmet
    from samtykke.views import print_obligations

    with _ledger(home, read_only=True) as connection:
        found = unmet(connection, at=datetime.now(UTC).replace(tzinfo=None))
    if as_json:
        print_json([one.to_dict() for one in found])
    else:
        print_obligations(out, found)
    raise typer.Exit(int(ExitCode.BLOCKED if any(one.is_overdue for one in found) else ExitCode.DONE))


@obligations_app.command("acknowledge")
@one_line_errors
def acknowledge_obligation(
    obligation_id: Annotated[str, typer.Argument(help="As `samtykke obligations` lists it.")],
    by: Annotated[str, typer.Option("--by", help="Who answers for it.")],
    reference: Annotated[str | None, typer.Option(help="Where the proof lies, such as a ticket number.")] = None,
    home: HomeOption = None,
) -> None:
    """Write on the ledger that an obligation was met by hand: a notice given, or a removal made at the platform."""
    from datetime import UTC, datetime

    from samtykke.activation.obligations import UnknownObligationError, acknowledge

    try:
        with _ledger(home, read_only=False) as connection:
            moment = datetime.now(UTC).replace(tzinfo=None)
            acknowledge(connection, obligation_id, by=by, reference=reference, now=moment)
    except UnknownObligationError as error:
        fail(str(error))
    out.print(f"{obligation_id} is met; the next run counts it so.", highlight=False)


@contextmanager
def _ledger(home: Path | None, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The home's ledger while nobody writes to it."""
    from samtykke.storage.connect import open_home, prepare_home
    from samtykke.storage.lock import home_lock

    settings = load_settings(home=home)
    if not settings.ledger.exists():
        raise ConfigurationError(f"no ledger in {settings.home}; run first")
    with home_lock(settings):
        prepare_home(settings)
        with open_home(settings, read_only=read_only) as connection:
            yield connection


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
def explain(
    identifier: IdentifierArgument,
    recipient: Annotated[
        str | None, typer.Option(help="meta, google, mailchimp, …: rule by rule. [default: one line for each]")
    ] = None,
    segment: Annotated[str | None, typer.Option(help="Only the audience of this segment. [default: all]")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="A purpose of use, analytics.behaviour for one, rule by rule instead.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="The moment T asked about. [default: that of the last run]")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="What was known at this moment K. [default: everything]")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the person's permission history into this SVG file.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say rule by rule why a person is in or out, at any moment T as known at any moment K."""
    from samtykke.explain import Question, QuestionError, UnreadableIdentifierError, history
    from samtykke.explain import explain as answer
    from samtykke.explain.picture import draw
    from samtykke.explain.published import print_published, published_explanation
    from samtykke.explain.show import print_explanation

    settings = load_settings(home=home)
    try:
        moments = (_moment(at, settings.timezone), _moment(known_at, settings.timezone))
        question = Question(identifier, recipient, segment, purpose, *moments)
        try:
            explanation = answer(settings, question)
        except (HomeBusyError, duckdb.IOException):
            if picture or (published := published_explanation(settings, question)) is None:
                raise
            if as_json:
                print_json(published.to_dict())
            else:
                print_published(out, published)
            return
        drawn = draw(history(settings, question)) if picture else ""
    except (QuestionError, UnreadableIdentifierError) as error:
        fail(str(error))
    if as_json:
        print_json(explanation.to_dict())
    else:
        print_explanation(out, explanation, in_detail=recipient is not None)
    if picture:
        picture.write_text(drawn, encoding="utf-8")


consent = typer.Typer(help="Consent records and receipts of a person (ISO/IEC TS 27560).", no_args_is_help=True)
app.add_typer(consent, name="consent")


@consent.command("record")
@one_line_errors
def consent_record(
    identifier: IdentifierArgument,
    receipt: Annotated[bool, typer.Option("--receipt", help="The copy for the person.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="As for explain.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As for explain.")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="Write to a file instead of the terminal.")] = None,
    home: HomeOption = None,
) -> None:
    """Write the consent record of a person as JSON (ISO/IEC TS 27560, DPV terms), without clear identifiers."""
    from samtykke.consent import records
    from samtykke.explain import Question, QuestionError, UnreadableIdentifierError

    settings = load_settings(home=home)
    question = Question(identifier, at=_moment(at, settings.timezone), known_at=_moment(known_at, settings.timezone))
    try:
        record = records.consent_record(settings, question, is_receipt=receipt)
    except (QuestionError, UnreadableIdentifierError) as error:
        fail(str(error))
    if not (settings.controller_name and settings.controller_address and settings.controller_contact):
        err.print("set SAMTYKKE_CONTROLLER_NAME, _ADDRESS and _CONTACT: a receipt must state them", style="yellow")
    if file is None:
        print_json(record)
    else:
        file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


RecipientOption = Annotated[str | None, typer.Option("--recipient", help="Only this recipient. [default: all]")]
SegmentOption = Annotated[str | None, typer.Option("--segment", help="Only this segment. [default: all]")]
MassOption = Annotated[
    bool, typer.Option("--allow-mass-removal", help="Let a large share of an audience leave it at once.")
]


@app.command()
@one_line_errors
def plan(
    recipient: RecipientOption = None,
    segment: SegmentOption = None,
    allow_mass_removal: MassOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a delivery would change at each recipient, and why; change nothing."""
    _deliver(home, recipient, segment, allow_mass_removal, is_sent=False, as_json=as_json)


@app.command()
@one_line_errors
def deliver(
    recipient: RecipientOption = None,
    segment: SegmentOption = None,
    send: Annotated[bool, typer.Option("--send", help="Really write files and send. [default: a dry run]")] = False,
    allow_mass_removal: MassOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring recipients up to date with the audiences of the last run; a dry run unless --send is given."""
    _deliver(home, recipient, segment, allow_mass_removal, is_sent=send, as_json=as_json)


def _deliver(
    home: Path | None, recipient: str | None, segment: str | None, allow_mass: bool, *, is_sent: bool, as_json: bool
) -> None:
    from samtykke.activation.export import ExportError, Scope, export_all
    from samtykke.activation.gate import StaleGateError
    from samtykke.activation.plans import print_results, to_dict
    from samtykke.storage.lock import home_lock

    settings = load_settings(home=home)
    if not settings.warehouse.exists():
        fail(f"no warehouse in {settings.home}; run first")
    scope = Scope(recipient, segment, dry_run=not is_sent, send=is_sent, allow_mass_removal=allow_mass or None)
    problem = None
    with home_lock(settings):
        try:
            results = export_all(settings, as_of=None, scope=scope)
        except StaleGateError as error:
            fail(str(error), ExitCode.BLOCKED)
        except ExportError as error:
            results, problem = error.results, str(error)
    if not results and not problem:
        fail("no such audience; recipients and segments are those of the segments' files")
    if as_json:
        print_json({"is_sent": is_sent, "audiences": [to_dict(result) for result in results], "problem": problem})
    else:
        print_results(out, results, is_dry=not is_sent)
    if problem:
        fail(problem, ExitCode.BLOCKED)


identifier_app = typer.Typer(help="What platforms make of an identifier.", no_args_is_help=True)
app.add_typer(identifier_app, name="identifier")


@identifier_app.command("explain")
@one_line_errors
def explain_identifier(
    value: Annotated[str, typer.Argument(help="An e-mail address, phone number or mobile ad id; - reads a line.")],
    platform: Annotated[str | None, typer.Option(help="Only this platform. [default: all that take it]")] = None,
    kind: Annotated[str | None, typer.Option(help="email, phone or madid. [default: what it looks like]")] = None,
    region: Annotated[
        str | None, typer.Option(help="Country of a national phone number, alpha-2. [default: $SAMTYKKE_COUNTRY]")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show each step from what was typed to what a platform gets; nothing is stored or logged."""
    from dataclasses import asdict

    from samtykke.hashing.explain import explain

    typed = sys.stdin.readline().rstrip("\n") if value == "-" else value
    try:
        steps = list(explain(typed, platform=platform, kind=kind, region=region or load_settings(home=home).country))
    except ValueError as error:
        fail(str(error))
    if as_json:
        print_json([asdict(step) for step in steps])
        return
    for step in steps:
        line = f"{step.platform:<10} {step.step:<15} {step.text or '-'}"
        out.print(f"{line}   ({step.says})", highlight=False, markup=False, soft_wrap=True)


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


app.add_typer(segment_commands, name="segment")


def main() -> None:
    """Entry point of the command ``samtykke``."""
    app()
