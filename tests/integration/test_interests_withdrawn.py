"""Who takes back the permission for interests is gone in the same run from all that rests on it; others stay."""

import pytest
from company import Company
from invented_people import NIGHT, Invented

pytestmark = pytest.mark.slow
PEOPLE, SEED = 60, 11
RESTS_ON_INTERESTS = {
    "marts.person_interests": "person_id",
    "marts.interest_graph": "person_id",
    "marts.graph_overlap": "person_id, other_person_id",
    "segments.outdoor_interest": "person_id",
}
RESTS_ON_OTHER_USES = ("marts.social_graph", "marts.community_members", "marts.order_facts", "marts.person_identifiers")


def rows(company: Company, table: str) -> list[tuple]:
    return company.query(f"from {table} order by all")


def profiles(company: Company, whose: str) -> list[tuple]:
    return company.query(f"from marts.customer_profile where {whose} order by all")


def test_who_withdraws_interests_is_gone_from_every_one_of_them_and_nobody_else_changes(tmp_path):
    company = Company(tmp_path / "home", tmp_path / "target", whole=True)
    invented = Invented(SEED, PEOPLE)
    invented.deliver(company, {person.number for person in invented.people})
    told = {"source": "form", "identifier_kind": "email", "interests": "cykling;vandring"}
    told["declared_at"] = "2026-01-01T00:00:00Z"
    company.deliver("declared_interests", "form", [told | {"identifier": p.email} for p in invented.people if p.email])
    company.night(NIGHT)

    # somebody whose interests were told, seen and read, as far as there is one
    ((who, email, origins),) = company.query("""
        select i.person_id, any_value(v.value), list_sort(list(distinct i.origin))
        from marts.person_interests as i
        inner join marts.person_identifiers as p on i.person_id = p.person_id
        inner join vault.identifiers as v on p.identifier_key = v.identifier_key and v.identifier_kind = 'email'
        where i.person_id in (select person_id from segments.outdoor_interest)
        group by i.person_id order by count(distinct i.origin) desc, i.person_id limit 1
    """)
    assert "declared" in origins and len(origins) >= 2
    before = {table: rows(company, table) for table in (*RESTS_ON_INTERESTS, *RESTS_ON_OTHER_USES)}
    others = profiles(company, f"person_id <> '{who}'")

    company.deliver("consent_events", "withdrawn", [{
        "source": "preference_centre", "source_event_id": "no-interests", "identifier_kind": "email",
        "identifier": email, "purpose": "enrichment.interests", "action": "withdrawn", "actor": "subject",
        "occurred_at": (NIGHT.isoformat() + "Z"),
    }])  # fmt: skip
    company.night(NIGHT)

    for table, keys in RESTS_ON_INTERESTS.items():
        names = [column.strip() for column in keys.split(",")]
        (columns,) = zip(*company.query(f"select column_name from (describe {table})"), strict=True)
        places = [columns.index(name) for name in names]
        kept = [row for row in before[table] if who not in [row[place] for place in places]]
        assert len(kept) < len(before[table]) or table == "marts.graph_overlap"
        assert rows(company, table) == kept, table
    for table in RESTS_ON_OTHER_USES:
        assert rows(company, table) == before[table], table
    assert profiles(company, f"person_id <> '{who}'") == others
    ((shown,),) = company.query(f"select interests from marts.customer_profile where person_id = '{who}'")
    assert not shown
    assert company.query("select 1 from marts.customer_profile where person_id = $$" + str(who) + "$$") == [(1,)]
