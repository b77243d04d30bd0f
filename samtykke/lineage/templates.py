"""Render a model's Jinja without dbt: enough to read its SQL, not to run it.

The project's own macros come from the manifest; a relation becomes one quoted name. A template that asks for more than
the project's files hold (the adapter, a query, the environment) cannot be read, and that is an error which names it.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import jinja2
from jinja2.runtime import Macro

# A fixed moment: the SQL is only read, and which columns it uses must not depend on when.
_STARTED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_MACRO = re.compile(r"\s*({#.*?#})?\s*{%-?\s*macro\b", re.S)


class TemplateError(ValueError):
    """A model's template cannot be rendered; the message names the model and what is missing."""


class _Returned(Exception):
    def __init__(self, value: object) -> None:
        self.value = value


class _This:
    """The relation of the model that is being rendered."""

    def __init__(self, node: Mapping[str, Any]) -> None:
        self._node = node

    def __str__(self) -> str:
        return f'"{self._node["name"]}"'


class Renderer:
    """Renders the models of one manifest; its macros are compiled once."""

    def __init__(self, manifest: Mapping[str, Any], variables: Mapping[str, object]) -> None:
        """Take the project's macros.

        Args:
            manifest: dbt's manifest.
            variables: The project's ``vars``.
        """
        self._asked: dict[str, Callable[..., object]] = {}
        self._macros: dict[str, Callable[..., object]] = {}
        self._node: dict[str, Any] = {}
        self._environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
        project = manifest["metadata"]["project_name"]
        macros = {
            macro["name"]: macro["macro_sql"]
            for macro in manifest["macros"].values()
            if macro["package_name"] == project and _MACRO.match(macro["macro_sql"])
        }
        # A macro sees what is global when it is compiled: everything is bound late, so that macros call one another.
        self._environment.globals.update(
            {name: _late(self._macros, name) for name in macros},
            **{name: _late(self._asked, name) for name in ("ref", "source", "is_incremental")},
            **{"return": _return},
            config=lambda *_, **__: "",
            this=_This(self._node),
            model=self._node,
            var=_reader(variables),
            modules=SimpleNamespace(datetime=datetime, re=re),
            run_started_at=_STARTED,
            execute=False,
            flags=SimpleNamespace(WHICH="compile", FULL_REFRESH=False),
            local_md5=lambda text: hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest(),
            env_var=_environment_value,
            exceptions=SimpleNamespace(raise_compiler_error=_raise),
        )
        for name, text in macros.items():
            self._macros[name] = _returning(getattr(self._environment.from_string(text).make_module(), name))

    def render(
        self,
        node: Mapping[str, Any],
        *,
        ref: Callable[..., str],
        source: Callable[..., str],
        is_incremental: bool = False,
        text: str | None = None,
    ) -> str:
        """Return a model's SQL.

        Args:
            node: The model's node in the manifest.
            ref: Gives the name that stands for ``ref(...)``.
            source: Gives the name that stands for ``source(...)``.
            is_incremental: Which of the two texts of an incremental model.
            text: Another template of the model than its own, such as a hook.

        Raises:
            TemplateError: The template uses what cannot be known by reading, or is no valid Jinja.
        """
        self._asked.update(ref=ref, source=source, is_incremental=lambda: is_incremental)
        self._node.clear()
        self._node.update(node)
        text = node["raw_code"] if text is None else text
        try:
            return self._environment.from_string(text).render()
        except (jinja2.TemplateError, ValueError, TypeError) as problem:
            raise TemplateError(f"{node['name']}: its template cannot be read: {problem}") from None


def _reader(variables: Mapping[str, object]) -> Callable[..., object]:
    def var(name: str, default: object = None) -> object:
        value = variables.get(name)
        return default if value is None else value

    return var


def _environment_value(name: str, default: object = None) -> object:
    """The default: what is read must not depend on where it is read."""
    if default is None:
        raise ValueError(f"env_var('{name}') has no default")
    return default


def _late(functions: Mapping[str, Callable[..., object]], name: str) -> Callable[..., object]:
    return lambda *arguments, **options: functions[name](*arguments, **options)


def _returning(macro: Macro) -> Callable[..., object]:
    def called(*arguments: object, **options: object) -> object:
        try:
            return macro(*arguments, **options)
        except _Returned as returned:
            return returned.value

    return called


def _return(value: object) -> None:
    raise _Returned(value)


def _raise(message: str) -> None:
    raise ValueError(message)
