"""Interests from texts: what a person says of themselves, in six languages, and what must give nothing."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samtykke.interests import LANGUAGES, detect, extract, is_special, taxonomy
from samtykke.interests._lexicon import rows
from samtykke.interests.evaluate import Labelled, corpora_folder, read_labels, read_statements, read_texts, score

_ROOT = Path(__file__).parents[2]


def found(text, language=None):
    return [(i.label, i.polarity, i.place or i.brand) for i in extract(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ik fiets graag en ga op vakantie naar Frankrijk", [("Cycling", 1, None), ("Travel", 1, "FR")]),
        ("Fietsen vind ik niks.", [("Cycling", -1, None)]),
        ("Ik hou van honden, maar niet van katten.", [("Dogs", 1, None), ("Cats", -1, None)]),
        ("Zonder muziek kan ik niet leven!", [("Music", 1, None)]),
        ("Jeg kan godt lide at lave mad.", [("Cooking", 1, None)]),
        ("Jeg hader at løbe.", [("Running and Jogging", -1, None)]),
        ("Om sommeren spiller jeg tit tennis.", [("Tennis", 1, None)]),
        ("Vi rejser til Italien næste år.", [("Travel", 1, "IT")]),
        ("Jeg liker å gå på ski.", [("Skiing", 1, None)]),
        ("Hobbyen min er strikking.", [("Needlework", 1, None)]),
        ("Jag tycker inte om fotboll.", [("Soccer", -1, None)]),
        ("Jag gillar fransk mat och italienskt vin.", [("World Cuisines", 1, "FR"), ("Alcoholic Beverages", 1, "IT")]),
        ("Ich mag kein Bier.", [("Alcoholic Beverages", -1, None)]),
        ("Äpfel mag ich nicht.", [("Food & Drink", -1, None)]),
        ("Ich fahre gern Rad und reise nach Norwegen.", [("Cycling", 1, None), ("Travel", 1, "NO")]),
        ("Musik macht mir Spaß.", [("Music", 1, None)]),
        ("I love my Nikon and I have two cats.", [("Cameras and Camcorders", 1, "Nikon"), ("Cats", 1, None)]),
        ("I can't stand football.", [("Soccer", -1, None)]),
        ("We've been to Japan twice.", [("Travel", 1, "JP")]),
        ("Love hiking!", [("Walking", 1, None)]),
        ("In september reizen we naar Noorwegen!", [("Travel", 1, "NO")]),
        ("Ik loop al drie jaar hard.", [("Running and Jogging", 1, None)]),
        ("Ich wandere jedes Wochenende in den Bergen.", [("Walking", 1, None)]),
        ("Ich fahre jeden Winter Ski.", [("Skiing", 1, None)]),
        ("Jeg løper halvmaraton i Oslo i år.", [("Running and Jogging", 1, None)]),
        ("Sykling er ikke noe for meg.", [("Cycling", -1, None)]),
        ("I hate cooking and fishing.", [("Cooking", -1, None), ("Fishing Sports", -1, None)]),
        ("Jag älskar min trädgård.", [("Gardening", 1, None)]),
        (
            "Coffee, books and hiking.",
            [("Non-Alcoholic Beverages", 1, None), ("Books and Literature", 1, None), ("Walking", 1, None)],
        ),
    ],
)
def test_what_a_person_states(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # somebody else's
        "My brother loves golf.",
        "Mijn zus houdt van paarden.",
        "Min far elsker fodbold.",
        "Kona mi hater katter.",
        "Min man gillar öl.",
        "Meine Schwester spielt Klavier.",
        "Tom plays golf and loves tennis.",
        'He said: "I love tennis."',
        # questions, suppositions, invitations, requests
        "Do you like tennis?",
        "If I liked tennis, I would play.",
        "Laten we voetbal spelen.",
        "Spielen wir Karten!",
        "I would like a cup of coffee.",
        "Ik wil graag een kop koffie.",
        "Jag skulle vilja ha en öl.",
        # one thing, not a kind of things
        "I love this song.",
        "Jeg kan lide hunden.",
        "Ich mag den Film.",
        "I love your garden.",
        # another meaning of the word
        "I run a company.",
        "I ran out of tea.",
        "Jeg liker kort hår.",
        "Jeg gik i panik og løb væk.",
        "I love tennis elbows.",
        # not liking is not hating the opposite, not doing is not disliking
        "I don't hate football.",
        "I don't play tennis.",
        "Ik speel geen piano.",
        # irony
        "I just love running in the rain 🙄",
        "I love Mondays and jogging #sarcasm",
        # where somebody lives or was born is no journey
        "I live in Japan.",
        "Ich bin in Paris geboren.",
        "",
        "???",
    ],
)
def test_what_gives_nothing(text):
    assert extract(text) == []


_SPECIAL = """
I love my church and I go to mass every Sunday. | I like reading the Bible. | I hate politics. | I am
interested in politics. I love being vegan. | I have diabetes and I love my doctor. | I'm gay and proud. | I
support the labour union. Ik ben lid van de vakbond en ik hou van de kerk. | Ich liebe die Kirche. | Ich
interessiere mich für Politik. Jeg elsker at bede i moskeen. | Jeg er interesseret i politik. | Jag älskar
gospel. | Jeg liker kirkemusikk.
"""


@pytest.mark.parametrize("text", [text.strip() for line in _SPECIAL.strip().splitlines() for text in line.split("|")])
def test_special_categories_never_come_out(text):
    assert not any(is_special(interest.interest_id) for interest in extract(text))


_REVEALING = """
I love going to church and cooking. | I enjoy fasting during Ramadan. | I love kosher food. | I like books about
Islam. | I do yoga because of my depression. | As a lesbian I love hiking. | I'm a vegan and a runner. | I love going to
Pride and dancing. Ik hou van halal vlees. | Ik hou van yoga vanwege mijn depressie. | Ik stem GroenLinks en fiets
graag. | Ik ga graag naar de Pride. Jeg elsker gospelmusik. | Jeg har kræft, men elsker stadig at gå ture. | Jeg elsker
jødisk musik. | Som muslim elsker jeg mad. Jeg elsker halalkjøtt. | Jeg liker samisk joik. | Jeg er stolt medlem av LO
og elsker fagforeninga mi. | Jeg har time hos psykologen og går tur hver dag. Jag gillar vegansk mat. | Jag röstar på
Vänsterpartiet och älskar att cykla. | Jag tränar yoga på grund av min depression. Ich engagiere mich in der
Gewerkschaft und koche gern. | Ich liebe koscheres Essen. | Ich gehe gern auf den CSD. | Ich lese gern die Bibel. |
Ich bin schwul und liebe Musik.
"""


@pytest.mark.parametrize(
    "text", [text for part in _REVEALING.replace("\n", " ").split("|") for text in part.strip().split(". ")]
)
def test_a_sentence_that_tells_of_a_special_category_gives_nothing(text):
    assert extract(text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_lexicon_stands_for_a_special_category(language):
    words = [*rows(f"{language}/lexicon.tsv"), *rows("brands.tsv")]
    assert {row["interest_id"] for row in words} <= taxonomy().keys()
    assert not [row for row in words if is_special(row["interest_id"])]


def test_seed_and_package_hold_the_same_taxonomy():
    seed = list(csv.reader((_ROOT / "seeds/interest_taxonomy.csv").open(encoding="utf-8")))
    package = list(csv.reader((_ROOT / "samtykke/interests/data/taxonomy.csv").open(encoding="utf-8")))
    assert seed == package


def test_evidence_is_the_words_that_say_it():
    text = "Well, as you know I really love jazz, so there."
    (interest,) = extract(text)
    assert text[interest.span_start : interest.span_end] == "I really love jazz"
    assert interest.language == "en" and 0 < interest.confidence <= 1


def test_language_given_and_detected():
    assert detect("Jeg vil gjerne se deg snart, men jeg vet ikke hva jeg skal gjøre.") == "nb"
    assert detect("Jeg vil gerne se dig snart, men jeg ved ikke, hvad jeg skal gøre.") == "da"
    assert found("Jeg elsker jazz", "nb-NO") == [("Jazz", 1, None)]
    assert extract("J'aime beaucoup le jazz et le football.") == []
    assert extract("I love jazz", "fr") == []


def test_posts_as_people_write_them():
    # Invented posts, profile texts and sentences that must give nothing, parallel in the six languages at their core.
    path = _ROOT / "tests/data/interest_posts.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        posts = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    scores = score(Labelled(post["language"], post["text"], read_statements(post["interests"])) for post in posts)
    assert scores.keys() == set(LANGUAGES)
    for language, counts in scores.items():
        assert counts.precision >= 0.98 and counts.recall >= 0.95, (language, counts.errors)


@given(st.text(), st.sampled_from([None, *LANGUAGES, "xx"]))
def test_any_text_is_read_without_a_crash(text, language):
    for interest in extract(text, language):
        assert 0 <= interest.span_start < interest.span_end <= len(text)


@pytest.mark.real_data
def test_quality_on_labelled_sentences():
    # docs/interests.md tells how the sentences were chosen; these bars are those of the product.
    texts = read_texts(corpora_folder())
    if not texts:
        pytest.skip(f"real data not found: {corpora_folder()}; set SAMTYKKE_REAL_DATA")
    scores = score(read_labels(_ROOT / "tests/data/interest_labels.tsv", texts))
    for language, counts in scores.items():
        if counts.right + counts.missed < 20:
            continue  # German: too few statements in a free corpus to tell
        assert counts.precision >= 0.90 and counts.recall >= 0.60, (language, counts)
    assert sum(counts.wrong for counts in scores.values()) <= 12
