"""Seeded input in the format of the landing contract: invented people, every entity, the oddities of real files."""

from samtykke.sample.generator import GeneratedFile, Scale, generate
from samtykke.sample.oddities import Oddity, oddities

__all__ = ["GeneratedFile", "Oddity", "Scale", "generate", "oddities"]
