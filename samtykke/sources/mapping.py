"""The mapping vocabulary: how a vendor's headers become a contract's columns, declared in YAML.

A mapping is a data file that a user can copy: ``samtykke/sources/mappings/*.yml`` ship with the package,
``<project>/mappings/*.yml`` are the user's own and win. ``mappings/README.md`` explains every word.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from samtykke.sources.columns import Contract
from samtykke.sources.contracts import ENTITIES, IDENTIFIER_KINDS

# Columns in which somebody tells a company what they like or do not, in a form of their own or beside their record.
_DECLARED = ("interests", "dislikes")


class MappingError(ValueError):
    """A mapping cannot be used; the message names the file, the place in it and the remedy."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int | float | dict) else value


def _without_blank(value: object) -> object:
    """Drop columns without a rule: how a copied block leaves one out."""
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


Headers = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars: a column called No, a word such as yes or a day stays the text that it is."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] not in ("bool", "timestamp")]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


class Condition(_Part):
    """A question about one value of the record; every word given must hold."""

    column: Headers = Field(description="Header; of several the first that is filled.")
    filled: bool | None = Field(None, description="Whether anything is there.")
    among: Texts | None = Field(None, alias="in", description="The value is one of these, whatever its case.")
    not_among: Texts | None = Field(None, alias="not_in", description="The value is none of these.")
    matches: str | None = Field(None, description="RE2 pattern that the value holds somewhere.")
    not_matches: str | None = Field(None, description="RE2 pattern that it does not hold.")
    at_most: float | None = Field(None, description="The value is a number not above this one.")
    more_than: float | None = Field(None, description="The value is a number above this one.")


class Time(_Part):
    """How a time is written."""

    formats: Texts = Field(("iso",), description="'iso' or strptime formats, tried in order.")
    zone: str | None = Field(None, description="Zone of times that carry none; 'company' is the setting.")
    plus_seconds: str | None = Field(None, description="Header of a count added to the time: a click's place, ...")
    blank: Literal["null", "loaded"] = Field("null", description="'loaded': a blank is the moment of the load.")
    seconds_each: int = Field(1, ge=1, description="Seconds that one of that count stands for.")


class Case(_Part):
    """One branch of ``cases``."""

    when: Annotated[tuple[Condition, ...], BeforeValidator(_as_list)]
    then: Rule | str | None = None


class Rule(_Part):
    """Where one column's value comes from. First a source, then what is done to it, in the order listed here."""

    first_of: Headers | None = Field(None, description="Headers; the first that is filled gives the value.")
    const: str | None = Field(None, description="Always this text.")
    join: tuple[Rule | str, ...] | None = Field(None, description="Several values, or texts after '=', in a row.")
    sep: str = Field("", description="What stands between the values of join.")
    cases: tuple[Case, ...] | None = Field(None, description="The first branch whose conditions hold.")
    ordinal: Headers | None = Field(None, description="Number of the record among those with these values equal.")
    strip: str | None = Field(None, description="Signs dropped at both ends, such as the apostrophe of a spreadsheet.")
    pattern: str | None = Field(None, description="RE2 pattern; its first group is the value.")
    whole: bool = Field(False, description="17850.0 is read as 17850.")
    values: dict[str, str | None] | None = Field(None, description="Their words to ours, whatever their case.")
    otherwise: Literal["quarantine", "blank", "keep"] = Field("quarantine", description="A word not in values.")
    country_names: bool = Field(False, description="Names of countries become alpha-2 codes.")
    separator: str | None = Field(None, min_length=1, description="What parts a list; a list of JSON is known as such.")
    prefix: str = Field("", description="Put before the value: the scope of an id that others use too.")
    time: Time | None = None
    decimal: Literal["point", "comma"] = Field("point", description="The decimal sign.")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"first_of": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _one_source(self) -> Rule:
        given = [n for n in ("first_of", "const", "join", "cases", "ordinal") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError("needs exactly one of first_of, const, join, cases, ordinal")
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that the rule reads."""
        found = [*(self.first_of or ()), *(self.ordinal or ())]
        for part in self.join or ():
            found += part.headers if isinstance(part, Rule) else []
        for case in self.cases or ():
            found += [header for condition in case.when for header in condition.column]
            found += case.then.headers if isinstance(case.then, Rule) else []
        if self.time and self.time.plus_seconds:
            found.append(self.time.plus_seconds)
        return tuple(found)


class Output(_Part):
    """One entity that a record gives."""

    entity: str
    columns: Annotated[dict[str, Rule], BeforeValidator(_without_blank)]
    where: Annotated[tuple[Condition, ...], BeforeValidator(_as_list)] = ()
    otherwise: str = Field("not_in_scope", description="Reason of records of the main output that where leaves out.")
    when_header: Headers | None = Field(None, description="Only for files that have one of these headers.")
    unless_header: Headers | None = Field(None, description="Not for files that have one of these headers.")
    one_per: Headers | None = Field(None, description="One row per value of these; each column's first filled value.")
    kinds: dict[str, str] = Field({}, description="Another identifier kind for a column.")
    optional: Texts = Field((), description="Required columns that this vendor does not have.")
    extra: dict[str, Rule] = Field({}, description="Values free of personal data, kept beside the row.")

    @model_validator(mode="after")
    def _fits_contract(self) -> Output:
        contract = ENTITIES.get(self.entity)
        if contract is None:
            raise ValueError(f"unknown entity {self.entity}; known: {', '.join(ENTITIES)}")
        unknown = [*(set(self.columns) | set(self.optional)) - set(contract.names)]
        if unknown:
            raise ValueError(f"{self.entity} has no column {', '.join(sorted(unknown))}")
        stands_in = {column.name for column in contract.columns if column.derived and "raw_kind" in self.columns}
        missing = [c for c in contract.required if c not in {*self.columns, *self.optional, *stands_in}]
        if missing:
            raise ValueError(f"{self.entity} needs {', '.join(missing)}")
        if contract.one_of and not set(contract.one_of) & set(self.columns):
            raise ValueError(f"{self.entity} needs one of {', '.join(contract.one_of)}")
        odd = sorted(set(self.kinds.values()) - set(IDENTIFIER_KINDS))
        if odd or set(self.kinds) - {i.column for i in contract.identifiers}:
            raise ValueError(f"kinds: columns must be identifiers and kinds among {', '.join(IDENTIFIER_KINDS)}")
        if self.extra and self.entity != "page_views":
            raise ValueError("extra is kept for page_views only; other unknown columns go to the vault by themselves")
        return self


class File(_Part):
    """How the file itself is written."""

    layout: Literal["table", "combined_log"] = "table"
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    nulls: Texts = Field((), description="Texts that mean nothing is there.")
    duplicate_headers: Texts = Field((), description="Headers that this vendor repeats; the first one counts.")
    requires: tuple[Headers, ...] = Field((), description="Of each group one header must be there.")
    exact_duplicates: Literal["keep", "quarantine"] = "keep"


class Mapping(_Part):
    """A vendor's file as one or more entities; the first output is the main one and accounts for every record."""

    mapping: str = Field(pattern=r"^[a-z0-9_]{1,64}$")
    title: str
    folders: Texts = Field(description="Entities whose folder may name this mapping.")
    file: File = File()
    outputs: tuple[Output, ...] = Field(min_length=1)

    def outputs_for(self, headers: Collection[str]) -> tuple[Output, ...]:
        """Return the outputs that apply to a file with these headers; the first one is the main one."""
        return tuple(
            output
            for output in self.outputs
            if (output.when_header is None or set(output.when_header) & set(headers))
            and not (output.unless_header and set(output.unless_header) & set(headers))
        )

    @property
    def headers(self) -> frozenset[str]:
        """Every header that any rule or condition reads."""
        found: set[str] = set()
        for output in self.outputs:
            for rule in (*output.columns.values(), *output.extra.values()):
                found.update(rule.headers)
            for condition in output.where:
                found.update(condition.column)
            found.update(output.one_per or ())
        for group in self.file.requires:
            found.update(group)
        return frozenset(found)


def contract_mapping(contract: Contract) -> Mapping:
    """Return the mapping of a file whose headers are the contract's own."""
    columns = {
        column.name: Rule(first_of=(column.name,), separator=";" if column.name in _DECLARED else None)
        for column in contract.columns
    }
    # A signal stands in for what it says: its column instead of the derived one is enough.
    requires = tuple(
        (column.name, "raw_kind") if column.derived else (column.name,)
        for column in contract.columns
        if column.required
    )
    outputs = [Output(entity=contract.entity, columns=columns)]
    if contract.entity == "contacts":
        requires = (*requires, contract.one_of)
        outputs.append(_interests_of_contacts())
    elif contract.entity == "declared_interests":
        requires = (*requires, _DECLARED)
    return Mapping(
        mapping="contract",
        title=f"{contract.entity} under the contract's own headers",
        folders=(contract.entity,),
        file=File(requires=requires),
        outputs=tuple(outputs),
    )


def _interests_of_contacts() -> Output:
    """What a contact says of their interests in the record itself, as one more statement of that source."""
    kinds = {"contact_id": "crm_id", "email": "email", "phone": "phone"}
    named = {"column": "nickname", "filled": True}
    site = {"first_of": ["nickname_site", "source"]}
    return Output.model_validate(
        {
            "entity": "declared_interests",
            "when_header": _DECLARED,
            "columns": {
                "source": {"join": ["source"]},
                "identifier_kind": {
                    "cases": [
                        *({"when": {"column": name, "filled": True}, "then": kind} for name, kind in kinds.items()),
                        {"when": named, "then": {"join": ["=nickname:", site]}},
                    ]
                },
                "identifier": {"first_of": [*kinds, "nickname"]},
                **{name: {"first_of": name, "separator": ";"} for name in _DECLARED},
                "declared_at": {"first_of": ["updated_at", "created_at"], "time": {"blank": "loaded"}},
            },
        }
    )


@lru_cache(maxsize=256)
def load_mapping(name: str, entity: str, project: Path) -> Mapping:
    """Return a mapping by name.

    Args:
        name: What stands after ``@``.
        entity: The folder's entity, which the mapping must allow.
        project: ``Settings.project``; its ``mappings`` folder is looked into first.

    Raises:
        MappingError: There is none, it does not fit the vocabulary, or it is not for this entity.
    """
    own = project / "mappings" / f"{name}.yml"
    shipped = resources.files("samtykke.sources") / "mappings" / f"{name}.yml"
    if own.is_file():
        text, place = own.read_text("utf-8"), f"mappings/{name}.yml"
    elif shipped.is_file():
        text, place = shipped.read_text("utf-8"), f"the mapping {name}"
    else:
        raise MappingError(f"no mapping {name}; known: {', '.join(known_mappings(project))}")
    try:
        mapping = Mapping.model_validate(yaml.load(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise MappingError(f"{place} is not YAML{f' (line {mark.line + 1})' if mark else ''}") from None
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in found["loc"])
        raise MappingError(f"{place}: {where}: {found['msg'].removeprefix('Value error, ')}") from None
    if mapping.mapping != name:
        raise MappingError(f"{place} calls itself {mapping.mapping}; give the file its name")
    if entity not in mapping.folders:
        raise MappingError(f"{place} is for {', '.join(mapping.folders)}, not for {entity}")
    return mapping


def known_mappings(project: Path) -> list[str]:
    """Return the names of all mappings, the user's own included."""
    shipped = resources.files("samtykke.sources") / "mappings"
    names = {item.name.removesuffix(".yml") for item in shipped.iterdir() if item.name.endswith(".yml")}
    own = project / "mappings"
    names |= {path.stem for path in own.glob("*.yml")} if own.is_dir() else set()
    return sorted(names)
