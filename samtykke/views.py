"""How results look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from samtykke.activation.obligations import Obligation
from samtykke.findings import Finding
from samtykke.lineage.check import Report
from samtykke.lineage.show import needs_by_segment
from samtykke.outcome import BlockedCheck, ExitCode, RunOutcome
from samtykke.publish import marts_file
from samtykke.settings import Settings
from samtykke.summary import Audience, Oversight, Summary

# What each step of the nightly job is called before people; a delivery is named by its recipient.
STEPS = {
    "prepare": "reading the dbt project",
    "load_landing": "loading the drop folder",
    "expectations_landing": "checking what was loaded",
    "append_consent_events": "appending to the consent ledger",
    "dbt_door": "deciding who may come in",
    "compare_records": "comparing records of people who permit linking",
    "load_social": "letting in social data under consent",
    "expectations_door": "checking what was let in",
    "derive_segment_purposes": "holding every column's label against its SQL",
    "read_segment_declarations": "reading what segments declare",
    "dbt_warehouse": "building people, behaviour, segments and audiences",
    "expectations_marts": "checking what may leave",
    "expectations_exports": "checking what left",
    "expectations_campaign": "checking what campaigns are planned by",
    "ledger__audience_record": "recording tonight's audiences",
    "marts__segment_members_segments_keep_their_size": "checking the segments' sizes",
    "guard_deliveries": "asking the guards of every delivery",
    "dbt_after_export": "recording deliveries",
    "marts__obligations_nothing_is_overdue": "checking what recipients are owed",
    "published__marts": "publishing the marts",
    "docs__data_docs": "writing Data Docs",
    "docs__dbt": "writing dbt docs",
}


# The step whose end means that the marts of this run are out.
_PUBLISHED = "published__marts"
# Rows of a list that people read.
_SHOWN = 50


class RunProgress:
    """A spinner that names what a run is doing; plain lines where there is no terminal."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._live: Live | None = None

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal and not self._quiet:
            self._live = Live(Spinner("dots", "starting"), console=self._console, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def update(self, event: Mapping[str, str]) -> None:
        """Show one line of a run's progress."""
        if self._quiet:
            return
        if event["event"] == "waiting":
            self._say("another run is writing to this home; waiting for it")
        elif event["event"] == "step_start":
            self._say(
                STEPS.get(event["step"]) or event["step"].replace("_", " ").replace("deliver to", "delivering to")
            )

    def _say(self, text: str) -> None:
        if self._live:
            self._live.update(Spinner("dots", text))
        else:
            self._console.print(f"· {text}", highlight=False)


def print_summary(console: Console, settings: Settings, summary: Summary) -> None:
    """Print the summary tables of what is published."""
    console.print(f"\n[bold]Published[/] as of {summary.as_of} UTC: {summary.people:,} people\n")
    console.print(_layers(summary))
    console.print(_intake(summary))
    if summary.quarantine:
        console.print(_quarantine(summary))
    console.print(_permissions(summary))
    if summary.oversight:
        console.print(_oversight(summary.oversight))
    if summary.audiences:
        console.print(_waterfall(summary.audiences))


def print_outcome(out: Console, err: Console, outcome: RunOutcome) -> None:
    """Say how the run ended: what left, what was refused, what blocked."""
    for line in outcome.refused:
        err.print(f"refused  {line}", highlight=False, markup=False, soft_wrap=True)
    for line in _blocked(outcome):
        err.print(line, highlight=False, markup=False, soft_wrap=True)
    for broken in outcome.broken:
        err.print(f"broken   {broken.step}: {broken.cause}", highlight=False, markup=False, soft_wrap=True)
    if outcome.warnings:
        out.print(f"{len(outcome.warnings)} warnings of {outcome.checks} checks; see Data Docs or Dagster")
    if outcome.message:
        err.print(f"samtykke: {outcome.message}", highlight=False, markup=False, soft_wrap=True)
    if outcome.exit_code is ExitCode.BLOCKED and any(step.step == _PUBLISHED for step in outcome.steps):
        err.print(
            "What is named above was stopped; everything else was delivered, built and published. "
            "The next run goes on there.",
            soft_wrap=True,
        )
    elif outcome.exit_code is ExitCode.BLOCKED:
        err.print("The run was blocked; what was published before still stands.")
    _print_exports(out, outcome)


def _blocked(outcome: RunOutcome) -> Iterable[str]:
    """One line per check that blocked; audiences of one recipient that it stopped for one reason share a line."""
    stopped = {check.asset for check in outcome.blocked}
    alike: dict[tuple[str, str], list[BlockedCheck]] = {}
    for check in outcome.blocked:
        above, _, last = check.asset.rpartition("/")
        recipient = above.removeprefix("exports/")
        reason = "" if above in stopped else check.says.replace(f"{recipient}/{last}", recipient)
        alike.setdefault((above, reason), []).append(check)
    for (above, reason), checks in alike.items():
        names = ", ".join(check.asset.rpartition("/")[2] for check in checks)
        if not reason:
            yield f"         and with {above}: {names}"
        elif len(checks) == 1:
            yield f"blocked  {checks[0].asset}: {checks[0].says}"
        else:
            yield f"blocked  {above} ({names}): {reason}"


def _print_exports(out: Console, outcome: RunOutcome) -> None:
    if outcome.exports is None:
        return
    planned = [one for one in outcome.exports if one.delivery.startswith("dry run") and one.to_add + one.to_remove]
    if planned:
        names = ", ".join(sorted({one.recipient for one in planned}))
        out.print(
            f"Dry run: {len(planned):,} audiences would change at {names}; nothing was sent. `samtykke plan` shows "
            "what, SAMTYKKE_ENVIRONMENT=production sends.",
            highlight=False,
            soft_wrap=True,
        )
    builds = [export for export in outcome.exports if export.build_id and not export.problem]
    if not builds and (planned or outcome.exit_code is ExitCode.BLOCKED):
        return
    if not builds:
        out.print("Exports: nothing new; every recipient already has what it should have.")
        return
    table = _table("Exported", "recipient", "segment", "added", "removed", "unchanged", "build")
    for export in builds:
        table.add_row(
            export.recipient,
            export.segment,
            f"{export.added:,}",
            f"{export.removed:,}",
            f"{export.unchanged:,}",
            export.build_id,
        )
    out.print(table)


def print_next_steps(out: Console, settings: Settings) -> None:
    """Say where to look next."""
    out.print(f"\nAudience files   {settings.exports}", soft_wrap=True, highlight=False)
    out.print(f"Marts for BI     {marts_file(settings)} (schema marts), {settings.published}/parquet", soft_wrap=True)
    out.print(f"Data Docs        {settings.home}/docs/data_docs/index.html", soft_wrap=True, highlight=False)
    out.print(f"dbt docs         {settings.home}/docs/dbt/index.html", soft_wrap=True, highlight=False)
    out.print("Asset graph      make ui, then http://127.0.0.1:3000", highlight=False)


def print_lineage(out: Console, err: Console, report: Report) -> None:
    """Print every problem, and what each segment needs with the columns that need it."""
    for problem in report.problems:
        err.print(problem, highlight=False, markup=False, soft_wrap=True)
    table = _table("What segments need", "segment", "purpose", "columns that need it")
    for segment, purposes in needs_by_segment(report.uses).items():
        for purpose, columns in purposes.items():
            table.add_row(segment, purpose, ", ".join(columns))
    out.print(table)
    reasoned = [column for column in report.columns if column.label.reason or column.label.minimum_group]
    out.print(
        f"{len(report.columns):,} columns of {len({column.model for column in report.columns}):,} models; "
        f"{len(reasoned):,} need less than what they are made of, each for a declared reason (--json lists them)",
        highlight=False,
        soft_wrap=True,
    )
    if report.problems:
        err.print(f"{len(report.problems):,} problems; nothing is built from a project like this.", highlight=False)


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Print a check-up, one line per finding, with the remedy of what is not in order."""
    table = _table(None, "", "what", "found")
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]no[/]"
        says = finding.says if finding.ok else f"{finding.says}\n→ {finding.remedy}"
        table.add_row(mark, finding.subject, says)
    console.print(table)


def print_obligations(console: Console, obligations: Sequence[Obligation]) -> None:
    """Print what recipients are still owed, the most urgent first."""
    if not obligations:
        console.print("Nothing is open: every recipient was told what it had to be told.")
        return
    table = _table("Open obligations", "obligation", "duty", "recipient", "segment", "cause", "person", "due", "")
    for one in obligations[:_SHOWN]:
        mark = "[red]overdue[/]" if one.is_overdue else ""
        table.add_row(
            one.obligation_id, one.duty, one.recipient, one.segment or "", one.cause, one.person_id,
            f"{one.due_at:%Y-%m-%d %H:%M}", mark,
        )  # fmt: skip
    console.print(table)
    if len(obligations) > _SHOWN:
        console.print(f"and {len(obligations) - _SHOWN:,} more; --json prints all", highlight=False)


def _layers(summary: Summary) -> Table:
    table = _table("Rows per layer", "layer", "tables", "rows")
    for layer in summary.layers:
        table.add_row(layer.name, f"{layer.tables:,}", f"{layer.rows:,}")
    return table


def _intake(summary: Summary) -> Table:
    table = _table("Input", "entity", "files", "rows in", "staged", "quarantined")
    for line in summary.intake:
        table.add_row(
            line.entity,
            f"{line.files:,}",
            f"{line.rows_in:,}",
            f"{line.rows_staged:,}",
            f"{line.rows_quarantined:,}",
        )
    return table


def _quarantine(summary: Summary) -> Table:
    table = _table("Quarantined", "entity", "reason", "rows")
    for line in summary.quarantine:
        table.add_row(line.entity, line.reason, f"{line.rows:,}")
    return table


def _permissions(summary: Summary) -> Table:
    table = _table("Permitted", "purpose", "channel", "recipient", "people", "identifiers")
    for line in summary.permissions:
        table.add_row(
            line.purpose, line.channel or "", line.recipient or "", f"{line.people:,}", f"{line.identifiers:,}"
        )
    return table


def _oversight(oversight: Oversight) -> Table:
    table = _table("For the privacy officer", "what", "count")
    table.add_row("obligations overdue", f"{oversight.overdue:,}")
    table.add_row("obligations open", f"{oversight.open:,}")
    table.add_row("suppression lists too old", f"{oversight.stale_lists:,}")
    table.add_row("people with a permission that ends soon", f"{oversight.expiring_people:,}")
    return table


def _waterfall(audiences: tuple[Audience, ...]) -> Table:
    """The steps at which somebody was lost, and both ends: the others would only repeat the number before."""
    last = len(audiences[0].steps) - 1
    shown = [
        number
        for number in range(last + 1)
        if number in (0, last)
        or any(audience.steps[number].people != audience.steps[number - 1].people for audience in audiences)
    ]
    names = [audiences[0].steps[number].step.replace("_", " ") for number in shown]
    table = _table("From segment to file (people)", "recipient", "segment", *names)
    for audience in audiences:
        counts = [f"{audience.steps[number].people:,}" for number in shown]
        table.add_row(audience.recipient, audience.segment, *counts)
    return table


def _table(title: str | None, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    words = {"", "layer", "entity", "reason", "purpose", "channel", "recipient", "segment", "what", "found", "build"}
    words |= {"obligation", "duty", "cause", "person", "due", "columns that need it"}
    for column in columns:
        table.add_column(column, justify="left" if column in words else "right")
    return table
