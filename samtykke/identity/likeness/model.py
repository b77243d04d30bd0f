"""The weights: learned on purpose, kept as JSON in the repository, never learned again by a night."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from samtykke.identity.likeness import features

MODEL = Path(__file__).resolve().parent / "model.json"
SEED = 2
# Agreement that training never saw is rare, not impossible: no level says more than this many to one.
_RAREST = 1e-4
# Whom identifiers link is not everybody: people marry, move and mistype more than labelled pairs show.
_RARE = 5e-3
_PRIOR = "probability_two_random_records_match"
# Expectation maximisation learns what else agrees among pairs that agree on one of these. What a household agrees on
# (street, postal code) would teach it what households share, so each of them says something of the person.
_SESSIONS = (("given", "surname"), ("surname", "born"), ("given", "born"), ("given", "street"), ("email",))


@dataclass(frozen=True)
class Model:
    """Weights with their version, the digest that pairs are marked with."""

    settings: Mapping[str, object]

    @property
    def version(self) -> str:
        return hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def labels(self) -> dict[str, dict[int, str]]:
        """Per comparison what its levels are called, by Splink's number: 0 is the last, -1 says nothing."""
        found: dict[str, dict[int, str]] = {}
        for comparison in self.settings["comparisons"]:  # type: ignore[attr-defined]
            levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
            names = [level["label_for_charts"] for level in levels]
            found[comparison["output_column_name"]] = {
                len(names) - 1 - place: name for place, name in enumerate(names)
            } | {-1: "not stated"}
        return found

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.settings, indent=1, sort_keys=True) + "\n")


def load(path: Path = MODEL) -> Model:
    """Read a model.

    Raises:
        FileNotFoundError: There is none; `samtykke identity train` makes one.
    """
    return Model(json.loads(path.read_text()))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let Splink say nothing: its progress and its errors quote SQL, and SQL may quote values."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(before)


def train(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    *,
    label: str | None = None,
    blocks: Sequence[Sequence[str]] = features.BLOCKS,
    certain: Sequence[Sequence[str]] = (),
    recall: float = 0.7,
) -> Model:
    """Learn weights from records.

    Args:
        connection: Where the table is.
        table: Records with ``unique_id`` and columns of ``features.COMPARISONS``.
        label: Column with the person that identifiers make of the records: how often the agreements of one person's
            records show is counted there. Without one it is estimated by expectation maximisation.
        blocks: Who is compared, written into the model.
        certain: Agreements that only one person's records show, to guess how many pairs are one person's.
        recall: The share of such pairs that they, or the label, show.

    Returns:
        The model; equal records and label give an equal one (u is drawn with a fixed seed).
    """
    from splink import DuckDBAPI, Linker, block_on

    columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
    names = features.known(columns)
    with quiet():
        linker = Linker(
            DuckDBAPI(connection=connection).register(table),
            features.settings(names, blocks),
            log_level=logging.CRITICAL,
        )
        rules = [block_on(*rule) for rule in features.usable(certain, names)]
        rules += [f"l.{label} = r.{label}"] if label else []
        linker.training.estimate_probability_two_random_records_match(rules, recall=recall)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=SEED)
        if label:
            linker.training.estimate_m_from_label_column(label)
        else:
            for session in features.usable(_SESSIONS, names):
                linker.training.estimate_parameters_using_expectation_maximisation(block_on(*session))
        learned = linker.misc.save_model_to_json()
    return Model(_settled(learned, {"m_probability": _RARE if label else _RAREST, "u_probability": _RAREST}))


def _settled(learned: dict[str, object], least: dict[str, float]) -> dict[str, object]:
    """Return settings without what differs from run to run, every level with a probability of at least so much."""
    learned.pop("linker_uid", None)
    for comparison in learned["comparisons"]:  # type: ignore[attr-defined]
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for name, floor in least.items():
            found = [_probability(level.get(name), floor) for level in levels]
            for level, probability in zip(levels, found, strict=True):
                level[name] = round(probability / sum(found), 8)
    learned[_PRIOR] = round(float(str(learned[_PRIOR])), 10)
    return learned


def _probability(found: object, least: float) -> float:
    return max(float(found), least) if isinstance(found, int | float) else least
