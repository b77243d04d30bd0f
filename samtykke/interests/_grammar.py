"""The ways to state an interest in one language, compiled from ``data/<language>/grammar.yml``."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from importlib import resources

import yaml

from samtykke.interests._lexicon import words_of

_ADVERBS = r"(?:[FNH] )*"
_WORD = re.compile(r"(?<!\\)[^\W\d_A-Z]{2,}|❤")
_PART_OF_WORD = re.compile(r"[^\W\d_A-Z](?:\?|\\S)")
_PLAIN = r"[^\W\d_A-Z]*[^\W\d_A-Zs] "
_ME = r"\b(?:mir|mich|uns|mij|mig|meg|oss)\b"


@dataclass(frozen=True)
class Frame:
    """One way to state an interest.

    Attributes:
        expression: Over the codes of a sentence.
        act: ``like`` (a judgement), ``do`` (a practice), ``wish`` or ``travel``.
        polarity: 1 or -1, before negations.
        zone: Where the objects stand: ``after`` or ``before`` the expression, in its group ``z``, inside the
            ``match``.
        kinds: Kinds of words that may be the object; empty for the act's own.
        topics: Nodes (with what is below them) that may be the object; empty for all.
        fixed: The node whatever the object is, unless the object has one of its own.
        gives: The node that the expression says by itself, without an object.
        habit: Whether the sentence must say that it is a habit.
        nation: Whether an adjective of nationality alone names a language.
        absolute: Whether negations belong to the expression.
        unless: Words that must not stand in the sentence.
        need: Words of which one must stand in the sentence.
        profile: Whether it may begin behind any comma, as the items of a profile text do.
    """

    expression: re.Pattern[str]
    act: str
    polarity: int
    confidence: float
    zone: str = "after"
    kinds: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    fixed: str | None = None
    gives: str | None = None
    habit: bool = False
    nation: bool = False
    absolute: bool = False
    unless: re.Pattern[str] | None = None
    need: re.Pattern[str] | None = None
    profile: bool = False

    @functools.cached_property
    def object_first(self) -> bool:
        """Whether the expression begins with its object, not with a subject."""
        return self.expression.pattern.startswith(r"(?<!\S)(?P<z>")

    @functools.cached_property
    def anchors(self) -> frozenset[str]:
        """Words of which a sentence needs one for the expression to match; empty where codes alone may match."""
        text = self.expression.pattern
        if "|T)" in text or ")*T " in text or _PART_OF_WORD.search(text):
            return frozenset()
        return frozenset(_WORD.findall(text.split("(?=", 1)[0]))

    @functools.cached_property
    def personal(self) -> bool:
        """Whether the expression can match only where the author is named: I, my, me."""
        text = self.expression.pattern
        return "^" not in text and re.search(r"\[IC\]|(?<!\w)[IM] |" + _ME, text) is not None


@dataclass(frozen=True)
class Grammar:
    """Word classes and frames of one language.

    Attributes:
        classes: Code of a class by words.
        longest: For a first word, the number of words of its longest entry in ``classes``.
        zone: Words that may stand between an expression and its object.
        preps: Words that may follow an object.
        carry: Second halves of compounds that keep the object's meaning ("tennis lessons").
        infinitive: Marks of the infinitive.
        stops: Words that end a clause's objects.
        buildings: Words that make a place's name a part of something else ("Osaka station").
        cuisine: Words that, behind an adjective of nationality, mean its cooking ("koreanische Küche").
        language_words: Words that, behind an adjective of nationality, mean its language ("de Franse taal").
        whens: Words that limit a dislike to an occasion ("not ... when it is hot").
        no_heads: Terms that end other words by chance.
        no_compounds: Words that end like a term and are no compound of it.
        favourite: Beginnings of compounds that say what is liked most ("Lieblingssport").
        fans: Words that, behind a term or at the end of a compound, name who likes or does it ("Fußballfan").
        owners: Such words behind an animal ("dog mum").
        gladly: Words of liking that may stand inside a term ("fahre gern Rad").
        short: Short and dialect forms by the written ones ("hab" for "habe").
        formerly: Words that put a practice into the past ("vroeger").
        companions: Prepositions of company, which may stand inside a term ("gehe mit Freunden ins Kino").
        groans: Words that, at the end and behind a comma, take the joy out of a practice ("..., awful").
        conditions: Words that, before the subject, make a statement a supposition.
        compounds_apart: Whether compounds are written as separate words.
        nouns_capital: Whether nouns are told by their capital.
        bare_infinitive: Whether verbs may be objects without a mark.
        words: The words of the frames themselves: never inflected forms of anything else.
    """

    language: str
    classes: dict[tuple[str, ...], str]
    longest: dict[str, int]
    zone: frozenset[str]
    preps: frozenset[str]
    carry: frozenset[str]
    infinitive: frozenset[str]
    stops: frozenset[str]
    conditions: frozenset[str]
    buildings: frozenset[str]
    cuisine: frozenset[str]
    language_words: frozenset[str]
    whens: frozenset[str]
    no_heads: frozenset[str]
    no_compounds: frozenset[str]
    favourite: tuple[str, ...]
    fans: frozenset[str]
    owners: frozenset[str]
    formerly: frozenset[str]
    groans: frozenset[str]
    gladly: frozenset[str]
    short: dict[str, str]
    companions: frozenset[str]
    compounds_apart: bool
    nouns_capital: bool
    bare_infinitive: bool
    words: frozenset[str]
    frames: tuple[Frame, ...] = field(repr=False, default=())

    def frames_of(self, codes: set[str]) -> list[Frame]:
        """Return the frames that a sentence with these codes may match, in their order."""
        always, by_word = self._by_anchor
        found = set(always)
        for code in codes & by_word.keys():
            found.update(by_word[code])
        return [self.frames[number] for number in sorted(found)]

    @functools.cached_property
    def _by_anchor(self) -> tuple[tuple[int, ...], dict[str, list[int]]]:
        """The numbers of the frames without anchors, and of the others by anchor."""
        by_word: dict[str, list[int]] = {}
        for number, frame in enumerate(self.frames):
            for word in frame.anchors:
                by_word.setdefault(word, []).append(number)
        return tuple(number for number, frame in enumerate(self.frames) if not frame.anchors), by_word

    @functools.cached_property
    def giving(self) -> tuple[Frame, ...]:
        """The frames that say something without an object."""
        return tuple(frame for frame in self.frames if frame.gives)


_CONFIDENCE = {"like": 0.9, "do": 0.75, "wish": 0.6, "travel": 0.75}
_KINDS = {
    "like": frozenset({"act", "play", "eat", "pet", "inf", "joy", "brand", "mine"}),
    "do": frozenset({"do", "fin"}),
    "wish": frozenset({"inf", "play"}),
    "travel": frozenset(),
}


@functools.cache
def grammar(language: str) -> Grammar:
    """Return the grammar of one language, read once."""
    text = resources.files(__package__).joinpath(f"data/{language}/grammar.yml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    classes: dict[tuple[str, ...], str] = {}
    longest: dict[str, int] = {}
    for code, phrases in raw["classes"].items():
        for phrase in phrases.split("|"):
            words = tuple(words_of(phrase))
            classes[words] = code
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
    names = (
        "zone",
        "preps",
        "carry",
        "infinitive",
        "stops",
        "conditions",
        "buildings",
        "cuisine",
        "language_words",
        "whens",
        "no_heads",
        "no_compounds",
        "fans",
        "owners",
        "formerly",
        "groans",
        "gladly",
        "companions",
    )
    sets = {name: frozenset(filter(None, raw.get(name, "").split("|"))) for name in names}
    switches = {name: raw.get(name, False) for name in ("compounds_apart", "nouns_capital", "bare_infinitive")}
    words = frozenset(_WORD.findall(" ".join(frame["re"] for frame in raw["frames"])))
    return Grammar(
        language,
        classes,
        longest,
        **sets,
        **switches,
        short=dict(pair.split(">") for pair in raw.get("short", "").split("|") if pair),
        favourite=tuple(filter(None, raw.get("favourite", "").split("|"))),
        words=words,
        frames=tuple(map(_frame, raw["frames"])),
    )


def _frame(raw: dict) -> Frame:
    act = next(name for name in _CONFIDENCE if name in raw)
    return Frame(
        expression=_compiled(raw["re"]),
        act=act,
        polarity=raw[act],
        confidence=raw.get("confidence", _CONFIDENCE[act]),
        zone=raw.get("zone", "after"),
        kinds=frozenset(raw.get("kinds", ())) or _KINDS[act],
        topics=frozenset(map(str, raw.get("topics", ()))),
        fixed=raw.get("fixed"),
        gives=raw.get("gives"),
        habit=raw.get("habit", False),
        nation=raw.get("nation", False),
        absolute=raw.get("absolute", False),
        profile=raw.get("profile", False),
        unless=_compiled(f"(?:{raw['unless']}) ") if "unless" in raw else None,
        need=_compiled(f"(?:{raw['need']}) ") if "need" in raw else None,
    )


def _compiled(expression: str) -> re.Pattern[str]:
    """Compile an expression: {S} a subject of the first person, {S0} also an omitted one, {A} adverbs,
    {V:a|b} a verb behind or before its subject, {W} a word of no class that is no genitive."""
    expression = re.sub(r"\{V:([^}]*)\} ?", rf"(?:[IC] {_ADVERBS}(?:\1) (?!I )|(?:\1) I )", expression)
    expression = re.sub(r"\{V0:([^}]*)\} ?", rf"(?:[IC^] {_ADVERBS}(?:\1) (?!I )|(?:\1) I )", expression)
    for macro, meaning in (("{S} ", "{S}"), ("{S0} ", "{S0}"), ("{A} ", "{A}"), ("{W} ", _PLAIN)):
        expression = expression.replace(macro, meaning)
    expression = expression.replace("{S}", "[IC] ").replace("{S0}", "[IC^] ").replace("{A}", _ADVERBS)
    return re.compile(r"(?<!\S)" + expression)
