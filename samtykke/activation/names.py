"""Names that a recipient reads: a list called after an illness tells it who is ill, whatever is in the list.

What a name may not say is in two seeds: the special categories of GDPR Art. 9 (``special_category_terms``), and what
platforms refuse besides (``sensitive_names``): Meta blocks lists whose names suggest health or finances.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from samtykke.consent.signals import seeds_of


def sensitive_category(name: str, project: Path, also: Collection[str] = ()) -> str | None:
    """Return the category that a name speaks of though it must not, None if it speaks of none.

    Args:
        name: As the recipient reads it; underscores and hyphens part words.
        project: Whose seeds.
        also: Categories that the platform refuses besides special ones: its spec's ``name_policy``.
    """
    words = f" {_words(name)} "
    return next(
        (
            category
            for category, term, is_special in _terms(project)
            if (is_special or category in also) and f" {term} " in words
        ),
        None,
    )


@lru_cache(maxsize=8)
def _terms(project: Path) -> tuple[tuple[str, str, bool], ...]:
    found = []
    for seed, is_special in (("special_category_terms", True), ("sensitive_names", False)):
        text = (seeds_of(project) / f"{seed}.csv").read_text(encoding="utf-8")
        found += [(row["category"], _words(row["term"]), is_special) for row in csv.DictReader(text.splitlines())]
    return tuple(found)


def _words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.lower()).split())
