"""Render a model's Jinja without dbt: enough to read its SQL, not to run it.

The project's own macros come from the manifest; ``ref`` gives the bare model name. What a template may ask
beyond that (the adapter, a query, the environment) has no place in a segment and is an error that names it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import jinja2

# A fixed moment: the SQL is only read, and which columns it uses must not depend on when.
_STARTED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


class TemplateError(ValueError):
    """A model's template cannot be rendered; the message names the model and what is missing."""


def render_model(manifest: Mapping, node: Mapping, variables: Mapping[str, object]) -> str:
    """Return a model's SQL with ``ref('x')`` as the identifier ``x``.

    Args:
        manifest: dbt's manifest, for the project's macros.
        node: The model's node in it.
        variables: The project's ``vars``.

    Raises:
        TemplateError: The template uses what cannot be known by reading, or is no valid Jinja.
    """
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    environment.globals.update(
        ref=lambda *names, **_: f'"{names[-1]}"',
        source=_refused("source"),
        config=lambda *_, **__: "",
        var=_reader(variables),
        modules=SimpleNamespace(datetime=datetime, re=re),
        run_started_at=_STARTED,
        execute=False,
    )
    project = manifest["metadata"]["project_name"]
    try:
        for macro in manifest["macros"].values():
            if macro["package_name"] == project and re.match(
                r"\s*({#.*?#})?\s*{%-?\s*macro\b", macro["macro_sql"], re.S
            ):
                module = environment.from_string(macro["macro_sql"]).make_module()
                environment.globals[macro["name"]] = getattr(module, macro["name"])
        return environment.from_string(node["raw_code"]).render()
    except (jinja2.TemplateError, ValueError, TypeError) as problem:
        raise TemplateError(f"segment {node['name']}: its template cannot be read: {problem}") from None


def _reader(variables: Mapping[str, object]) -> Callable[..., object]:
    def var(name: str, default: object = None) -> object:
        value = variables.get(name)
        return default if value is None else value

    return var


def _refused(name: str) -> Callable[..., object]:
    def refuse(*_: object, **__: object) -> object:
        raise ValueError(f"{name}() has no place in a segment; it reads public marts through ref()")

    return refuse
