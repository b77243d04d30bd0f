"""Seeded input in the format of the landing contract: invented people, every entity, the oddities of real files."""

from samtykke.sample.generator import GeneratedFile, Scale, generate

__all__ = ["GeneratedFile", "Scale", "generate"]
