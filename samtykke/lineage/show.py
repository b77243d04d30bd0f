"""Say what a segment needs and why, for docs, Dagster and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from samtykke.lineage.check import Report
from samtykke.lineage.segments import PurposeUse

Needs = Mapping[str, Mapping[str, list[str]]]


def needs_by_segment(uses: Iterable[PurposeUse]) -> dict[str, dict[str, list[str]]]:
    """Return, by segment and purpose, the columns that need it."""
    needs: dict[str, dict[str, list[str]]] = {}
    for use in sorted(uses):
        needs.setdefault(use.segment, {}).setdefault(use.purpose, []).append(use.column_name)
    return needs


def needs_sentence(needs: Mapping[str, list[str]] | None) -> str:
    """Say what one segment needs, in one sentence."""
    if not needs:
        return "Which purposes it needs cannot be derived; nobody leaves for it."
    parts = [f"{purpose} ({', '.join(columns)})" for purpose, columns in needs.items()]
    return f"Needs, derived from the columns it uses: {'; '.join(parts)}."


def report_content(report: Report) -> dict[str, Any]:
    """A report as JSON content."""
    return {
        "holds": not report.problems,
        "problems": list(report.problems),
        "segments": needs_by_segment(report.uses),
        "models": len({column.model for column in report.columns}),
        "columns": len(report.columns),
        "reasons": [
            {
                "column": f"{column.model}.{column.column}",
                "reason": column.label.reason or "anonymised",
                "leaves_out": sorted(set(column.needs) - column.label.purposes),
            }
            for column in report.columns
            if column.label.reason or column.label.minimum_group
        ],
    }


def write_docs(target: Path, page: Path, needs: Needs) -> None:
    """Write dbt's documentation as one page, with the derived purposes at each segment.

    dbt knows only what the YAML declares; the page that people read says what was derived.

    Args:
        target: Where ``dbt docs generate`` has left ``index.html``, ``manifest.json`` and ``catalog.json``.
        page: The page to write.
        needs: By segment and purpose, the columns that need it.

    Raises:
        ValueError: dbt's page has another shape than expected.
    """
    manifest = json.loads((target / "manifest.json").read_bytes())
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["fqn"][1] == "segments":
            own = needs.get(node["name"])
            node["description"] = f"{node['description'].strip()}\n\n**{needs_sentence(own)}**"
            node["meta"] = {**node.get("meta", {}), "derived_purposes": sorted(own or ())}
            node["config"]["meta"] = {**node["config"].get("meta", {}), "derived_purposes": sorted(own or ())}
    content = {"MANIFEST": json.dumps(manifest), "CATALOG": (target / "catalog.json").read_text()}
    text = (target / "index.html").read_text()
    for name, data in content.items():
        place = f'"{name}.JSON INLINE DATA"'
        if place not in text:
            raise ValueError(f"dbt's index.html has no place {place}")
        # inside a script: the end of an element must not be found in the data
        text = text.replace(place, data.replace("</", "<\\/"), 1)
    page.parent.mkdir(parents=True, exist_ok=True)
    partial = page.with_suffix(".part")
    partial.write_text(text)
    partial.replace(page)
