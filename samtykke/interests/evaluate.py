"""Measure the extraction of interests on hand-labelled sentences: ``python -m samtykke.interests.evaluate``.

Prints a Markdown table per language: sentences, labelled interests, precision, recall, texts per second and core. An
interest counts as right when node, polarity and place agree with the label; nothing is given for near misses.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from samtykke.interests import LANGUAGES, extract

_PROJECT = Path(__file__).resolve().parents[2]
_LABELS = _PROJECT / "tests/data/interest_labels.tsv"
_CORPORA = ("texts_common_voice/*.txt", "texts_tatoeba/*.tsv")
_NAMES = {"nl": "Dutch", "da": "Danish", "nb": "Norwegian", "sv": "Swedish", "de": "German", "en": "English"}
_SECONDS = 1.0

Statement = tuple[str, int, str | None]


@dataclass(frozen=True)
class Labelled:
    """A sentence and the interests that a reader finds in it."""

    language: str
    text: str
    interests: frozenset[Statement]


@dataclass
class Score:
    """Counts over the sentences of one language.

    Attributes:
        right: Interests found and labelled.
        wrong: Found, not labelled.
        missed: Labelled, not found.
    """

    sentences: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    errors: list[tuple[str, str, Statement]] = field(default_factory=list)

    @property
    def precision(self) -> float | None:
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        labelled = self.right + self.missed
        return self.right / labelled if labelled else None


def corpora_folder() -> Path:
    """Where the labelled corpora are: ``SAMTYKKE_REAL_DATA``, else ``../shared/data`` beside the project."""
    return Path(os.environ.get("SAMTYKKE_REAL_DATA", _PROJECT.parent / "shared" / "data"))


def read_texts(folder: Path) -> dict[str, str]:
    """Return every sentence of the corpora by its SHA-256; empty where the folder is absent."""
    texts = {}
    for pattern in _CORPORA:
        for file in sorted(folder.glob(pattern)):
            for line in file.read_text(encoding="utf-8").splitlines():
                for text in map(str.strip, line.split("\t")):
                    texts[hashlib.sha256(text.encode()).hexdigest()] = text
    return texts


def read_labels(path: Path, texts: Mapping[str, str]) -> Iterator[Labelled]:
    """Yield the labelled sentences; labels look like ``492+;653+@FR;424-``.

    Args:
        path: Tab-separated file; it names sentences by digest, so that the corpora need not be copied.
        texts: The sentences by digest (``read_texts``).

    Raises:
        KeyError: A labelled sentence is in no corpus.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Labelled(row["language"], texts[row["text_sha256"]], read_statements(row["interests"]))


def read_statements(labels: str) -> frozenset[Statement]:
    """Return labels such as ``492+;653+@FR;424-`` as (node, polarity, place)."""
    return frozenset(_statement(label) for label in labels.split(";") if label)


def score(sentences: Iterable[Labelled], *, told: bool = False) -> dict[str, Score]:
    """Return the counts per language.

    Args:
        sentences: Labelled sentences.
        told: Whether the extractor is told the language; otherwise it detects it.
    """
    scores: dict[str, Score] = {}
    for sentence in sentences:
        counts = scores.setdefault(sentence.language, Score())
        counts.sentences += 1
        found = {
            (i.interest_id, i.polarity, i.place) for i in extract(sentence.text, sentence.language if told else None)
        }
        counts.right += len(found & sentence.interests)
        counts.wrong += len(found - sentence.interests)
        counts.missed += len(sentence.interests - found)
        counts.errors += [("wrong", sentence.text, item) for item in sorted(found - sentence.interests, key=str)]
        counts.errors += [("missed", sentence.text, item) for item in sorted(sentence.interests - found, key=str)]
    return scores


def texts_per_second(texts: list[str], language: str | None = None) -> float:
    """Return how many texts one core reads in a second, the data being loaded already."""
    for text in texts:
        extract(text, language)
    done, begun = 0, time.process_time()
    while time.process_time() - begun < _SECONDS:
        for text in texts:
            extract(text, language)
        done += len(texts)
    return done / (time.process_time() - begun)


def table(sentences: list[Labelled]) -> str:
    """Return the Markdown table of docs/interests.md."""
    lines = [
        "| language | sentences | labelled interests | precision | recall | recall, language told | texts/s per core |",
        "|---|---|---|---|---|---|---|",
    ]
    detected, told = score(sentences), score(sentences, told=True)
    for language in sorted(LANGUAGES, key=lambda code: _NAMES[code]):
        counts = detected.get(language)
        if counts is None:
            continue
        speed = texts_per_second([s.text for s in sentences if s.language == language])
        lines.append(
            f"| {_NAMES[language]} | {counts.sentences} | {counts.right + counts.missed} | {_share(counts.precision)} "
            f"| {_share(counts.recall)} | {_share(told[language].recall)} | {round(speed, -2):,.0f} |"
        )
    return "\n".join(lines)


def _statement(label: str) -> Statement:
    node, _, place = label.partition("@")
    return node[:-1], {"+": 1, "-": -1}[node[-1]], place or None


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def main() -> None:
    """Print the table; with ``--errors`` also each wrong and missed interest."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--labels", type=Path, default=_LABELS, help="tab-separated file of labelled sentences")
    parser.add_argument("--texts", type=Path, default=corpora_folder(), help="folder of the corpora")
    parser.add_argument("--errors", action="store_true", help="list what was wrong or missed")
    arguments = parser.parse_args()
    texts = read_texts(arguments.texts)
    if not texts:
        parser.error(f"no corpora in {arguments.texts}; set SAMTYKKE_REAL_DATA or --texts")
    sentences = list(read_labels(arguments.labels, texts))
    print(table(sentences))
    if arguments.errors:
        for language, counts in score(sentences).items():
            for kind, number in Counter(kind for kind, _, _ in counts.errors).items():
                print(f"\n{language} {kind}: {number}")
                for _, text, item in (error for error in counts.errors if error[0] == kind):
                    print(f"  {item[0]} {item[1]:+d} {item[2] or ''}  {text}")


if __name__ == "__main__":
    main()
