"""The guide to one's own files is followed to the letter: its contract and its mapping must be the loader's."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from samtykke.sources.contracts import ENTITIES
from samtykke.sources.mapping import Mapping, known_mappings

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "how-to" / "bring-your-own-files.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_entity_with_its_columns_and_what_is_required() -> None:
    listed = {
        entity: tuple(columns.split(", "))
        for entity, columns in re.findall(
            r"^\| `(\w+)` \| ([a-z_0-9\\*]+(?:, [a-z_0-9\\*]+)+) \|$", GUIDE, flags=re.MULTILINE
        )
    }
    assert listed == {
        entity: tuple(column.name + ("\\*" if column.required else "") for column in contract.columns)
        for entity, contract in ENTITIES.items()
    }


def test_the_guide_names_every_shipped_mapping() -> None:
    (sentence,) = re.findall(r"These mappings ship with the package: (.*?)\. They", GUIDE)
    assert sorted(re.findall(r"`(\w+)`", sentence)) == known_mappings(PROJECT)


def test_the_guides_example_is_the_file_that_users_copy() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)
    assert text == (PROJECT / "mappings" / "examples" / "brevo.yml").read_text(encoding="utf-8")
    mapping = Mapping.model_validate(yaml.safe_load(text))
    (header,) = re.findall(r"```\n(EMAIL;.*?)\n```", GUIDE)
    assert mapping.headers <= set(header.split(";"))
