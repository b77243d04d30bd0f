"""Laws of the graph: nobody's data reach an export, or anybody outside, by a way that goes round the exit gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from samtykke.lineage.labels import CONSENT, TECHNICAL
from samtykke.lineage.project import ACTIVATION, MARTS, MODEL, SEED, UNREADABLE, Project, Relation
from samtykke.lineage.trace import Leaf, Traced

PERSON_PERMISSION: Leaf = ("int_consent__person_permissions", "is_permitted")
EXIT_PERMISSION: Leaf = ("int_consent__exit_permissions", "is_permitted")

# The models of the gate, and what each must be decided by: a column's value, or the rows where no column is named.
GATE: Mapping[str, tuple[tuple[str | None, Leaf], ...]] = {
    "segment_permissions": (
        ("is_permitted", PERSON_PERMISSION),
        ("is_permitted", ("lineage.segment_purposes", "purpose")),
        ("is_permitted", ("lineage.segment_purposes", "sql_checksum")),
    ),
    "recipient_identifiers": (("is_permitted", EXIT_PERMISSION),),
    "recipient_people": (("is_permitted", ("recipient_identifiers", "is_permitted")),),
    "audience_candidates": (
        ("reason", ("segment_permissions", "is_permitted")),
        ("reason", ("recipient_people", "is_permitted")),
    ),
    # who has to wait although permitted: they can only leave people out
    "audience_contenders": ((None, ("audience_candidates", "reason")),),
    "audience_capped": (),
    "audience_deferrals": (),
    "audience_members": (("included", ("audience_candidates", "reason")),),
    "audience_identifiers": (
        (None, ("audience_members", "included")),
        (None, ("recipient_identifiers", "is_permitted")),
        (None, ("recipient_identifiers", "is_usable")),
    ),
    # what was sent, and the counts that the audiences answer for
    "sent_standings": (
        ("is_permitted", ("recipient_identifiers", "is_permitted")),
        ("is_permitted", ("segment_permissions", "is_permitted")),
    ),
    "export_gate": (),
    # counts of who was left at each step and of what left, and the two arms of a hold-out: nobody is added to a file
    "audience_step_counts": (),
    "audience_receipts": (),
    "audience_tonight": (),
    "audience_arms": (
        (None, ("audience_candidates", "is_use_permitted")),
        (None, ("audience_candidates", "is_permitted")),
    ),
}
# The last two steps before a file read this and nothing else.
READS: Mapping[str, frozenset[str]] = {
    "audience_members": frozenset({"audience_candidates", "audience_deferrals"}),
    "audience_identifiers": frozenset(
        {"audience_members", "recipient_identifiers", "recipients", "lineage.segment_purposes"}
    ),
}
# What must come back, be told to a recipient or end before the next night: made of the ledger of what left and of
# consent. Nothing is added to a file because of them.
DUTIES = frozenset(
    {
        "ending_permissions",
        "ending_recipients",
        "ending_uses",
        "notices_due",
        "obligations_due",
        "refusal_moments",
        "refused_holdings",
    }
)
# The one model that reads segments: it joins nothing to them.
MEMBERS = "segment_members"


def graph_problems(project: Project, traces: Mapping[str, Traced]) -> Iterator[str]:
    """Yield one sentence for every law that the project breaks."""
    yield from project.strays
    yield from _gate_problems(project, traces)
    yield from _reader_problems(project)
    for model in project.models():
        if model.folders[:1] == (ACTIVATION,) and model.name not in {*GATE, *DUTIES}:
            yield from _round_the_gate(project, model.name, model.parents, f"models/{ACTIVATION}/{model.name}")
    for exposure in project.exposures.values():
        for parent in sorted(exposure.parents):
            if not _may_be_seen(project.relations[parent]):
                yield f"exposure {exposure.name}: reads {parent}, which is no mart; publish a mart of it"
        if exposure.leaves:
            yield from _round_the_gate(project, exposure.name, exposure.parents, f"exposure {exposure.name}")


def _gate_problems(project: Project, traces: Mapping[str, Traced]) -> Iterator[str]:
    for name, demands in GATE.items():
        if name not in project.relations:
            yield f"{name}: the gate lacks this model"
        if name not in traces:
            continue
        for column, leaf in demands:
            decided_by = traces[name].rows if column is None else traces[name].of(column) or frozenset()
            if leaf not in decided_by:
                what = "who is in it" if column is None else f"its {column}"
                yield f"{name}: {what} is not decided by {leaf[0]}.{leaf[1]}; the gate is open"
        for parent in sorted(project.relations[name].parents - READS.get(name, project.relations[name].parents)):
            yield f"{name}: reads {parent}; the last steps before a file read only {', '.join(sorted(READS[name]))}"


def _descendants(project: Project, names: set[str]) -> set[str]:
    found = set(names)
    while more := {model.name for model in project.models() if model.parents & found} - found:
        found |= more
    return found - names


def _reader_problems(project: Project) -> Iterator[str]:
    """Segments read public marts only, one model reads them, and only the gate's folders read who is in them."""
    segments = {segment.name for segment in project.segments()}
    marts = set(project.readable_marts())
    for model in project.models():
        if model.is_segment:
            for parent in sorted(model.parents - marts):
                yield f"segment {model.name}: reads {parent}, which is no public mart of people or their acts"
        elif (read := sorted(model.parents & segments)) and model.name != MEMBERS:
            yield f"{model.name}: reads segment {read[0]} past the gate; only {MEMBERS} reads segments"
    made_of_segments = _descendants(project, segments)
    for model in project.models():
        if not _may_tell_of_segments(model) and (read := sorted(model.parents & made_of_segments)):
            yield f"{model.name}: reads {read[0]}, which is made from segments; move it to models/marts/activation"


def _may_tell_of_segments(model: Relation) -> bool:
    """The gate's own models, and marts that no segment reads: who is in a segment must not decide who is in another."""
    return model.folders[:1] == (ACTIVATION,) or (model.folders[:1] == (MARTS,) and model.folders[1:2] in UNREADABLE)


def _round_the_gate(project: Project, name: str, parents: frozenset[str], what: str) -> Iterator[str]:
    """Follow every way back that does not pass the gate; personal data at its end is a way round it."""
    waiting = [(parent, (name,)) for parent in sorted(parents - set(GATE))]
    seen: set[str] = set()
    while waiting:
        current, way = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        relation = project.relations[current]
        if _is_personal(relation):
            path = " <- ".join((*way, current))
            yield f"{what}: gets at people's data past the exit gate: {path}; only audience_identifiers may leave"
            continue
        waiting += [(parent, (*way, current)) for parent in sorted(relation.parents - set(GATE))]


def _is_personal(relation: Relation) -> bool:
    labels = relation.columns.values()
    return any(label is None or label.category not in (TECHNICAL, CONSENT) for label in labels)


def _may_be_seen(relation: Relation) -> bool:
    return relation.kind == SEED or (
        relation.kind == MODEL and (relation.folders[:1] == (MARTS,) or relation.folders[:1] == (ACTIVATION,))
    )
