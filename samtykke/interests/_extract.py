"""From a text to the interests its author states."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samtykke.interests._grammar import Frame, Grammar, grammar
from samtykke.interests._language import LANGUAGES, named, ranked
from samtykke.interests._lexicon import Lexicon, lexicon, special_words
from samtykke.interests._taxonomy import taxonomy
from samtykke.interests._units import Sentence, Unit, read
from samtykke.interests._walk import TRAVEL, Found, walk
from samtykke.interests._words import Token, sentences, split

VERSION = "5"
# What is longer is no post; reading it whole would cost more than it tells.
_LONGEST = 5000
_FEW = 8
_IRONY = re.compile(
    r"(?:^|\s)/s\b|#(?:sarcasm|irony|ironi|ironie|ironisch|not)\b|🙄|\byeah,? right\b|\bnot!", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“„»«”][^\"“”„«»]*[\"“”«»]|(?<!\w)['‘][^'‘’]{8,}['’](?!\w)")
# Hashtags at the end tell what a post is about, not what its author likes.
_TAGS = re.compile(r"(?<=\S)(?:\s+#\w+){2,}\s*$")
# Lines and sentences of a profile text have at most so many words.
_SHORT = 4
_FOOD, _CUISINES = "210", "214"
_ME = frozenset({"mir", "mich", "uns", "me", "mij", "ons", "mig", "meg", "os", "oss"})
_LISTED = frozenset({"act", "play", "eat", "pet", "do", "fin", "who", "fan"})
_PERSONAL = frozenset("IOMSQ")
_PERSONS = frozenset({"who", "fan"})
_LISTING = frozenset({"^", "$", "T", "C", "F", "J", "A"})


@dataclass(frozen=True, slots=True)
class Interest:
    """An interest that the author of a text states.

    Attributes:
        interest_id: Id of the IAB Content Taxonomy 3.1.
        label: Its name.
        polarity: 1 likes or does it, -1 dislikes it; 0 is reserved for a mention without a judgement.
        place: Alpha-2 code of the country it is about, if one is named.
        brand: The brand it is about, if one is named.
        confidence: Between 0 and 1: how plainly it is stated.
        span_start: Where the evidence begins in the text.
        span_end: Where it ends (exclusive).
        language: The language the text was read in.
    """

    interest_id: str
    label: str
    polarity: int
    place: str | None
    brand: str | None
    confidence: float
    span_start: int
    span_end: int
    language: str


def extract(text: str, language: str | None = None) -> list[Interest]:
    """Return the interests that the author of a text states about themselves, in the order of the text.

    Args:
        text: A post, a profile text, a comment.
        language: Tag of its language (``nl da nb sv de en``, also ``nb-NO``), if known; otherwise it is detected.
            Other languages give nothing.
    """
    if not text or not isinstance(text, str) or _IRONY.search(text):
        return []
    text = text[:_LONGEST]
    if "#" in text and not text.lstrip().startswith("#"):
        text = _TAGS.sub("", text)
    tokens = split(_own_words(text))
    if language:
        known = named(language)
        candidates = [known] if known else []
    else:
        words = [token.lower for token in tokens if token.lower.isalpha()]
        candidates = ranked(words) or _listing_languages(words)
    readings = [_in_language(tokens, candidate) for candidate in candidates]
    if not language and not any(readings) and _may_list(tokens):
        read_as = _in_language if len(tokens) <= _SHORT else _as_list
        readings += [read_as(tokens, code) for code in LANGUAGES if code not in candidates]
    return max(readings, key=_told, default=[])


def _may_list(tokens: list[Token]) -> bool:
    """Whether a short text has items: its few words may be too rare to tell the language by."""
    if len(tokens) > 2 * _FEW:
        return False
    if len(tokens) <= _SHORT:
        return True  # "Filmelsker", "Coffee snob."
    commas = sum(token.lower == "," for token in tokens)
    return commas > 0 and len(tokens) < (commas + 1) * _SHORT


def _as_list(tokens: list[Token], language: str) -> list[Interest]:
    """Return the interests of a short text if it lists things in a language, or names its list: "Hobbyer: ..."."""
    part = next(iter(sentences(tokens)), [])
    titled = len(part) > 1 and part[1].lower == ":"
    if not titled and not (part and _listed(read(part, lexicon(language), grammar(language)), grammar(language))):
        return []
    return _in_language(tokens, language)


def _told(found: list[Interest]) -> int:
    """How much a reading tells; of the languages that a text may be in, the one that reads most out of it is meant."""
    return sum(2 if interest.place else 1 for interest in found)


def _listing_languages(words: list[str]) -> list[str]:
    """Return the languages in which all words of a short text stand for interests: "Bücher, Katzen, Kaffee"."""
    if not 1 < len(words) <= _FEW:
        return []
    return [code for code in LANGUAGES if all((word,) in lexicon(code).terms for word in words)]


def _own_words(text: str) -> str:
    """Blank out what is quoted: somebody else may have said it. A text that is one quotation stays."""
    spans = [match.span() for match in _QUOTED.finditer(text)]
    if not spans or (len(spans) == 1 and not text[: spans[0][0]].strip() and not text[spans[0][1] :].strip(" .!")):
        return text
    for start, end in spans:
        text = text[:start] + "\n" * (end - start) + text[end:]
    return text


def _in_language(tokens: list[Token], language: str) -> list[Interest]:
    rules, words = grammar(language), lexicon(language)
    results: dict[tuple[str, str | None, str | None], tuple[int, Interest]] = {}
    contradicted = set()
    for part in _profile(sentences(tokens), words, rules):
        for position, interest in _in_part(part, words, rules):
            key = (interest.interest_id, interest.place, interest.brand)
            known = results.get(key)
            if known is not None and known[1].polarity != interest.polarity:
                contradicted.add(key)
            if known is None or interest.confidence > known[1].confidence:
                results[key] = (position, interest)
    placed = {interest_id for interest_id, place, _ in results if place}
    # "On holiday to France" is one statement, not also a journey to nowhere.
    contradicted |= {key for key in results if key[0] == TRAVEL and key[0] in placed and key[1] is None}
    kept = [result for key, result in results.items() if key not in contradicted]
    return [interest for _, interest in sorted(kept, key=lambda result: (result[0], result[1].interest_id))]


def _profile(parts: list[list[Token]], words: Lexicon, rules: Grammar) -> list[list[Token]]:
    """Return the sentences, as one where they are the items of a list: "Runner. Coffee lover. Dog mum." """
    if not 1 < len(parts) <= _FEW or any(len(part) > _SHORT for part in parts):
        return parts
    joined = list(parts[0])
    for part in parts[1:]:
        joined += [Token(",", ",", joined[-1].end, joined[-1].end), *part]
    return [joined] if _listed(read(joined, words, rules), rules) else parts


def _in_part(part: list[Token], words: Lexicon, rules: Grammar) -> list[tuple[int, Interest]]:
    """Return the interests of a sentence; none where it tells something of a special category as well."""
    found = _in_sentence(read(part, words, rules), rules)
    if found and special_words(rules.language).search(" ".join(token.lower for token in part)):
        return []
    return found


def _in_sentence(sentence: Sentence, rules: Grammar) -> list[tuple[int, Interest]]:
    topical = any(unit.meanings or unit.place for unit in sentence.units)
    found = _listed(sentence, rules) if topical else []
    taken: set[int] = set()  # what is liked or disliked is not also done: "I hate cooking and fishing"
    named = any(unit.code in ("I", "M") or unit.word in _ME for unit in sentence.units)
    words = {unit.code for unit in sentence.units}
    past = not rules.formerly.isdisjoint(words) or _groaned(sentence.units, rules)
    supposed = sentence.units[1].code == "Q" or sentence.units[1].word in rules.conditions
    for frame in rules.frames_of(words) if topical else rules.giving:
        if (
            (frame.personal and not named)
            or (past and frame.act == "do")
            or (supposed and frame.act == "travel")
            or (frame.anchors and frame.anchors.isdisjoint(words))
        ):
            continue
        if frame.unless and frame.unless.search(sentence.codes):
            continue
        if frame.need and not frame.need.search(sentence.codes):
            continue
        for match in frame.expression.finditer(sentence.codes):
            if _speaker_says(sentence, match.start(), frame, rules):
                items = walk(sentence, match, frame, rules)
                found += [_interest(i, frame, match, sentence, rules) for i in items if i.unit.start not in taken]
                taken |= {item.unit.start for item in items if frame.act == "like"}
    return found


def _groaned(units: list[Unit], rules: Grammar) -> bool:
    """Whether a sentence ends in a sigh: "I cycle to work in the rain every day, awful"."""
    last = [unit for unit in units[-4:-1] if unit.word not in (".", "!")]
    return len(last) > 1 and last[-1].word in rules.groans and any(unit.code == "C" for unit in last[:-1])


def _listed(sentence: Sentence, rules: Grammar) -> list[tuple[int, Interest]]:
    """Return the interests of a profile text that only lists them: "Coffee, books and hiking"."""
    units = sentence.units
    things = [unit for unit in units if unit.meanings]
    if not things or any(unit.code not in _LISTING for unit in units):
        return []
    fans = all(meaning.kind in _PERSONS for unit in things for meaning in unit.meanings)
    if len(things) < 2 and not fans:
        return []
    listed = re.compile(r"\^ ")
    frame = Frame(listed, "like", 1, 0.5, kinds=_LISTED)
    match = listed.match(sentence.codes)
    found = [_interest(item, frame, match, sentence, rules) for item in walk(sentence, match, frame, rules)]
    several = len({interest.interest_id for _, interest in found}) > 1  # "Bacon and eggs!" is an order, not a life
    return found if (several or fans) and len(found) == len(things) else []


def _speaker_says(sentence: Sentence, position: int, frame: Frame, rules: Grammar) -> bool:
    """Whether the subject of an expression is the author: said outright, or carried over by "and", or left out."""
    first = sentence.index(position)
    before = sentence.units[:first]
    if any(unit.code == "Q" for unit in before[-2:]) or (before and before[-1].word in rules.conditions):
        return False
    if first == 1 and sentence.units[first].word in rules.words and sentence.units[first + 1].code == "I":
        return False  # "Spielen wir Karten!": verb and subject turned round invite or ask
    if sentence.units[first].code == "C" and not frame.object_first:
        if frame.profile and not any(unit.code in _PERSONAL for unit in before):
            return True
        subject = next((unit.code for unit in reversed(before) if unit.code in ("I", "O")), None)
        return subject == "I" and not any(unit.code == "Q" for unit in before)
    return True


def _interest(
    item: Found, frame: Frame, match: re.Match[str], sentence: Sentence, rules: Grammar
) -> tuple[int, Interest]:
    first = sentence.units[sentence.index(match.start())]
    last = sentence.units[max(sentence.index(match.end()) - 1, 0)]
    interest_id = item.interest_id
    if interest_id == _FOOD and item.place:
        interest_id = _CUISINES
    interest = Interest(
        interest_id=interest_id,
        label=taxonomy()[interest_id].label,
        polarity=item.polarity,
        place=item.place,
        brand=item.unit.brand,
        confidence=frame.confidence,
        span_start=min(first.start, item.unit.start),
        span_end=max(last.end, item.unit.end),
        language=rules.language,
    )
    return item.unit.start, interest
