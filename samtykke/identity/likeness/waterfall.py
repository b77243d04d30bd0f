"""Why two records are taken for one person's although no identifier says so: bit by bit, as data and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape

import duckdb

_SHOWN = 5
_WIDTH, _ROW, _LABELS = 640, 26, 250
_COLOURS = {True: "#2a7f62", False: "#b4493f"}
# What the model says of a column, as people call it.
TITLES = {
    "chance": "two records at random",
    "given": "given name",
    "surname": "surname",
    "born": "date of birth",
    "street": "street",
    "postal_code": "postal code",
    "city": "town",
    "email": "e-mail",
    "phone": "phone",
}
# What was decided, and why not (int_identity__alike_decisions.decision, reason).
DECISIONS = {
    "automatic": "linked by likeness",
    "accepted": "linked by likeness, accepted",
    "rejected": "kept apart, rejected",
    "veto": "kept apart",
    "review": "waits for a review",
}
REASONS = {
    "given_name": "their given names are two people's",
    "birth_date": "their dates of birth are two people's",
    "account": "one system counts them as two accounts",
    "weak": "too little speaks for it",
    "names_only": "only names speak for it",
    "doubtful_group": "others who are as alike do not hold together with them",
}


@dataclass(frozen=True)
class Bar:
    """What one column adds to the weight: its level, and bits (log2 of how much likelier it makes one person)."""

    comparison: str
    level: str
    bits: float


@dataclass(frozen=True)
class Likeness:
    """Two records, how alike they are, and what was done about it.

    Attributes:
        bars: The chance of two records at random first, then a bar per column; they add up to the weight.
    """

    pair_key: str
    decision: str
    reason: str | None
    match_weight: float
    sources: tuple[str, str]
    bars: tuple[Bar, ...]
    reviewed_by: str | None = None

    def to_dict(self) -> dict[str, object]:
        return asdict(self)

    @property
    def says(self) -> str:
        """Return the decision in words."""
        words = DECISIONS.get(self.decision, self.decision)
        words += f" by {self.reviewed_by}" if self.reviewed_by else ""
        return f"{words}: {REASONS.get(self.reason, self.reason)}" if self.reason else words


def likenesses(
    connection: duckdb.DuckDBPyConnection, people: Sequence[str], others: Sequence[str]
) -> tuple[Likeness, ...]:
    """Return the likest pairs of records between two groups of people, or within one if they are the same.

    What consent forbids to link is not shown: nobody may look at it.
    """
    rows = connection.execute(
        """
        select d.pair_key, d.decision, d.reason, d.match_weight, a.source, b.source, d.evidence, d.reviewed_by
        from intermediate.int_identity__alike_decisions as d
        inner join intermediate.int_identity__person_records as a on d.record_a = a.record_key
        inner join intermediate.int_identity__person_records as b on d.record_b = b.record_key
        where d.decision <> 'refused' and (
            (list_contains($1, a.person_id::varchar) and list_contains($2, b.person_id::varchar))
            or (list_contains($2, a.person_id::varchar) and list_contains($1, b.person_id::varchar)))
        order by d.decision not in ('automatic', 'accepted'), d.match_weight desc, d.pair_key
        limit $3
        """,
        [list(people), list(others), _SHOWN],
    ).fetchall()
    return tuple(
        Likeness(key, decision, reason, weight, (source, other), _bars(weight, evidence), by)
        for key, decision, reason, weight, source, other, evidence, by in rows
    )


def _bars(weight: float, evidence: Sequence[dict[str, object]]) -> tuple[Bar, ...]:
    said = tuple(Bar(str(e["comparison"]), str(e["level"]), float(str(e["bits"]))) for e in evidence)
    return (Bar("chance", "", round(weight - sum(bar.bits for bar in said), 2)), *said)


def svg(likeness: Likeness) -> str:
    """Draw a likeness as a waterfall: each bar begins where the one above it ended, the last is the weight."""
    steps, at = [], 0.0
    for bar in likeness.bars:
        steps.append((TITLES.get(bar.comparison, bar.comparison), bar.level, at, at + bar.bits))
        at += bar.bits
    steps.append(("together", likeness.says, 0.0, likeness.match_weight))
    low = min(0.0, *(min(start, end) for _, _, start, end in steps))
    high = max(0.0, *(max(start, end) for _, _, start, end in steps))
    scale = (_WIDTH - _LABELS - 60) / max(high - low, 1.0)
    rows = [_svg_row(place, step, low, scale) for place, step in enumerate(steps)]
    height = _ROW * (len(steps) + 1)
    zero = _LABELS + (0.0 - low) * scale
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><title>{escape(likeness.says)}</title><rect width="{_WIDTH}" height="{height}" fill="white"/>'
        f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="4" y2="{height - 4}" stroke="#999"/>{"".join(rows)}</svg>\n'
    )


def _svg_row(place: int, step: tuple[str, str, float, float], low: float, scale: float) -> str:
    title, level, start, end = step
    left, right = sorted((start, end))
    x, y = _LABELS + (left - low) * scale, _ROW * place + 8
    label = title if title == "together" or not level else f"{title}: {level}"
    return (
        f'<text x="8" y="{y + 14}">{escape(label)}</text>'
        f'<rect x="{x:.1f}" y="{y}" width="{max((right - left) * scale, 1):.1f}" height="{_ROW - 8}" '
        f'fill="{_COLOURS[end >= start]}"/>'
        f'<text x="{_LABELS + (right - low) * scale + 6:.1f}" y="{y + 14}">{end - start:+.1f}</text>'
    )
