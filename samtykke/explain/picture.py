"""Draw a permission history as SVG: plain text, the same bytes for the same history, readable without colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape

from samtykke.explain.history import BEGINNING, History, Lane, Mark, Span
from samtykke.explain.show import moment, short

_WIDTH, _LEFT, _RIGHT, _TOP = 1080, 250, 26, 84
_LANE, _BAR, _HEADER = 50, 20, 30
_YEAR = timedelta(days=365)

# Fill and text of each family of states; what may be used is green, and each family has a word of its own in the bar.
_STYLES = {
    "given": ("#1b7f4b", "#ffffff"),
    "renewed": ("#1b7f4b", "#ffffff"),
    "soft_opt_in": ("#2a8c9a", "#ffffff"),
    "legitimate_interest": ("#2a8c9a", "#ffffff"),
    "contract": ("#2a8c9a", "#ffffff"),
    "pending": ("#f2c14e", "#3b2f00"),
    "refused": ("#b3261e", "#ffffff"),
    "withdrawn": ("#b3261e", "#ffffff"),
    "objected": ("#b3261e", "#ffffff"),
    "revoked": ("#b3261e", "#ffffff"),
    "expired": ("#8d99ae", "#10151f"),
    "lapsed": ("#8d99ae", "#10151f"),
    "wrong_basis": ("#8d99ae", "#10151f"),
}
_CLOSED = ("#3d4450", "#ffffff")  # suppressed, restricted, invalidated, erased
_LEGEND = (
    ("given", "yes: may be used"),
    ("soft_opt_in", "yes on another basis"),
    ("pending", "waits (child, double opt-in)"),
    ("withdrawn", "no"),
    ("expired", "ended by itself"),
    ("suppressed", "closed (list, restriction, erasure)"),
)
_SHAPES = {
    "positive": "M0,-6 L6,4 L-6,4 Z",
    "negative": "M0,6 L6,-4 L-6,-4 Z",
    "other": "M0,-6 L6,0 L0,6 L-6,0 Z",
}


def draw(history: History) -> str:
    """Return the picture of a history as SVG text.

    Args:
        history: Of one person, or of an identifier of nobody we know.
    """
    first, last = _extent(history)
    scale = _Scale(first, last)
    groups = _groups(history.lanes)
    height = _TOP + sum(_HEADER + _LANE * len(lanes) for _, lanes in groups) + 120
    body = [*_frame(history, scale, height)]
    y = _TOP
    for title, lanes in groups:
        body.append(f'<text x="24" y="{y + 20}" class="group">{escape(title)}</text>')
        body.append(f'<line x1="24" y1="{y + 27}" x2="{_WIDTH - _RIGHT}" y2="{y + 27}" class="rule"/>')
        y += _HEADER
        for lane in lanes:
            body.extend(_lane(lane, scale, y, history.at, _is_late(history)))
            body.extend(_stopped(lane, lanes, scale, y))
            y += _LANE
    body.extend(_now(scale, history.at, y))
    body.extend(_legend(y + 44, has_late=_is_late(history)))
    text = "\n".join(body)
    return f"{_head(history, height)}\n{text}\n</svg>\n"


class _Scale:
    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self._width = _WIDTH - _LEFT - _RIGHT

    def x(self, when: datetime) -> float:
        inside = min(max(when, self.first), self.last)
        return round(_LEFT + self._width * ((inside - self.first) / (self.last - self.first)), 1)

    def ticks(self) -> Iterator[tuple[datetime, str]]:
        months = max(1, -(-int((self.last - self.first) / timedelta(days=30.44)) // 9))
        step = next(size for size in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if size >= months)
        year, month, is_first = self.first.year, 1, True
        while (when := datetime(year, month, 1)) <= self.last:
            if when >= self.first:
                yield when, str(year) if step >= 12 or month == 1 else f"{when:%b %Y}" if is_first else f"{when:%b}"
                is_first = False
            month += step
            year, month = year + (month - 1) // 12, (month - 1) % 12 + 1


def _extent(history: History) -> tuple[datetime, datetime]:
    moments = [mark.occurred_at for lane in history.lanes for mark in lane.marks]
    moments += [span.valid_from for lane in history.lanes for span in lane.spans if span.valid_from > BEGINNING]
    # The end of a permission that is known already is seen, if it is not too far away.
    moments = [when for when in moments if when <= history.at + _YEAR] + [history.at]
    first, last = min(moments), max(moments)
    margin = max((last - first) / 20, timedelta(days=10))
    return first - margin, last + margin


def _groups(lanes: Sequence[Lane]) -> list[tuple[str, list[Lane]]]:
    groups: dict[str, list[Lane]] = {}
    for lane in lanes:
        parts = [lane.purpose, lane.channel and f"on {lane.channel}", lane.recipient and f"for {lane.recipient}"]
        groups.setdefault(" ".join(part for part in parts if part), []).append(lane)
    return list(groups.items())


def _is_late(history: History) -> bool:
    """Whether "known late" can be told: not where everything was loaded after the moment shown, as in a replay."""
    loads = [mark.loaded_at for lane in history.lanes for mark in lane.marks]
    return any(loaded <= history.at for loaded in loads)


def _head(history: History, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n'
        f'<title id="title">{escape(_title(history))}</title>\n<desc id="desc">{escape(_words(history))}</desc>\n'
        "<style>.group{font-size:14px;font-weight:600;fill:#1d2430}.label{font-size:12px;fill:#1d2430}"
        ".small{font-size:11px;fill:#5a6372}.tick{font-size:11px;fill:#5a6372}.rule{stroke:#c9ced8}"
        ".grid{stroke:#e6e9ef}.bar{font-size:11px;font-weight:600}.mark{stroke:#ffffff;stroke-width:1.5}"
        ".ignored{fill:#ffffff;stroke:#5a6372;stroke-width:1.5;stroke-dasharray:2 1.5}</style>\n"
        '<defs><pattern id="late" width="7" height="7" patternTransform="rotate(45)" patternUnits="userSpaceOnUse">'
        '<line x1="0" y1="0" x2="0" y2="7" stroke="#ffffff" stroke-width="3.5" stroke-opacity="0.7"/></pattern></defs>'
    )


def _title(history: History) -> str:
    whose = f"person {history.person_id}" if history.person_id else "an identifier of nobody we know"
    return f"Permission history of {whose}"


def _caption(history: History) -> str:
    known = f"as known at {moment(history.known_at)} UTC" if history.known_at else "with everything that is known"
    return f"Along valid time, {known}"


def _words(history: History) -> str:
    """The picture in words, lane by lane, for who cannot see it."""
    told = []
    for lane in history.lanes:
        where = " ".join(part for part in (lane.purpose, lane.channel, lane.recipient) if part)
        spans = "; ".join(
            f"{span.state.replace('_', ' ')} from {_day(span.valid_from)}"
            + (f" to {_day(span.valid_to)}" if span.valid_to.year < 9999 else " on")
            for span in lane.spans
        )
        told.append(f"{where}, {short(lane.identifier_kind, lane.identifier_key)}: {spans or 'nothing that counts'}.")
    return f"{_caption(history)}. {' '.join(told) or 'Nothing was ever said.'}"


def _day(when: datetime) -> str:
    return "the beginning" if when <= BEGINNING else f"{when:%Y-%m-%d}"


def _frame(history: History, scale: _Scale, height: int) -> Iterator[str]:
    yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    yield f'<text x="24" y="30" font-size="18" font-weight="700" fill="#1d2430">{escape(_title(history))}</text>'
    yield f'<text x="24" y="50" class="small">{escape(_caption(history))}</text>'
    for when, label in scale.ticks():
        x = scale.x(when)
        yield f'<line x1="{x}" y1="{_TOP - 4}" x2="{x}" y2="{height - 116}" class="grid"/>'
        weight = ' font-weight="600"' if label.isdigit() else ""
        yield f'<text x="{x}" y="{_TOP - 10}" text-anchor="middle" class="tick"{weight}>{label}</text>'


def _lane(lane: Lane, scale: _Scale, y: int, at: datetime, has_late: bool) -> Iterator[str]:
    middle = y + 28
    name = short(lane.identifier_kind, lane.identifier_key)
    yield f'<text x="24" y="{middle + 4}" class="label">{escape(name)}</text>'
    yield f'<line x1="{_LEFT}" y1="{middle}" x2="{_WIDTH - _RIGHT}" y2="{middle}" stroke="#d5d9e1"/>'
    for span in lane.spans:
        yield from _span(span, scale, middle, at, has_late)
    taken = float("-inf")
    for mark in lane.marks:
        x = scale.x(mark.occurred_at)
        yield _mark(mark, x, middle)
        label = mark.notice if mark.effect == "positive" else None
        if label and x - taken > 4:
            yield f'<text x="{x}" y="{middle - 14}" class="small">{escape(label)}</text>'
            taken = x + 6.2 * len(label)


def _span(span: Span, scale: _Scale, middle: int, at: datetime, has_late: bool) -> Iterator[str]:
    start, end = scale.x(span.valid_from), scale.x(span.valid_to)
    if end - start < 0.5:
        return
    fill, ink = _STYLES.get(span.state, _CLOSED)
    word = span.state.replace("_", " ")
    told = f"{word} ({span.rule_id}) from {_day(span.valid_from)} to "
    told += _day(span.valid_to) if span.valid_to.year < 9999 else "further notice"
    top = middle - _BAR / 2
    yield (
        f'<g><title>{escape(told)}</title><rect x="{start}" y="{top:g}" width="{end - start:.1f}" height="{_BAR}" '
        f'rx="3" fill="{fill}"/>'
    )
    # What is yet to come is paler: it holds unless somebody says otherwise.
    if span.valid_to > at and (future := max(scale.x(at), start)) < end:
        yield (
            f'<rect x="{future}" y="{top:g}" width="{end - future:.1f}" height="{_BAR}" fill="#ffffff" '
            f'fill-opacity="0.45"/>'
        )
    free = start
    if has_late and span.known_from and span.known_from > span.valid_from + timedelta(days=1):
        free = until = min(scale.x(span.known_from), end)
        yield f'<rect x="{start}" y="{top:g}" width="{until - start:.1f}" height="{_BAR}" fill="url(#late)"/>'
    if end - free > 6.6 * len(word) + 20:
        yield f'<text x="{free + 12:g}" y="{middle + 4}" class="bar" fill="{ink}">{word}</text>'
    yield "</g>"


def _stopped(lane: Lane, group: Sequence[Lane], scale: _Scale, y: int) -> Iterator[str]:
    """A no of one identifier stops the yes of every other: a red line below what may therefore not be used."""
    noes = [span for other in group if other is not lane for span in other.spans if span.holds_negative]
    for span in lane.spans:
        for no in noes:
            start, end = max(span.valid_from, no.valid_from), min(span.valid_to, no.valid_to)
            if span.is_permitted and start < end and (width := scale.x(end) - scale.x(start)) > 0.5:
                yield (
                    f'<rect x="{scale.x(start)}" y="{y + 33}" width="{width:.1f}" height="5" fill="#b3261e">'
                    f"<title>stopped from {_day(start)}: another identifier of the person holds a no</title></rect>"
                )


def _mark(mark: Mark, x: float, middle: int) -> str:
    shape = _SHAPES.get(mark.effect, _SHAPES["other"])
    told = f"{mark.action} at {moment(mark.occurred_at)} through {mark.source}, loaded {moment(mark.loaded_at)}"
    told += f", text {mark.notice}" if mark.notice else ""
    told += f", ignored: {mark.obstacle}" if mark.obstacle else ""
    look = 'class="ignored"' if mark.obstacle else 'class="mark" fill="#1d2430"'
    return f'<path d="{shape}" transform="translate({x},{middle + 15})" {look}><title>{escape(told)}</title></path>'


def _now(scale: _Scale, at: datetime, bottom: int) -> Iterator[str]:
    x = scale.x(at)
    yield f'<line x1="{x}" y1="{_TOP - 4}" x2="{x}" y2="{bottom + 8}" stroke="#1d2430" stroke-dasharray="4 3"/>'
    yield f'<text x="{x}" y="{bottom + 22}" text-anchor="middle" class="small">{at:%Y-%m-%d}</text>'


def _legend(y: int, *, has_late: bool) -> Iterator[str]:
    x = 24.0
    for state, words in _LEGEND:
        fill, _ = _STYLES.get(state, _CLOSED)
        yield f'<rect x="{x:g}" y="{y}" width="14" height="14" rx="3" fill="{fill}"/>'
        yield f'<text x="{x + 20:g}" y="{y + 11}" class="small">{words}</text>'
        x += 42 + 6.0 * len(words)
    x, y = 24.0, y + 30
    for effect, words in (("positive", "yes"), ("negative", "no"), ("other", "confirmed, restricted, …")):
        yield f'<path d="{_SHAPES[effect]}" transform="translate({x + 7:g},{y + 7})" class="mark" fill="#1d2430"/>'
        yield f'<text x="{x + 20:g}" y="{y + 11}" class="small">{words}</text>'
        x += 42 + 6.0 * len(words)
    yield f'<path d="{_SHAPES["other"]}" transform="translate({x + 7:g},{y + 7})" class="ignored"/>'
    yield f'<text x="{x + 20:g}" y="{y + 11}" class="small">tried to raise a permission, ignored (R7)</text>'
    x += 268
    yield f'<rect x="{x:g}" y="{y + 9}" width="14" height="5" fill="#b3261e"/>'
    yield f'<text x="{x + 20:g}" y="{y + 11}" class="small">stopped by a no of a linked identifier</text>'
    x += 236
    if has_late:
        yield f'<rect x="{x:g}" y="{y}" width="14" height="14" rx="3" fill="#b3261e"/>'
        yield f'<rect x="{x:g}" y="{y}" width="14" height="14" rx="3" fill="url(#late)"/>'
        yield f'<text x="{x + 20:g}" y="{y + 11}" class="small">already so, but not yet known to us</text>'
