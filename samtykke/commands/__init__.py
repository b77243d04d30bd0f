"""The commands of ``samtykke``, a module per theme; ``samtykke.cli`` puts them together."""
