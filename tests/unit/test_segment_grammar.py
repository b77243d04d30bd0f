"""The grammar of segments: what it refuses, where it points, and that compiled SQL cannot drift from its tree."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import duckdb
import pytest

from samtykke.lineage.segments import used_columns
from samtykke.segments.compiled import Compiler, compiler_of
from samtykke.segments.located import DefinitionError, read_located
from samtykke.segments.properties import FOLDER, read_properties
from samtykke.segments.vocabulary import Vocabulary, read_vocabulary

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return read_vocabulary(PROJECT)


def compiled(tmp_path: Path, words: Vocabulary, text: str, **trees: str) -> str:
    file = tmp_path / "s.yml"
    file.write_text(text)
    others = {}
    for name, content in trees.items():
        (tmp_path / f"{name}.yml").write_text(content)
        others[name] = read_located(tmp_path / f"{name}.yml", name=f"{name}.yml")
    return Compiler(PROJECT, others, vocabulary=words).tree_sql(read_located(file, name="s.yml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("event: bougth", "s.yml:1:8: unknown word 'bougth'; did you mean 'bought'?"),
        ("evnt: bought", "s.yml:1:1: unknown word 'evnt'; did you mean 'event'?"),
        ("event: bought\nwhere:\n  colour: red", "s.yml:3:3: unknown word 'colour'"),
        (
            "event: bought\nwhere: {revenue: {atleast: 3}}",
            "s.yml:2:19: unknown word 'atleast'; did you mean 'at_least'?",
        ),
        ("event: bought\nwhere: {revenue: high}", "s.yml:2:18: must be a number"),
        ("event: bought\nwhere: {product_id: 12}", "s.yml:2:21: must be a text; put it in quotes"),
        ("event: bought\nwhere: {brand: null}", "s.yml:2:16: must be a text; to ask for nothing, write known: false"),
        ("event: bought\nwhere: {brand: {above: x}}", "s.yml:2:17: above does not fit brand, a text"),
        ('event: bought\nwhere: {brand: "{{ x }}"}', "s.yml:2:16: a text holds no template marks"),
        ('event: bought\nwhere: {brand: "a\\n-- b"}', "s.yml:2:16: a text holds no template marks and no line breaks"),
        ("event: bought\nwhere: {revenue: .inf}", "s.yml:2:18: must be a number"),
        (
            "event: bought\nwhere: {person_masked_reason: {known: false}}",
            "s.yml:2:9: 'person_masked_reason' is a fact of consent",
        ),
        ("event: bought\nwithin: soon", "s.yml:2:9: 'soon' is no time; for example: 30 days"),
        ("event: bought\nbefore: yesterday", "s.yml:2:9: 'yesterday' is no moment"),
        ("event: bought\nbetween: [2025-01-01]", "s.yml:2:10: must be two moments"),
        ("event: bought\nseason: summer", "s.yml:2:1: season needs years_back"),
        ("event: bought\nseason: sumer\nyears_back: 1", "s.yml:2:9: unknown word 'sumer'; did you mean 'summer'?"),
        ("event: bought\ncount: 0", "s.yml:2:8: whoever did it did it once at least"),
        ("event: bought\nsum: {at_least: 3}", "s.yml:2:6: needs of: a column"),
        ("event: bought\nsum: {of: brand, at_least: 3}", "s.yml:2:11: unknown word 'brand'"),
        ("trait: contry\nis: DK", "s.yml:1:8: unknown word 'contry'; did you mean 'country'?"),
        ("trait: contact_masked_reason\nknown: true", "s.yml:1:8: 'contact_masked_reason' is a fact of consent"),
        ("trait: order_facts.brand\nis: x", "s.yml:1:8: unknown word 'order_facts.brand'"),
        ("trait: country", "s.yml:1:1: says nothing"),
        ("trait: [orders, country]\nabove: 3", "s.yml:1:8: only numbers are added up"),
        ("all: []", "s.yml:1:6: must be a list with something in it"),
        ("all: [{event: bought}]\nany: [{event: bought}]", "s.yml:1:1: all and any cannot stand together"),
        ("not:\n  - event: bought", "s.yml:2:3: needs keys and values, not a list"),
        ("sequence: [{event: bought}]\nwithin: 1 day", "s.yml:1:11: needs two events or more"),
        ("sequence: [{event: visited}, {event: bought, count: 3}]\nwithin: 1 day", "s.yml:1:46: unknown word 'count'"),
        ("sequence: [{event: visited}, {event: bought}]", "s.yml:1:1: needs within"),
        ("in_segment: repeat_buyer", "s.yml:1:13: unknown word 'repeat_buyer'; did you mean 'repeat_buyers'?"),
        ("in_segment: ../../seeds/x", "s.yml:1:13: unknown word"),
        ("[event, bought]", "s.yml:1:1: needs keys and values, not a list"),
        ("event: bought\nevent: visited", "s.yml:2:1: 'event' stands here twice"),
        ("", "s.yml:1:1: needs keys and values, not nothing"),
        ("event: [bought]", "s.yml:1:8: must be one word, not a list"),
        ("event: {a: b}", "s.yml:1:8: must be one word, not keys and values"),
        ("trait: [country, [a]]\nis: x", "s.yml:1:18: must be one word, not a list"),
        ("trait:", "s.yml:1:7: must be one word, not nothing"),
        ("in_audience: [repeat_buyers]", "s.yml:1:14: must be one word, not a list"),
        ("event: bought\nseason: [summer]\nyears_back: 1", "s.yml:2:9: must be one word, not a list"),
        ("event: bought\nsum: {of: [revenue], at_least: 3}", "s.yml:2:11: must be one word, not a list"),
        ("event: bought\ncount: 2.5", "s.yml:2:8: a count is a whole number"),
        ("event: bought\nbetween: [2026-06-01, 2026-01-01]", "s.yml:2:10: the first moment must lie before"),
        ("event: bought\nbetween: [30 days ago, 2026-13-01]", "s.yml:2:24: '2026-13-01' is no value"),
        ("<<: [1, 2]\nevent: bought", "s.yml:1:6: only keys and values can be merged"),
        ("all: &all\n  - all: *all", "s.yml:1:6: nested deeper than 100, or within itself"),
        (f"{'{not: ' * 3000}{{event: bought}}{'}' * 3000}", "s.yml:1:1: nested deeper than 100"),
    ],
)
def test_what_is_not_understood_points_at_its_place(tmp_path: Path, words: Vocabulary, text: str, said: str) -> None:
    with pytest.raises(DefinitionError) as problem:
        compiled(tmp_path, words, text)
    assert str(problem.value).startswith(said), problem.value


def test_a_segment_may_be_part_of_another_whatever_it_is_written_in(tmp_path: Path, words: Vocabulary) -> None:
    sql = compiled(
        tmp_path,
        words,
        "all: [{in_segment: repeat_buyers}, {in_audience: danes}, {not: {in_segment: danes}}]",
        danes="{trait: country, is: DK}",
    )
    assert "in_repeat_buyers_1" in sql and "country = 'DK'" in sql and sql.count("in_danes_1 as (") == 1
    with pytest.raises(DefinitionError, match=r"a\.yml:1:19: segment b asks for this one|b\.yml:1:13: segment a asks"):
        compiled(tmp_path, words, "in_segment: a", a="{not: {in_segment: b}}", b="in_segment: a")


def test_a_text_is_data_whatever_it_holds(tmp_path: Path, words: Vocabulary) -> None:
    sql = compiled(tmp_path, words, """event: bought\nwhere: {brand: "x' or 1=1 --"}""")
    assert "brand = 'x'' or 1=1 --'" in sql


def test_a_stage_of_the_funnel_may_be_entered_and_left_within_a_window(tmp_path: Path, words: Vocabulary) -> None:
    history = (
        "(values (1, 'loyalty', 'lapsed', timestamp '2026-06-01', timestamp '2026-06-20'),"
        " (2, 'loyalty', null, '2026-05-30 23:59:59', null), (3, 'purchase', null, '2026-06-20', null),"
        " (4, 'loyalty', 'purchase', '2026-05-31', '2026-06-02'))"
        " as funnel_history (person_id, stage, next_stage, entered_at, left_at)"
    )

    def found(tree: str) -> set[int]:
        sql = compiled(tmp_path, words, tree).replace("{{ ref('funnel_history') }}", history)
        rows = duckdb.sql(sql.replace("{{ as_of() }}", "timestamp '2026-06-30'")).fetchall()
        return {person for (person,) in rows}

    # who stays has not left, and no window finds them
    assert found("event: entered_stage\nwhere: {stage: loyalty}\nwithin: 30 days") == {1, 4}
    assert found("event: left_stage\nwhere: {stage: loyalty, next_stage: lapsed}\nwithin: 30 days") == {1}
    assert found("event: entered_stage\nbefore: 2026-06-01") == {2, 4}


def test_the_columns_of_every_tree_can_be_traced(words: Vocabulary) -> None:
    """A tree that no purposes could be derived from would stop the night."""
    marts = {name: ["person_id", *mart.columns] for name, mart in words.marts.items()}
    for file in sorted((PROJECT / "tests" / "data" / "segment_trees").glob("*.yml")):
        sql = Compiler(PROJECT, {}, vocabulary=words).tree_sql(read_located(file))
        rendered = sql.replace("{{ ref('", "").replace("') }}", "").replace("{{ as_of() }}", "timestamp '2026-01-01'")
        assert used_columns(file.stem, rendered, marts)


def test_compiled_sql_that_somebody_changed_is_an_error_that_points_at_the_tree(tmp_path: Path) -> None:
    for folder in ("models/segments", "models/marts", "seeds"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    declared = read_properties(tmp_path)
    assert [item.segment for item in compiler_of(tmp_path, declared).check()] == ["browsed_not_bought", "lapsed_buyers"]
    file = tmp_path / FOLDER / "lapsed_buyers.sql"
    as_compiled = file.read_text()
    file.write_text(as_compiled.replace("3 year", "4 year"))
    with pytest.raises(
        DefinitionError, match=r"_segments__models\.yml:\d+:\d+: models/segments/lapsed_buyers\.sql is not"
    ):
        compiler_of(tmp_path, declared).check()
    written = compiler_of(tmp_path, declared).write()
    assert [item.segment for item in written if not item.is_current] == ["lapsed_buyers"]
    assert file.read_text() == as_compiled


def test_the_example_of_the_guide_is_understood(tmp_path: Path, words: Vocabulary) -> None:
    guide = (PROJECT / "docs" / "how-to" / "add-a-segment.md").read_text()
    example = guide.split("```yaml\nwho:\n")[1].split("```")[0]
    sql = compiled(tmp_path, words, textwrap.dedent(example))
    assert "visited_1" in sql and "in_brand_ambassadors_1" in sql
