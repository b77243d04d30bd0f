"""Interests that people state in their own words: ``extract(text)``; no I/O but the package's own data, read once.

Six languages (nl, da, nb, sv, de, en), one folder of data each: a lexicon of words per taxonomy node and a grammar of
the ways to say "I like it", "I do it", "I go there". Precision comes before recall: what a person says of somebody
else, asks, imagines, quotes or means ironically gives nothing. Special categories (GDPR Art. 9) are in no lexicon.
"""

from samtykke.interests._declared import is_sensitive, node_of
from samtykke.interests._extract import VERSION, Interest, extract
from samtykke.interests._language import LANGUAGES, detect
from samtykke.interests._taxonomy import ancestors, is_special, taxonomy

__all__ = [
    "LANGUAGES",
    "VERSION",
    "Interest",
    "ancestors",
    "detect",
    "extract",
    "is_sensitive",
    "is_special",
    "node_of",
    "taxonomy",
]
