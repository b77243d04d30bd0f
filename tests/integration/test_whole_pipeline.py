"""Properties of the whole night, from landed files to exported bytes, on invented people (docs/consent.md, Proof).

A night costs half a CPU minute. `make test` therefore changes two things at once, of which neither may change a byte;
`make test-slow` tells them apart, on other people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

import pytest
from company import Company
from invented_people import NIGHT, Invented, attempts, merges

from samtykke.storage.connect import open_home

PEOPLE = 60
# what is said of the company as a whole, or of the night, and not of somebody
NOT_OF_SOMEBODY = {
    "audience_overlap", "consent_coverage", "consent_lists", "consent_reach_gained",
    "consent_removal_times", "identity_health", "load_summary", "quarantine_summary", "service_backlog",
}  # fmt: skip
TELLS_OF_ATTEMPTS = {"consent_conflicts"}
OUR_CLOCK = {"loaded_at", "recorded_at"}
MADE_OF_PERSON_IDS = {"event_key", "other_person_id", "people_sketch", "purpose_person_id"}  # each home draws its own
Opened = Callable[..., Company]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Make a company that knows some people, and let it have its night."""
    target = tmp_path_factory.mktemp("target")

    def open_company(invented: Invented, known: set[int], **more: list[dict]) -> Company:
        company = Company(tmp_path_factory.mktemp("home"), target, whole=True)
        invented.deliver(company, known)
        for name, rows in more.items():
            company.deliver("contacts" if name == "merges" else "consent_events", name, rows)
        company.night(NIGHT)
        return company

    return open_company


@pytest.fixture(scope="module")
def invented() -> Invented:
    return Invented(1, PEOPLE)


@pytest.fixture(scope="module")
def told_all(opened: Opened, invented: Invented) -> Company:
    """Knows everybody, and heard of permits from sources that may not give them."""
    return opened(invented, everybody(invented), tried=attempts(invented, 1))


@pytest.fixture(scope="module")
def told_what_counts(opened: Opened, invented: Invented) -> Company:
    """Never heard of the people who permit nothing, nor of anything but acts."""
    return opened(invented, everybody(invented) - invented.without_permission())


def test_people_without_permission_and_sources_that_may_not_raise_change_no_exported_byte(
    told_all: Company, told_what_counts: Company
) -> None:
    added = lines(told_all)
    assert len(added) > 10 and sum(map(len, added.values())) > 100
    assert told_all.tree() == told_what_counts.tree()


def test_people_without_permission_change_nothing_that_is_shown_of_others(
    invented: Invented, told_all: Company, told_what_counts: Company
) -> None:
    assert_shown_alike(invented, told_all, told_what_counts)


def test_case_16_every_excluded_member_has_one_reason_and_the_waterfall_adds_up(
    told_all: Company, told_what_counts: Company
) -> None:
    reasons = {reason for company in (told_all, told_what_counts) for reason in reasons_of(company)}
    assert {"recipient_not_permitted", "suppressed"} <= reasons


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_each_change_alone_on_other_people(opened: Opened, seed: int) -> None:
    """Monotonicity and non-interference one by one, with lowering sources, replays and merges."""
    invented = Invented(seed, PEOPLE)
    everyone, gone = everybody(invented), invented.without_permission()
    told = opened(invented, everyone)
    reasons_of(told)

    without = opened(invented, everyone - gone)
    assert told.tree() == without.tree()
    assert_shown_alike(invented, told, without)

    again = [row for _, row in reversed(invented.rows["consent_events"])]
    tried = opened(invented, everyone, tried=attempts(invented, seed), replayed=again)
    assert told.tree() == tried.tree()

    lowered = {number for number in everyone if number % 7 == 0}
    lower = opened(invented, everyone, tried=attempts(invented, seed, lowered))
    before, after = lines(told), lines(lower)
    assert {name: rows - before.get(name, Counter()) for name, rows in after.items()} == {
        name: Counter() for name in after
    }
    assert any(before[name] - after.get(name, Counter()) for name in before)
    assert {key for key, _ in permitted(told) - permitted(lower)} <= names_of(told, invented, lowered)

    # a merge may carry a no to other identifiers, never a yes; a merged person may well be in another segment
    merged = opened(invented, everyone, merges=merges(invented, seed))
    # (of other people's records with contradicting names none is made: then nothing is carried)
    assert permitted(merged) <= permitted(told)
    reasons_of(merged)


@pytest.mark.slow
def test_case_16_holds_where_hardly_anything_is_known(opened: Opened) -> None:
    """Nobody at all; then only people of whom there is nothing but a name in the CRM."""
    invented = Invented(5, PEOPLE)
    assert reasons_of(opened(invented, set())) == set()
    invented.rows = {"contacts": invented.rows["contacts"]}
    assert reasons_of(opened(invented, everybody(invented))) <= {"use_not_permitted", "recipient_not_permitted"}


def everybody(invented: Invented) -> set[int]:
    return {person.number for person in invented.people}


def lines(company: Company) -> dict[str, Counter[str]]:
    """The rows that every audience file adds."""
    return {
        "/".join(name.split("/")[:2]): Counter(content.decode().splitlines()[1:])
        for name, content in company.tree().items()
        if name.endswith("/add.csv")
    }


def permitted(company: Company) -> set[tuple]:
    return set(
        company.query("select identifier_key, recipient from activation.recipient_identifiers where is_permitted")
    )


def reasons_of(company: Company) -> set[str]:
    """Hold case 16: every member of a segment is in or has one reason, and nobody is lost on the way to the file."""
    (people,) = company.query("select count(*) from intermediate.int_identity__persons")[0]
    declared = company.query("select recipient, segment from reference.audiences")
    shut = dict(
        company.query(
            "select reason, step_number from reference.audience_steps"
            " where reason is not null and counted_from = 'people'"
        )
    )
    found = defaultdict(list)
    for recipient, segment, person, included, reason in company.query(
        "select recipient, segment, person_id, included, reason from marts.audience_members"
    ):
        assert included is (reason is None) and (included or reason in shut), (recipient, segment, reason)
        found[recipient, segment].append((person, reason))
    falls = defaultdict(list)
    for recipient, segment, *step in company.query(
        "select recipient, segment, people, dropped, reason from activation.audience_step_counts order by step_number"
    ):
        falls[recipient, segment].append(step)
    sent = dict(
        ((recipient, segment), count)
        for recipient, segment, count in company.query(
            "select recipient, segment, count(distinct person_id) from ledger.main.export_rows group by all"
        )
    )
    seen: set[str] = set()
    assert set(falls) == set(declared)
    for audience in declared:
        members = found[audience]
        (in_segment,) = company.query(f"select count(distinct person_id) from segments.{audience[1]}")[0]
        assert len(members) == len({person for person, _ in members}) == in_segment, audience
        counted = Counter(reason for _, reason in members) + Counter(not_in_segment=people - in_segment)
        assert falls[audience][0][:2] == [people, 0], audience
        for (before, _, _), (after, dropped, reason) in zip(falls[audience], falls[audience][1:], strict=False):
            assert before - dropped == after and (dropped > 0) == (reason is not None), audience
            assert dropped == counted.pop(reason, 0) if reason else True, audience
        included = counted.pop(None, 0)
        assert +counted == Counter() and falls[audience][-1][0] == included == sent.get(audience, 0), audience
        seen |= {reason for _, reason in members if reason}
    return seen


def assert_shown_alike(invented: Invented, told: Company, without: Company) -> None:
    """What the one shows more is about the people who permit nothing: their own rows, or of nobody by name."""
    theirs = names_of(told, invented, invented.without_permission())
    all_shown, others = shown(told), shown(without)
    for table, rows in others.items():
        assert list(rows - all_shown[table])[:3] == [], table
        more = [row for row in all_shown[table] - rows if not row.startswith("(None,")]
        if table == "person_timeline":  # that somebody tried is itself a touch
            more = [row for row in more if "'granted " not in row and "'imported_state " not in row]
        assert [row for row in more if not any(name in row for name in theirs)][:3] == [], table


def shown(company: Company) -> dict[str, Counter[str]]:
    """Every row of every mart that speaks of somebody, the person named by the least of their identifiers."""
    columns = defaultdict(list)
    for table, column in company.query(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' order by all"
    ):
        if column not in OUR_CLOCK | MADE_OF_PERSON_IDS:
            columns[table].append(column)
    names = "(select person_id, min(identifier_key) as name from marts.person_identifiers group by person_id)"
    found = {}
    for table in columns.keys() - NOT_OF_SOMEBODY - TELLS_OF_ATTEMPTS:
        values = ", ".join(f"t.{column}" for column in columns[table] if column != "person_id")
        is_of_people = "person_id" in columns[table]
        rows = company.query(
            f"select n.name, {values} from marts.{table} as t left join {names} as n using (person_id)"
            if is_of_people
            else f"select {values} from marts.{table} as t"
        )
        found[table] = Counter(map(repr, rows))
        if table == "consent_explanations":  # beside its verdict it tells what was tried, too
            found[table] = Counter({row: count for row, count in found[table].items() if "'verdict'" in row})
    return found


def names_of(company: Company, invented: Invented, people: set[int]) -> set[str]:
    """The keys of everything that names the given people."""
    values = {
        value.lower()
        for person in invented.people
        if person.number in people
        for value in (person.email, person.phone, person.contact_id, person.handle, person.cookie)
        if value
    }
    with open_home(company.settings, read_only=True, vault=True) as connection:
        rows = connection.execute("select identifier_key, value from vault.identifiers").fetchall()
    return {key for key, value in rows if value.lower() in values}
