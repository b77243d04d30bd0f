"""Trees and the SQL that stands for them: ``samtykke segment compile`` writes it, every night checks it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samtykke.segments.grammar import Grammar
from samtykke.segments.located import DefinitionError, Located
from samtykke.segments.properties import FOLDER
from samtykke.segments.sql import write_sql
from samtykke.segments.vocabulary import Vocabulary, read_vocabulary


@dataclass(frozen=True)
class Compiled:
    """A segment's SQL from its tree."""

    segment: str
    sql: str
    is_current: bool


class Compiler:
    """Compiles the trees of one project; knows the SQL of every other segment by its file or its tree."""

    def __init__(self, project: Path, trees: Mapping[str, Located], *, vocabulary: Vocabulary | None = None) -> None:
        """Take the project and the trees of its segments by name."""
        self._folder = project / FOLDER
        self._trees = trees
        self._vocabulary = vocabulary or read_vocabulary(project)
        self._open: list[str] = []
        self._done: dict[str, str] = {}

    def body(self, name: str) -> str:
        """Return the SQL of a segment: of its tree, else of its file.

        Raises:
            KeyError: There is no such segment; the argument is the list of those there are.
            RecursionError: Its tree asks for itself.
            DefinitionError: Its tree is wrong.
        """
        if name in self._open:
            raise RecursionError(name)
        if name in self._done:
            return self._done[name]
        if name not in self._trees:
            file = self._folder / f"{name}.sql"
            if "/" in name or not file.exists():
                raise KeyError(sorted({*self._trees, *(other.stem for other in self._folder.glob("*.sql"))}))
            return file.read_text(encoding="utf-8")
        self._open.append(name)
        try:
            self._done[name] = self.tree_sql(self._trees[name])
        finally:
            self._open.pop()
        return self._done[name]

    def tree_sql(self, tree: Located) -> str:
        """Return the SQL of a tree that need not belong to the project.

        Raises:
            DefinitionError: The tree is wrong.
        """
        return write_sql(Grammar(self._vocabulary, self.body).read(tree), self._vocabulary)

    def file(self, name: str) -> Compiled:
        """Return what the file of a segment must hold, and whether it does.

        Raises:
            DefinitionError: The tree is wrong.
        """
        tree = self._trees[name]
        body = self.body(name)
        source = tree.place.rsplit(":", 2)[0]
        digest = hashlib.sha256(f"{json.dumps(tree.plain, sort_keys=True, default=str)}\n{body}".encode()).hexdigest()
        sql = f"-- Compiled from {source} ({digest[:12]}): change it there and run samtykke segment compile.\n{body}"
        path = self._folder / f"{name}.sql"
        return Compiled(name, sql, path.exists() and path.read_text(encoding="utf-8") == sql)

    def write(self) -> list[Compiled]:
        """Write the SQL of every tree that is not current; return all.

        Raises:
            DefinitionError: Some trees are wrong; nothing was written.
        """
        every = self._every()
        for item in every:
            if not item.is_current:
                (self._folder / f"{item.segment}.sql").write_text(item.sql, encoding="utf-8")
        return every

    def check(self) -> list[Compiled]:
        """Return every tree's SQL.

        Raises:
            DefinitionError: A tree is wrong, or the SQL beside it is another.
        """
        every = self._every()
        stale = [
            f"{self._trees[item.segment].place}: {FOLDER / f'{item.segment}.sql'} is not what this compiles to; "
            "run samtykke segment compile"
            for item in every
            if not item.is_current
        ]
        if stale:
            raise DefinitionError("\n".join(stale))
        return every

    def _every(self) -> list[Compiled]:
        compiled, problems = [], []
        for name in sorted(self._trees):
            try:
                compiled.append(self.file(name))
            except DefinitionError as problem:
                problems.append(str(problem))
        if problems:
            raise DefinitionError("\n".join(problems))
        return compiled


def compiler_of(project: Path, declared: list) -> Compiler:
    """Return the compiler of a project for what ``read_properties`` read."""
    return Compiler(project, {item.segment: item.who for item in declared if item.who is not None})
