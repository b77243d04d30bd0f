"""What a single word or name of a form stands for: forms say interests, they do not talk about them."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter

from samtykke.interests._language import LANGUAGES
from samtykke.interests._lexicon import lexicon, special_words, words_of
from samtykke.interests._taxonomy import is_special, taxonomy

# Kinds of words that name a thing or an activity; only where none does, a verb or a person counts ("runner").
_NAMES = frozenset({"act", "play", "game", "eat", "pet", "inf"})


@functools.lru_cache(maxsize=65536)
def node_of(word: str) -> str | None:
    """Return the node of the taxonomy that a value of a form names; None for none, several, or a special category.

    Args:
        word: Id of the node ("492"), its name ("Cycling") or a word of any of the six languages ("Radfahren").
    """
    plain = _plain(word)
    node = word.strip() if word.strip() in taxonomy() else _labels().get(plain)
    node = node or _meant(plain)
    return None if node is None or is_special(node) else node


def is_sensitive(word: str) -> bool:
    """Whether a value of a form tells of a special category (GDPR Art. 9)."""
    plain = _plain(word)
    node = word.strip() if word.strip() in taxonomy() else _labels().get(plain)
    if node is not None:
        return is_special(node)
    return any(special_words(language).search(plain) for language in LANGUAGES)


def _plain(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).casefold().replace("&", " and ").replace("_", " ")
    return " ".join(text.strip(" .,:!\"'()[]").split())


@functools.cache
def _labels() -> dict[str, str]:
    return {_plain(node.label): node.interest_id for node in taxonomy().values()}


def _meant(plain: str) -> str | None:
    """The node that most languages give a word; none where they disagree evenly or somebody would be guessing."""
    if is_sensitive(plain):
        return None
    for names_only in (True, False):
        votes: Counter[str] = Counter()
        for language in LANGUAGES:
            words = lexicon(language)
            spelled = tuple(words_of(plain))
            found = words.terms.get(spelled) or (words.by_lemma(plain) if len(spelled) == 1 else None) or ()
            votes.update({m.interest_id for m in found if (m.kind in _NAMES) or not names_only})
        ranked = votes.most_common(2)
        if ranked:
            return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else None
    return None
