"""YAML that knows where each word stands, so that an error can point at it.

Only what a declaration needs: mappings with text keys, lists and scalars; anchors and merges work as in any YAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

# Deeper than anybody reads; also what an alias that holds itself comes to.
_DEEPEST = 100
_TOO_DEEP = f"nested deeper than {_DEEPEST}, or within itself"


class DefinitionError(ValueError):
    """A segment's declaration cannot be used; every line of the message is ``file:line:column: what is wrong``."""


@dataclass(frozen=True)
class Located:
    """A value and where it stands.

    Attributes:
        value: A scalar, a ``list[Located]`` or a ``dict[str, Located]``.
        place: ``file:line:column`` of the value.
        keys: Of a mapping: where each of its keys stands.
    """

    value: Any
    place: str
    keys: dict[str, str]

    @property
    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {key: item.plain for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain for item in self.value]
        return self.value

    def get(self, key: str) -> Located | None:
        """The value of a key, None where there is none or where this is no mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def error(self, message: str, *, key: str | None = None) -> DefinitionError:
        """An error that points at this value, or at one of its keys."""
        return DefinitionError(f"{self.keys[key] if key else self.place}: {message}")

    def word(self) -> str:
        """Return a value that names something.

        Raises:
            DefinitionError: It is a list, a mapping or nothing.
        """
        if self.value is None or isinstance(self.value, list | dict):
            raise self.error(f"must be one word, not {_kind(self.value)}")
        return str(self.value)

    def items(self) -> Iterator[tuple[str, Located]]:
        """The keys and values of a mapping.

        Raises:
            DefinitionError: It is none.
        """
        if not isinstance(self.value, dict):
            raise self.error(f"needs keys and values, not {_kind(self.value)}")
        yield from self.value.items()

    def unknown(self, key: str, known: Iterable[str]) -> DefinitionError:
        """The error of a key that nobody knows."""
        return self.error(unknown_word(key, known), key=key)


def unknown_word(word: object, known: Iterable[str]) -> str:
    """Say that a word is unknown, and which one may be meant."""
    names = sorted(known)
    close = get_close_matches(str(word), names, n=1, cutoff=0.6)
    hint = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"
    return f"unknown word '{word}'; {hint}"


def read_located(file: Path, *, name: str | None = None) -> Located:
    """Read a YAML file.

    Args:
        file: The file.
        name: What errors call it; default its path.

    Raises:
        DefinitionError: It is not YAML, or a key stands in it twice.
    """
    name = name or str(file)
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except RecursionError:
        raise DefinitionError(f"{name}:1:1: {_TOO_DEEP}") from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise DefinitionError(f"{place}: not YAML: {problem.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise DefinitionError(f"{name}:1:1: not YAML in UTF-8") from None
    if node is None:
        return Located(None, f"{name}:1:1", {})
    return _located(node, name, yaml.SafeLoader(""))


def _located(node: yaml.Node, name: str, loader: yaml.SafeLoader, depth: int = 0) -> Located:
    place = _place(node, name)
    if depth > _DEEPEST:
        raise DefinitionError(f"{place}: {_TOO_DEEP}")
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Located] = {}
        keys: dict[str, str] = {}
        merged: list[Located] = []
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                parts = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                merged += [_located(part, name, loader, depth + 1) for part in parts]
                continue
            # `on:` and `1:` are words here, whatever YAML 1.1 makes of them
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                raise DefinitionError(f"{_place(key_node, name)}: a key must be a word")
            if key in values:
                raise DefinitionError(f"{_place(key_node, name)}: '{key}' stands here twice")
            values[key] = _located(value_node, name, loader, depth + 1)
            keys[key] = _place(key_node, name)
        for part in merged:
            if not isinstance(part.value, dict):
                raise part.error("only keys and values can be merged")
            values = {**part.value, **values}
            keys = {**part.keys, **keys}
        return Located(values, place, keys)
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(item, name, loader, depth + 1) for item in node.value], place, {})
    try:
        return Located(loader.construct_object(node), place, {})
    except (yaml.YAMLError, ValueError):
        raise DefinitionError(f"{place}: '{node.value}' is no value") from None


def _place(node: yaml.Node, name: str) -> str:
    return f"{name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _kind(value: object) -> str:
    return {list: "a list", dict: "keys and values", type(None): "nothing"}.get(type(value), f"'{value}'")
