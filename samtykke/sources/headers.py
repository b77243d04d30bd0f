"""Compare a file's headers with what its mapping needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from samtykke.sources.files import Delivery, Refused
from samtykke.sources.mapping import Mapping
from samtykke.sources.shape import Source


def check_headers(delivery: Delivery, mapping: Mapping, headers: Iterable[str]) -> Source:
    """Compare a file's headers with what the mapping needs.

    Raises:
        Refused: A header is repeated, a needed one is missing, or one is nearly a known one.
    """
    columns: dict[str, str] = {}
    repeated: list[str] = []
    folded: dict[str, str] = {}
    for index, header in enumerate(headers):
        name = header if header and (header in mapping.headers or is_showable(header)) else f"column {index + 1}"
        if name in columns or name.lower() in folded:
            if name not in mapping.file.duplicate_headers:
                repeated.append(name)
            name = f"{name} ({index + 1})"
        folded[name.lower()] = name
        columns[name] = f"c{index}"
    if repeated:
        raise Refused(
            "duplicate_header",
            f"{delivery.relative} has the header {', '.join(repeated)} more than once; rename one.",
        )
    missing = [group for group in mapping.file.requires if not any(header in columns for header in group)]
    if missing:
        wanted = "; ".join(" or ".join(group) for group in missing)
        raise Refused(
            "missing_column",
            f"{delivery.relative} lacks the column {wanted} (found: {', '.join(list(columns)[:40])}); add it or use "
            f"the mapping for these headers.",
        )
    if mapping.mapping == "contract":
        plain = {_fold(name): name for name in mapping.headers}
        near = [f"{h} (meant: {plain[_fold(h)]})" for h in columns if h not in mapping.headers and _fold(h) in plain]
        if near:
            raise Refused(
                "misspelt_header",
                f"{delivery.relative} has the header {', '.join(near)}; write it as the contract does.",
            )
    return Source(columns, mapping.file.nulls)


def is_showable(header: str) -> bool:
    """Whether a header may be shown and kept: a record in its place would put a person's values there."""
    return len(header) <= 80 and "@" not in header and not re.search(r"\d{5}", header)


def _fold(header: str) -> str:
    return "".join(sign for sign in header.lower() if sign.isalnum())
