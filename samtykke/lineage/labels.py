"""Labels: which category of data a column holds, and the purposes that must be permitted before it may be used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

TECHNICAL, CONSENT, IDENTIFIER = "technical", "consent", "identifier"
PERSONAL = frozenset(
    {"behaviour", "contact", "demographic", "derived", IDENTIFIER, "interest", "service", "social", "transaction"}
)
CATEGORIES = PERSONAL | {TECHNICAL, CONSENT}


@dataclass(frozen=True)
class Reason:
    """Why a column may need less than what it is made of, and where that is believed.

    Attributes:
        says: The reason, for people.
        categories: The categories of columns that may give it.
        folders: The folders of models that may give it; empty for all.
        drops: The purposes that it may leave out; empty for all.
        suffix: How the column's name must end.
    """

    says: str
    categories: frozenset[str]
    folders: tuple[tuple[str, ...], ...] = ()
    drops: frozenset[str] = frozenset()
    suffix: str = ""

    def refusal(self, model_folders: tuple[str, ...], column: str, category: str) -> str | None:
        """Why a column may not give this reason; None if it may."""
        if self.folders and not any(model_folders[: len(folder)] == folder for folder in self.folders):
            return f"holds in models/{', models/'.join('/'.join(folder) for folder in self.folders)} only"
        if category not in self.categories:
            return f"holds for {', '.join(sorted(self.categories))} only, not for {category}"
        return None if column.endswith(self.suffix) else f"holds for columns named *{self.suffix} only"


# The closed list of reasons (docs/how-to/label-columns.md). A new one is a decision about the law, not about a column.
REASONS: Mapping[str, Reason] = {
    "recognition": Reason(
        "Who is who: needed to serve anybody and to find what somebody wants erased. Consent limits the links inside.",
        frozenset({IDENTIFIER, "service"}),
        (("intermediate", "identity"),),
    ),
    "consent_decision": Reason(
        "What the law makes us process to know what is permitted (GDPR Art. 7(1)).",
        frozenset({CONSENT, IDENTIFIER}),
        (
            ("staging", "consent"),
            ("intermediate", "consent"),
            ("intermediate", "explain"),
            ("audit",),
            ("marts", "consent"),
            ("activation",),
            ("marts", "activation"),
        ),
    ),
    "masked": Reason("Says why another column is null.", frozenset({CONSENT}), suffix="masked_reason"),
    "own_act": Reason(
        "What the company did itself (a mail that it sent) and what came back of it, not what the person did.",
        frozenset({"service"}),
        (("intermediate", "behaviour"),),
        drops=frozenset({"analytics.behaviour"}),
    ),
    "other_people": Reason(
        "Counts acts of other people, each counted under that person's own permission.",
        frozenset({"behaviour"}),
        (("intermediate", "behaviour"),),
        drops=frozenset({"identity.linking"}),
    ),
    "gated_rows": Reason(
        "Each row is there under the uses that its own evidence needs; the label names what every row needs.",
        frozenset({"interest", IDENTIFIER}),
        (("intermediate", "profile"),),
        drops=frozenset({"analytics.behaviour", "identity.linking", "enrichment.social"}),
    ),
    "accountability": Reason(
        "Counts and states that show what the gates did (GDPR Art. 5(2)); no segment can read them.",
        frozenset({TECHNICAL, CONSENT}),
        (("activation",), ("marts", "activation"), ("marts", "consent"), ("marts", "operations")),
    ),
}


@dataclass(frozen=True)
class Label:
    """What is declared of a column in ``config.meta``.

    Attributes:
        category: One of ``CATEGORIES``.
        purposes: All must be permitted before the value may be used.
        minimum_group: Set where the value is of a group of at least so many people, and of nobody.
        reason: Why the column may need less than what it is made of.
    """

    category: str
    purposes: frozenset[str]
    minimum_group: int | None = None
    reason: str | None = None


def read_label(column: Mapping[str, Any], purposes: Collection[str]) -> tuple[Label | None, list[str]]:
    """Return a column's label and what is wrong with it.

    Args:
        column: The column as the manifest describes it.
        purposes: The purposes there are.
    """
    meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
    category, declared = meta.get("category"), meta.get("purposes")
    if category is None or not isinstance(declared, list):
        return None, ["has no category and purposes; label it in its YAML"]
    wrong = []
    if category not in CATEGORIES:
        wrong.append(f"has the category {category}; there are {', '.join(sorted(CATEGORIES))}")
    if unknown := sorted(set(map(str, declared)) - set(purposes)):
        wrong.append(f"names {', '.join(unknown)}, which seeds/purposes.csv does not know")
    if category in PERSONAL and not declared:
        wrong.append(f"is personal ({category}) but names no purpose")
    anonymised = meta.get("anonymised")
    group = anonymised.get("minimum_group") if isinstance(anonymised, Mapping) else None
    if anonymised is not None and not (isinstance(group, int) and group > 0):
        wrong.append("declares anonymised without {minimum_group: <people>}")
    reason = meta.get("purposes_reason")
    if reason is not None and reason not in REASONS:
        wrong.append(f"gives the reason {reason}; there are {', '.join(sorted(REASONS))}")
    return Label(str(category), frozenset(map(str, declared)), group, reason), wrong
