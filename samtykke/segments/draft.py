"""A segment to look at: one of the project, or a file that is not in it yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from samtykke.segments.compiled import Compiler, compiler_of
from samtykke.segments.grammar import HEADS
from samtykke.segments.located import DefinitionError, read_located, unknown_word
from samtykke.segments.properties import (
    SegmentProperties,
    declared_recipients,
    described,
    properties_of,
    properties_of_draft,
    read_properties,
)


@dataclass(frozen=True)
class Draft:
    """A segment's name, its SQL as a dbt model, and what it declares; None for bare SQL."""

    segment: str
    sql: str
    properties: SegmentProperties | None


def read_draft(project: Path, what: str) -> Draft:
    """Read a segment by its name in the project, or from a file.

    Args:
        project: Folder of ``dbt_project.yml``.
        what: A name; a ``.sql`` file with a select; or a ``.yml`` file: a description as in ``models/segments``, its
            ``meta`` alone with ``who``, or a tree alone.

    Raises:
        DefinitionError: There is no such segment or file, or it is wrong.
    """
    file = Path(what)
    if file.suffix == ".sql":
        return Draft(file.stem, _text(file), None)
    declared = read_properties(project, is_compiled=False)
    compiler = compiler_of(project, declared)
    if file.suffix in (".yml", ".yaml"):
        return _from_yaml(project, file, compiler)
    known = {item.segment: item for item in declared}
    if what not in known:
        raise DefinitionError(f"{what}: no file and no segment: {unknown_word(what, known)}")
    return Draft(what, compiler.body(what), known[what])


def _from_yaml(project: Path, file: Path, compiler: Compiler) -> Draft:
    _text(file)
    content = read_located(file)
    recipients = declared_recipients(project)
    if models := content.get("models"):
        trees = [model for model in described(content) if properties_of(model, recipients).who]
        if len(trees) != 1:
            raise models.error(f"{len(trees)} segments with who:; a preview is of one")
        properties = properties_of(trees[0], recipients)
    elif content.get("who"):
        properties = properties_of_draft(file.stem, content, recipients)
    elif any(content.get(head) for head in HEADS):
        return Draft(file.stem, compiler.tree_sql(content), None)
    elif isinstance(content.value, dict) and content.value:
        raise content.unknown(next(iter(content.value)), ("models", "who", *HEADS))
    else:
        raise content.error(f"needs models:, who: or one of {', '.join(HEADS)}")
    assert properties.who is not None
    return Draft(properties.segment, compiler.tree_sql(properties.who), properties)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise DefinitionError(f"{file}: cannot be read") from None
