"""What changes at a recipient: the rows that should be there against the rows that the ledger says are there."""

from __future__ import annotations

from datetime import datetime

import pytest
from export_tables import Member, Tables

from samtykke.activation.delta import Guards

VALUES = {key: f"{key}@example.com" for key in ("a", "b", "c", "x", "old", "new", "gone")}


def tables(desired, held, name="meta", **standings):
    """``desired`` and ``held`` are (person, key, …): rows of one address each, or of several keys held together."""
    found = Tables(name, VALUES)
    found.want(*(Member(person, key) for person, *keys in desired for key in keys))
    composer = found.compose()
    for person, *keys in held:
        digest = composer.digest({"email": f"hash of {keys}"})
        if all((person_, key) for person_, *wanted in desired for key in wanted) and len(keys) == 1:
            cell = found.connection.execute("select cell from export_cells where identifier_key = $1", keys).fetchone()
            digest = composer.digest({"email": cell[0]}) if cell else f"digest of {keys[0]}"
        found.hold(digest, *(Member(person, key) for key in keys))
    return found.stand(**standings)


def removed(found):
    """Reasons by identifier of what the last plan takes out."""
    return dict(
        found.connection.execute("""
            select identifier_key, reason from export_removes inner join export_held_members using (digest)
        """).fetchall()
    )


def changes(found, **options):
    delta = found.plan(**options)
    return removed(found), found.changes()[1], delta


def test_only_differences_leave():
    out, into, delta = changes(tables([("1", "a"), ("2", "b")], [("1", "a"), ("3", "c")], a="1", c="3"))
    assert (out, into, delta.unchanged) == ({"c": "left_segment"}, {"b"}, 1)
    assert tables([("1", "a")], [("1", "a")], a="1").plan().is_empty


def test_a_changed_address_takes_the_old_one_out_and_puts_the_new_one_in():
    out, into, _ = changes(tables([("1", "new")], [("1", "old")], old="1"))
    assert (out, into) == ({"old": "identifier_replaced"}, {"new"})


def test_removing_one_row_of_a_person_sends_the_others_again_where_the_platform_matches_people():
    desired, held = [("1", "a"), ("2", "b")], [("1", "a"), ("1", "old"), ("2", "b")]
    standings = {"a": "1", "old": "1", "b": "2"}
    assert changes(tables(desired, held, **standings))[:2] == ({"old": "identifier_replaced"}, {"a"})
    assert changes(tables(desired, held, name="mailchimp", **standings))[1] == set()


def test_a_merge_since_the_row_was_sent_is_followed():
    # the account behind x was sent as person 9, who is person 1 today
    out, into, _ = changes(tables([("1", "a")], [("1", "a"), ("9", "x")], a="1", x="1"))
    assert (out, into) == ({"x": "identifier_replaced"}, {"a"})


def test_a_new_person_id_alone_changes_nothing():
    assert tables([("1", "a")], [("9", "a")], a="1").plan().is_empty


def test_a_row_that_stands_for_one_identifier_less_is_sent_anew():
    found = Tables("google", {"dotted": "a.b@gmail.com", "undotted": "ab@gmail.com"}).want(Member("2", "undotted"))
    found.compose()
    found.hold(found.digest("undotted"), Member("1", "dotted"), Member("2", "undotted")).stand(
        dotted=None, undotted="2"
    )
    out, into, _ = changes(found)
    assert set(out.values()) == {"permission_ended"} and into == {"undotted"}


def test_an_identifier_of_unknown_standing_comes_back_as_not_permitted():
    assert changes(tables([], [("1", "a")]))[:2] == ({"a": "permission_ended"}, set())


def test_an_empty_source_removes_nobody_but_those_who_may_not_stay():
    found = tables([], [("1", "a"), ("2", "gone")], a="1", gone=None)
    out, _, delta = changes(found, guards=Guards(is_source_empty=True))
    assert (out, dict(delta.held_back)) == ({"gone": "permission_ended"}, {"source_empty": 1})


def test_a_retired_audience_takes_everybody_back_even_from_an_empty_source():
    found = tables([], [("1", "a")], a="1")
    assert changes(found, guards=Guards(is_retired=True, is_source_empty=True))[0] == {"a": "audience_retired"}


def test_what_may_have_arrived_is_added_again_and_removed_when_unwanted():
    found = Tables("meta", VALUES).want(Member("1", "a"))
    found.compose()
    found.hold(found.digest("a"), Member("1", "a"), is_certain=False)
    found.hold("digest of b", Member("2", "b"), is_certain=False).stand(a="1", b=None)
    assert changes(found)[:2] == ({"b": "permission_ended"}, {"a"})


def test_what_is_on_its_way_is_not_sent_a_second_time():
    found = Tables("meta", VALUES).want(Member("1", "a"))
    found.compose()
    found.hold(found.digest("a"), Member("1", "a"), is_certain=False).stand(a="1")
    found.connection.execute("insert into export_on_their_way values ($1, ['a'])", [found.digest("a")])
    assert found.plan().is_empty


def test_what_was_sent_long_ago_is_sent_again():
    found = Tables("meta", VALUES).want(Member("1", "a"), Member("2", "b"))
    found.compose()
    found.hold(found.digest("a"), Member("1", "a"), sent_for="2025-01-01").stand(a="1", b="2")
    found.hold(found.digest("b"), Member("2", "b"), sent_for="2026-02-01")
    _, into, delta = changes(found, refresh_before=datetime(2026, 1, 1))
    assert (into, delta.refreshed, delta.unchanged) == ({"a"}, 1, 1)


def test_many_leave_at_once_only_unasked_for_a_permission():
    keys = [f"k{number}" for number in range(20)]
    found = Tables("meta", {})
    for key in keys:
        found.hold(key, Member("1", key))
    found.stand(**{key: "1" for key in keys[1:]}, k0=None)
    out, _, delta = changes(found, guards=Guards(max_removal_share=0.3))
    assert (out, dict(delta.held_back)) == ({"k0": "permission_ended"}, {"mass_removal": 19})
    assert changes(found, guards=Guards(max_removal_share=0.95))[2].removes == 20


@pytest.mark.parametrize("elsewhere", [[("1", "x")], [("2", "x")], [("2", "a"), ("2", "b")], [("2", "a"), ("3", "x")]])
def test_what_people_bring_to_another_segment_changes_no_row_of_this_one(elsewhere):
    members = [Member("1", "a"), Member("1", "b"), Member("2", "c", country="DK"), Member("3", "x"), Member("4", "x")]
    found = Tables("meta", VALUES).want(*members)
    found.compose()
    alone = found.lines(), sorted(map(sorted, found.keys()))
    assert alone[1] == [["a"], ["b"], ["c"], ["x"]]
    found.want(*(Member(*one) for one in elsewhere), segment="another").compose()
    assert (found.lines(), sorted(map(sorted, found.keys()))) == alone
