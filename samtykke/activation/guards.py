"""What is asked of every delivery, and what it answers: the checks in Dagster, the exit code on the command line.

A guard that fails stops its own delivery, and of that never a removal that a permission demands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from samtykke.activation.results import BuildResult, ProblemKind

ARRIVED = "everything_arrived"
MASS_REMOVAL = "removals_are_few"
SOURCE = "source_is_not_empty"
IDENTIFIERS = "identifiers_are_sound"
FLOOR = "floor_is_reached"
CREDENTIALS = "credentials_let_us_in"
CONSENT = "consent_is_fresh"

OF_AN_AUDIENCE: Mapping[str, str] = {
    ARRIVED: "Everything that was to leave has left and was taken; what did not goes on in the next run.",
    MASS_REMOVAL: "No more of the audience left its segment at once than SAMTYKKE_MAX_REMOVAL_SHARE allows; else they "
    "stay and additions wait. Who withdrew is taken out all the same.",
    SOURCE: "What the segment reads is not empty; else nobody is taken out for having left it.",
    FLOOR: "The audience can reach as many people as the platform wants before it shows anybody anything.",
}
OF_A_RECIPIENT: Mapping[str, str] = {
    CREDENTIALS: "The recipient's interface is configured and lets us in.",
    CONSENT: "No consent, suppression or erasure is newer than the audiences; else only withdrawals are taken out.",
    IDENTIFIERS: "Digests where digests belong, clear values where those do, nothing hashed twice or of nothing; else "
    "only withdrawals are taken out of the audience.",
}


@dataclass(frozen=True)
class Verdict:
    """What a guard says: counts, names and what to do; never a value of a row."""

    guard: str
    passed: bool
    says: str
    is_error: bool = True


def of_audience(result: BuildResult, *, max_removal_share: float) -> list[Verdict]:
    """Return what the guards say to one audience's delivery, in the order of ``OF_AN_AUDIENCE``.

    Args:
        result: The delivery. What was only planned stops nothing: there its guards warn.
        max_removal_share: As the settings have it.
    """
    stops = not result.is_planned_only
    is_mass, is_empty = (result.held_back and result.guard == name for name in ("mass_removal", "source_empty"))
    size = result.added + result.unchanged
    return [
        _arrived(result),
        Verdict(
            MASS_REMOVAL,
            not is_mass,
            f"{result.held_back:,} of {result.held:,} rows left the segment at once, more than "
            f"{max_removal_share:.0%}; they stay and {result.waiting:,} additions wait. If it is meant: "
            f"samtykke deliver --only {result.audience} --allow-mass-removal --send"
            if is_mass
            else f"{result.removed:,} of {result.held:,} rows leave",
            stops,
        ),
        Verdict(
            SOURCE,
            not is_empty,
            f"a mart that the segment reads is empty; {result.held_back:,} rows stay. Look at the loads of this run"
            if is_empty
            else "what the segment reads holds rows",
            stops,
        ),
        Verdict(
            FLOOR,
            not 0 < size < result.min_matched,
            f"{size:,} rows; the platform wants {result.min_matched:,} matched people",
            is_error=False,
        ),
    ]


def of_recipient(results: Sequence[BuildResult]) -> list[Verdict]:
    """Return what the guards say to a recipient as a whole, in the order of ``OF_A_RECIPIENT``."""
    locked = [one.problem for one in results if one.problem_kind is ProblemKind.CREDENTIALS and one.problem]
    missing = sorted({name for one in results for name in one.missing})
    stale = [one.problem for one in results if one.problem_kind is ProblemKind.CONSENT and one.problem]
    unsound = [one for one in results if one.problem_kind is ProblemKind.IDENTIFIERS]
    is_planned = all(one.is_planned_only for one in results)
    says = locked[0] if locked else f"set {', '.join(missing)}"
    return [
        Verdict(
            CREDENTIALS,
            not locked and not missing,
            f"{says}; then `samtykke doctor` and run again" if locked or missing else "nothing is missing",
            bool(locked) or not is_planned,
        ),
        Verdict(CONSENT, not stale, stale[0] if stale else "nothing is newer than the audiences"),
        Verdict(
            IDENTIFIERS,
            not unsound,
            f"{'; '.join(f'{one.segment}: {one.problem}' for one in unsound)}; look at samtykke/hashing/rules.csv and "
            "where the identifiers came from, then run again"
            if unsound
            else _left_out(results),
        ),
    ]


def by_name(results: Sequence[BuildResult], *, max_removal_share: float) -> dict[str, list[Verdict]]:
    """Return what the guards say as if everything were sent, by audience (``recipient/segment``) and by recipient.

    Of what was only planned nothing can have arrived, so that is not asked.

    Args:
        results: Of one plan or delivery.
        max_removal_share: As the settings have it.
    """
    meant = [replace(result, is_planned_only=False) for result in results]
    found = {one.audience: of_audience(one, max_removal_share=max_removal_share) for one in meant}
    for one in results:
        if one.is_planned_only and not one.problem:
            found[one.audience] = [verdict for verdict in found[one.audience] if verdict.guard != ARRIVED]
    for recipient in {one.recipient for one in meant}:
        found[recipient] = of_recipient([one for one in meant if one.recipient == recipient])
    return found


def stopped(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that stop something."""
    return [one for one in verdicts if not one.passed and one.is_error]


def _arrived(result: BuildResult) -> Verdict:
    if result.problem:
        says = (
            f"{result.problem}. The next run goes on there; at once: samtykke deliver --only {result.audience} --send"
        )
        return Verdict(ARRIVED, False, says, not result.is_planned_only)
    if result.unresolved:
        says = f"{result.unresolved:,} rows to take out are known no more; `samtykke obligations` lists what is owed"
        return Verdict(ARRIVED, False, says, is_error=False)
    if result.tally and result.tally.rejected:
        codes = ", ".join(f"{count:,} {code}" for code, count in sorted(result.tally.rejected.items()))
        return Verdict(ARRIVED, False, f"the platform did not take {codes}; they count as not there", is_error=False)
    if result.tally and result.tally.pending:
        return Verdict(ARRIVED, True, f"{result.tally.pending} batches are with the platform; asked again later")
    return Verdict(ARRIVED, True, "nothing was to be sent" if result.is_planned_only else "nothing is left to do")


def _left_out(results: Iterable[BuildResult]) -> str:
    counts = sum((result.unusable for result in results), Counter())
    parts = [f"{count:,} {reason}" for reason, count in sorted(counts.items())]
    return f"identifiers left out: {', '.join(parts)}" if parts else "every identifier has its form"
