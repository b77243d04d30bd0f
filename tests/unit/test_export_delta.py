from __future__ import annotations

from samtykke.activation.delta import Standing, plan
from samtykke.activation.destinations import DESTINATIONS
from samtykke.activation.rows import Member, Row

META, MAILCHIMP = DESTINATIONS["meta"], DESTINATIONS["mailchimp"]


def row(person, *keys):
    return Row("digest of " + "+".join(keys), ("cells",), frozenset(Member(person, key, "email") for key in keys))


def standing(**identifiers):
    return {key: Standing(value is not None, value) for key, value in identifiers.items()}


def changes(delta):
    return {row.digest[10:]: reason for row, reason in delta.removes}, {row.digest[10:] for row in delta.adds}


def test_only_differences_leave():
    delta = plan(META, [row("1", "a"), row("2", "b")], [row("1", "a"), row("3", "c")], standing(a="1", c="3"))
    assert changes(delta) == ({"c": "left_segment"}, {"b"})
    assert delta.unchanged == 1
    assert plan(META, [row("1", "a")], [row("1", "a")], standing(a="1")).is_empty


def test_a_changed_address_takes_the_old_one_out_and_puts_the_new_one_in():
    delta = plan(META, [row("1", "new")], [row("1", "old")], standing(old="1"))
    assert changes(delta) == ({"old": "identifier_replaced"}, {"new"})


def test_removing_one_row_of_a_person_sends_the_others_again_where_the_platform_matches_people():
    desired, sent = [row("1", "a"), row("2", "b")], [row("1", "a"), row("1", "old"), row("2", "b")]
    assert changes(plan(META, desired, sent, standing(a="1", old="1", b="2"))) == (
        {"old": "identifier_replaced"},
        {"a"},
    )
    assert changes(plan(MAILCHIMP, desired, sent, standing(a="1", old="1", b="2")))[1] == set()


def test_a_merge_since_the_row_was_sent_is_followed():
    # the account behind x was sent as person 9, who is person 1 today
    delta = plan(META, [row("1", "a")], [row("1", "a"), row("9", "x")], standing(a="1", x="1"))
    assert changes(delta) == ({"x": "identifier_replaced"}, {"a"})


def test_a_new_person_id_alone_changes_nothing():
    assert plan(META, [row("1", "a")], [row("9", "a")], standing(a="1")).is_empty


def test_a_row_that_stands_for_one_person_less_is_sent_anew():
    both = Row("d", ("cells",), frozenset({Member("1", "a", "email"), Member("2", "b", "email")}))
    one = Row("d", ("cells",), frozenset({Member("2", "b", "email")}))
    delta = plan(META, [one], [both], standing(a=None, b="2"))
    assert [reason for _, reason in delta.removes] == ["permission_ended"]
    assert delta.adds == [one]


def test_an_identifier_of_unknown_standing_comes_back_as_not_permitted():
    assert changes(plan(META, [], [row("1", "a")], {})) == ({"a": "permission_ended"}, set())


def test_an_empty_source_removes_nobody_but_those_who_may_not_stay():
    sent = [row("1", "a"), row("2", "withdrawn")]
    delta = plan(META, [], sent, standing(a="1", withdrawn=None), is_source_empty=True)
    assert changes(delta) == ({"withdrawn": "permission_ended"}, set())
    assert delta.held_back == 1


def test_a_retired_audience_takes_everybody_back_even_from_an_empty_source():
    delta = plan(META, [], [row("1", "a")], standing(a="1"), is_retired=True, is_source_empty=True)
    assert changes(delta) == ({"a": "audience_retired"}, set())
