"""How an explanation looks on a terminal: the verdict first, then the rules, then the gates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from samtykke.explain.answer import Explanation, IdentifierAnswer, PersonAnswer, RecipientAnswer, Row

_BEGINNING, _END = datetime(1900, 1, 1), datetime(9999, 12, 30)


def print_explanation(console: Console, answer: Explanation, *, in_detail: bool) -> None:
    """Print an explanation.

    Args:
        console: Where.
        answer: What.
        in_detail: Rule by rule; else one line per recipient.
    """
    known = f"known at {moment(answer.known_at)}" if answer.known_at else "everything known"
    asked = short(answer.identifier_kind, answer.identifier_key) if answer.identifier_key else "person"
    console.print(f"{asked} · at {moment(answer.at)} UTC · {known}", style="dim", highlight=False)
    if not answer.is_known:
        console.print("[bold]Out everywhere[/]: nothing is known of this identifier, and silence is a no.")
        return
    for person in answer.persons:
        _print_person(console, answer, person, in_detail=in_detail)
    for note in answer.notes:
        console.print(note, style="dim", highlight=False, soft_wrap=True)


def _print_person(console: Console, answer: Explanation, person: PersonAnswer, *, in_detail: bool) -> None:
    owner = f"person {person.person_id}" if person.person_id else "nobody we know: it may go nowhere"
    console.print(f"belongs to {owner}", style="dim", highlight=False)
    if in_detail:
        for recipient in person.recipients:
            _print_recipient(console, answer, person, recipient)
        return
    if not person.recipients:
        _print_uses(console, person.uses)
        silent = [one for one in person.purpose if [rule["rule_id"] for rule in one.rules if rule["fires"]] == ["R13"]]
        for identifier in person.purpose:
            if identifier not in silent:
                _print_rules(console, identifier)
        names = ", ".join(short(one.identifier_kind, one.identifier_key) for one in silent) or "any identifier"
        if silent or not person.purpose:
            console.print(f"Nothing was ever said about it through {names} (R13).", highlight=False)
        return
    rows = table("recipient", "purpose", "verdict", "rule", "why", "event")
    for one in person.recipients:
        event = one.deciding and one.deciding.get("event_id", one.deciding.get("winning_event_id"))
        rows.add_row(one.recipient, one.purpose, _in_or_out(one), one.rule_id, one.statement, tail(event))
    console.print(rows)
    _print_uses(console, person.uses)
    console.print("Rule by rule: add --recipient.", style="dim")


def _print_recipient(console: Console, answer: Explanation, person: PersonAnswer, recipient: RecipientAnswer) -> None:
    console.print()
    console.print(verdict(recipient), soft_wrap=True, highlight=False)
    for identifier in recipient.identifiers:
        if identifier.identifier_key == answer.identifier_key or len(recipient.identifiers) == 1:
            _print_rules(console, identifier)
    others = [one for one in recipient.identifiers if len(recipient.identifiers) > 1]
    if others:
        rows = table("identifiers it takes", "says", "rule", "why", title="Through which identifier")
        for one in others:
            says = "[green]yes[/]" if one.is_permitted and one.is_usable else "[red]no[/]"
            rows.add_row(short(one.identifier_kind, one.identifier_key), says, one.rule_id, one.statement)
        console.print(rows)
    if not any(one.identifier_key == answer.identifier_key for one in others) and len(others) > 1:
        for one in others:
            _print_rules(console, one)
    _print_denials(console, person, recipient)
    _print_gates(console, person, recipient)
    _print_exports(console, recipient.exports)
    console.print(who_may_raise(recipient), soft_wrap=True, highlight=False)


def verdict(recipient: RecipientAnswer) -> str:
    """Say in or out, why, since when and known since when, in one sentence."""
    row = recipient.deciding or {}
    event = ""
    if row.get("occurred_at"):
        event = f": {row['action']} {occurred(row)} by {row['actor']} through {row['source']}"
        event += f", known since {moment(row['loaded_at'])}"
    where = "in" if recipient.is_permitted else "out"
    colour = "green" if recipient.is_permitted else "red"
    expires = row.get("expires_at")
    until = f", until {moment(expires)}" if recipient.is_permitted and expires and expires < _END else ""
    return (
        f"[bold {colour}]{where.upper()}[/] at [bold]{recipient.title}[/]: {recipient.state} ({recipient.rule_id})"
        f"{event}{until}. {recipient.statement}."
    )


def who_may_raise(recipient: RecipientAnswer) -> str:
    """Say what would have to happen for a yes."""
    names = f"{recipient.purpose} on {recipient.channel}"
    if recipient.permission_recipient:
        names += f" and {recipient.permission_recipient}"
    notices = ", ".join(f"{row['notice_id']} {row['notice_version']}" for row in recipient.named_by)
    text = f"Who may raise it: only the person (or a guardian of a child), by an act under a text that names {names}"
    text += f" ({notices})" if notices else "; no notice that is known does"
    stops = {
        "R1": "An erasure is final.",
        "R3": "First the restriction must be lifted.",
        "R4": "While a list closes the channel no act opens it.",
    }
    return f"{text}. {stops.get(recipient.rule_id, '')}".strip()


def _print_rules(console: Console, identifier: IdentifierAnswer) -> None:
    title = f"{short(identifier.identifier_kind, identifier.identifier_key)}, rule by rule"
    if not identifier.rules:
        console.print(f"{title}: no event was ever recorded about it (R13).", highlight=False)
        return
    rows = table("rule", "", "what is found", "evidence", title=title)
    for rule in identifier.rules:
        mark = "decides" if rule["decides"] else ("fires" if rule["fires"] else "–")
        style = "bold" if rule["decides"] else ("" if rule["fires"] else "dim")
        detail = f" ({rule['detail']})" if rule["detail"] else ""
        found = f"{rule['statement']}{detail}"
        rows.add_row(f"{rule['rule_id']} {rule['title']}", mark, found, evidence(rule), style=style)
    console.print(rows)


def evidence(rule: Row) -> str:
    """Say who did what, when, since when it is known, to which text, and whether it may raise a permission."""
    if not rule["event_id"]:
        return ""
    return (
        f"{rule['action']} by {rule['actor']} through {rule['source']} {occurred(rule)}\n"
        f"event {tail(rule['event_id'])}, loaded {moment(rule['loaded_at'])}\n"
        f"text shown: {notice(rule)}; may raise: {raises(rule)}"
    )


def notice(rule: Row) -> str:
    """Say which text was shown: id, version, locale and the beginning of its SHA-256."""
    if not rule["notice_id"]:
        return "none"
    digest = f"sha256 {rule['notice_sha256'][:12]}…" if rule["notice_sha256"] else "not known here"
    return f"{rule['notice_id']} {rule['notice_version']} {rule['notice_locale'] or ''} ({digest})"


def raises(rule: Row) -> str:
    """Say whether source and actor of the evidence may raise a permission, and what stood in the way."""
    return f"no, {rule['obstacle']}" if rule["obstacle"] else ("yes" if rule["may_raise"] else "no, only lower")


def _print_denials(console: Console, person: PersonAnswer, recipient: RecipientAnswer) -> None:
    if not recipient.linked_denials:
        console.print("No identifier of the person holds a no here; a yes would travel over no link, a no over every.")
        return
    kinds = {row["identifier_key"]: row["identifier_kind"] for row in person.identifiers}
    rows = table("identifier", "holds", "rule", "since", "event", title="A no travels over every link")
    for row in recipient.linked_denials:
        since = "always" if row["valid_from"] <= _BEGINNING else moment(row["valid_from"])
        rows.add_row(
            short(kinds.get(row["identifier_key"]), row["identifier_key"]), row["state"], row["rule_id"], since,
            tail(row["winning_event_id"]),
        )  # fmt: skip
    console.print(rows)


def _print_gates(console: Console, person: PersonAnswer, recipient: RecipientAnswer) -> None:
    for row in person.door:
        says = "kept" if row["is_permitted"] else "never stored"
        console.print(f"Door: data under {row['purpose']} is {says} ({row['reason']}).", highlight=False)
    _print_uses(console, person.uses)
    exit_says = "open" if recipient.is_permitted else f"shut by {recipient.rule_id}"
    console.print(f"Exit gate to {recipient.recipient}: {exit_says}.", highlight=False)
    if not recipient.segments:
        return
    rows = table("segment", "needs", "in the audience", "why not", title="Audiences of the last run")
    for row in recipient.segments:
        included = "[green]in[/]" if row["included"] else "[red]out[/]"
        refused = f" ({row['refused_purpose']})" if row["refused_purpose"] else ""
        why = "" if row["included"] else f"{row['statement'] or row['reason']}{refused}"
        rows.add_row(row["segment"], ", ".join(row["purposes"]), included, why)
    console.print(rows)


def _print_uses(console: Console, uses: Sequence[Row]) -> None:
    if not uses:
        return
    rows = table("purpose", "permitted", "rule", "why", "event", title="Use gate")
    for row in uses:
        permitted = "[green]yes[/]" if row["is_permitted"] else "[red]no[/]"
        rows.add_row(row["purpose"], permitted, row["rule_id"], row["statement"], tail(row["event_id"]))
    console.print(rows)


def _print_exports(console: Console, exports: Iterable[Row]) -> None:
    rows = table(
        "operation", "segment", "identifier", "as of", "state", "build", "authorised by", title="Export ledger"
    )
    for row in exports:
        why = tail(row["authorising_event_id"]) or row["reason"] or ""
        rows.add_row(
            row["operation"], row["segment"], short(row["identifier_kind"], row["identifier_key"]),
            moment(row["as_of"]), row["state"], row["build_id"], why,
        )  # fmt: skip
    if rows.row_count:
        console.print(rows)
    else:
        console.print("Export ledger: nothing of this person was ever sent there.")


def _in_or_out(recipient: RecipientAnswer) -> str:
    return "[green]in[/]" if recipient.is_permitted else "[red]out[/]"


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the look that all of an explanation's share."""
    rows = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        rows.add_column(column, overflow="fold")
    return rows


def short(kind: str | None, key: str | None) -> str:
    """Name an identifier without its value: kind and the beginning of the key."""
    return f"{kind or 'identifier'} {key[:11]}…" if key else (kind or "")


def tail(event_id: str | None) -> str:
    """The beginning of an event's id, enough to find it in the ledger."""
    return f"{event_id[:15]}…" if event_id and len(event_id) > 18 else (event_id or "")


def moment(value: datetime | None) -> str:
    """A UTC moment to the second."""
    return value.isoformat(sep=" ", timespec="seconds") if value else ""


def occurred(row: Row) -> str:
    """When an act took place, as precisely as is known."""
    if row["occurred_precision"] == "day":
        return f"on {row['occurred_at']:%Y-%m-%d}"
    if row["occurred_precision"] == "unknown":
        return f"some time before {moment(row['loaded_at'])}"
    return f"at {moment(row['occurred_at'])}"
