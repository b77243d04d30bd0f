"""A seeded generator of input in the landing contract's format: invented people, every entity, the oddities of real files."""

from samtykke.sample.generator import GeneratedFile, Scale, generate

__all__ = ["GeneratedFile", "Scale", "generate"]
