"""Change the SQL of consent one slip at a time and see that some test notices: `make mutants`.

    python -m tests.properties.mutants [--model NAME ...] [--list]

Each mutant meets, until it is killed: the unit tests of its model, then generated histories judged by the oracle.
Nothing is ever compared with what the unchanged SQL says. A survivor fails the run unless
`mutants_equivalent.csv` says why it changes nothing, and so does a line of that file that names no survivor.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
from rich.progress import track

from tests.properties.consent_judge import Judge
from tests.properties.consent_sql import CompiledModel, ConsentModels, compile_models
from tests.properties.consent_units import Project, UnitTest, unit_tests
from tests.properties.consent_world import seed_texts
from tests.properties.mutations import Mutant, mutants_of
from tests.properties.prove import draw, used

EQUIVALENT = Path(__file__).with_name("mutants_equivalent.csv")
FOLDERS = (
    *(f"models/intermediate/consent/{stage}/" for stage in ("acts", "facts", "decision", "gates")),
    # the exit gate; caps, floors and exclusive groups come behind it
    "models/activation/segment_permissions", "models/activation/recipient_", "models/activation/audience_candidates",
    "models/activation/audience_identifiers", "models/activation/sent_standings",
    "models/marts/activation/audience_members",
    # what an auditor asks
    "models/audit/intervals_at", "models/audit/permission_at",
)  # fmt: skip
# told once more for the explanations, by the macros that int_consent__spans is made of
MIRRORS = {f"int_consent__{name}" for name in ("boundaries", "winners", "rulings", "decisions")}
USED = 0  # instead of drawings: permissions that lapse without use
CORPORA = ((1, 6), (2, 30), (3, USED))  # seed and drawings of 30: most die on the small one
PATIENCE = 30.0  # seconds; a build of the models takes less than one
STILLBORN = "is no SQL"


class Corpus:
    """Generated people with everything the oracle says about them, and the models built on them."""

    def __init__(self, compiled: Sequence[CompiledModel], types: dict, seed: int, parts: int) -> None:
        self.models = ConsentModels(compiled, types, seeds=seed_texts())
        population = used(seed) if parts == USED else draw(seed, parts)[0]
        self.judge = Judge(population, seed, per_key=20, surprises=25)
        self.dirty: set[str] = set()
        population.insert(self.models)
        self.models.build()
        said = next(self.judge.disagreements(self.models), None)
        assert said is None, f"the models differ from the oracle before anything is mutated: {said}"

    def notices(self, mutant: Mutant) -> bool:
        """Whether the models, built with the mutant, differ from what the oracle says."""
        touched = {mutant.model}
        for candidate in self.models.models:
            if any(f'"{name}"' in candidate.sql for name in touched):
                touched.add(candidate.name)
        original = self.models.models
        self.models.models = [
            replace(model, sql=mutant.sql) if model.name == mutant.model else model for model in original
        ]
        # a join that lost its condition may never end
        patience = threading.Timer(PATIENCE, self.models.connection.interrupt)
        patience.start()
        try:
            for model in self.models.models:
                if model.name in touched | self.dirty:
                    self.models.connection.execute(model.creation)
            return next(self.judge.disagreements(self.models), None) is not None
        except (duckdb.Error, AssertionError, TypeError):  # a null where the rules leave none
            return True
        finally:
            patience.cancel()
            self.models.models = original
            self.dirty = touched  # mended by the next


class Trial:
    """Everything that may notice a mutant."""

    def __init__(self, folder: Path) -> None:
        self.project = Project.build(folder / "project")
        self.sql = self.project.models(*FOLDERS)
        compiled, types = compile_models(folder / "compiled")
        self.decided = {model.name for model in compiled}
        self.corpora = [Corpus(compiled, types, seed, parts) for seed, parts in CORPORA]
        self.units: dict[str, list[UnitTest]] = unit_tests(self.project, set(self.sql))
        for model, tests in self.units.items():
            for test in tests:
                assert test.passes(self.sql[model]), f"{test.name} fails before anything is mutated"

    def mutants(self, chosen: Sequence[str]) -> list[Mutant]:
        """The mutants of some models, or of all."""
        return [
            mutant
            for name, sql in self.sql.items()
            if name not in MIRRORS and (not chosen or name in chosen)
            for mutant in mutants_of(name, sql)
        ]

    def killer(self, mutant: Mutant) -> str | None:
        """What notices a mutant, or None."""
        try:
            if any(not test.passes(mutant.sql) for test in self.units.get(mutant.model, [])):
                return "unit test"
        except (duckdb.BinderException, duckdb.ParserException):
            return STILLBORN
        except duckdb.Error:
            return "unit test"
        if mutant.model not in self.decided:
            return None
        try:
            self.corpora[0].models.connection.execute(f"explain {_at_a_moment(mutant.sql)}")
        except duckdb.Error:
            return STILLBORN
        return "oracle" if any(corpus.notices(mutant) for corpus in self.corpora) else None


def _at_a_moment(sql: str) -> str:
    """The SQL of a function of two moments, for any two; of anything else as it is."""
    return re.sub(r"\b(?<!\.)(moment|known)\b", "timestamp '2026-01-01'", sql)


def main(arguments: list[str] | None = None) -> int:
    """Report killed and survived per model; 1 if a survivor is not explained, or an explanation has no survivor."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--model", action="append", default=[], help="only this model; may be given again")
    parser.add_argument("--list", action="store_true", help="print every mutant and what killed it")
    chosen = parser.parse_args(arguments)
    with EQUIVALENT.open(newline="") as file:
        explained = {(row["model"], row["mutation"]): row["reason"] for row in csv.DictReader(file)}
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
    report: dict[str, Counter[str]] = defaultdict(Counter)
    survivors: list[Mutant] = []
    for mutant in track(trial.mutants(chosen.model), description="mutants"):
        killer = trial.killer(mutant)
        report[mutant.model][killer or "survived"] += 1
        if killer is None:
            survivors.append(mutant)
        if chosen.list:
            print(f"{killer or 'SURVIVED'}\t{mutant.model}\t{mutant.change}", flush=True)
    names = {(mutant.model, mutant.change) for mutant in survivors}
    stale = [key for key in explained if key not in names and (not chosen.model or key[0] in chosen.model)]
    columns = ["unit test", "oracle", "survived", STILLBORN]
    print("\t".join(["model", *columns]))
    for model, counts in [*report.items(), ("all", sum(report.values(), Counter()))]:
        print("\t".join([model, *(str(counts[column]) for column in columns)]))
    for model, change in sorted(names - explained.keys()):
        print(f"survived: {model},{change}")
    for model, change in stale:
        print(f"listed as equivalent, but killed or gone: {model},{change}")
    return 1 if names - explained.keys() or stale else 0


if __name__ == "__main__":
    sys.exit(main())
