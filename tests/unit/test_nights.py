"""What a night leaves on the ledger: once, chained, and never changed by a later night."""

from __future__ import annotations

from pathlib import Path

import pytest

from samtykke.campaign.nights import Recorded, record_night
from samtykke.settings import Settings
from samtykke.storage.connect import open_home, prepare_home
from samtykke.verify import verify_home

PERSON = "00000000-0000-7000-8000-00000000000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    prepare_home(settings)
    with open_home(settings) as connection:
        connection.execute("""
            create schema activation;
            create table activation.export_gate (as_of timestamp);
            create table activation.audience_tonight as
            select * exclude (seq, row_hash, prev_hash) from ledger.audience_nights;
            create table activation.audience_arms as
            select * exclude (seq, entered_at, row_hash, prev_hash) from ledger.audience_draws;
        """)
    return settings


def night(settings: Settings, as_of: str, *, people: int, arms: dict[int, bool], share: float = 0.5) -> Recorded:
    with open_home(settings) as connection:
        for table in ("export_gate", "audience_tonight", "audience_arms"):
            connection.execute(f"delete from activation.{table}")
        connection.execute("insert into activation.export_gate values ($1)", [as_of])
        connection.execute(
            "insert into activation.audience_tonight by name select 'meta' as recipient, 'jeans' as segment,"
            " $1::timestamp as as_of, $2 as eligible, $2 as consented, 0 as held_out, $2 as addressable,"
            " $2 as sendable, $2 as in_file, $2 as sent, $2 as received",
            [as_of, people],
        )
        for person, is_held_out in arms.items():
            connection.execute(
                "insert into activation.audience_arms values ('meta', 'jeans', 'autumn', $1, $2, $3)",
                [share, f"{PERSON}{person}", is_held_out],
            )
        return record_night(connection)


def ledger(settings: Settings, sql: str) -> list[tuple]:
    with open_home(settings, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_night_is_recorded_once_and_again_only_with_other_figures(settings: Settings) -> None:
    assert night(settings, "2026-03-01 02:00:00", people=5, arms={1: True}) == Recorded(1, 1)
    assert night(settings, "2026-03-01 02:00:00", people=5, arms={1: True}) == Recorded(0, 0)
    assert night(settings, "2026-03-01 02:00:00", people=6, arms={}) == Recorded(1, 0)
    assert night(settings, "2026-03-02 02:00:00", people=6, arms={}) == Recorded(1, 0)
    assert ledger(settings, "select eligible from ledger.audience_nights order by seq") == [(5,), (6,), (6,)]


def test_an_arm_is_kept_from_the_first_night_and_a_new_share_is_a_new_experiment(settings: Settings) -> None:
    night(settings, "2026-03-01 02:00:00", people=5, arms={1: True, 2: False})
    night(settings, "2026-03-02 02:00:00", people=5, arms={1: True, 3: False})
    night(settings, "2026-03-03 02:00:00", people=5, arms={1: False}, share=0.2)
    drawn = ledger(
        settings,
        "select right(person_id::varchar, 1), is_held_out, holdout_share, day(entered_at)"
        " from ledger.audience_draws order by seq",
    )
    assert drawn == [("1", True, 0.5, 1), ("2", False, 0.5, 1), ("3", False, 0.5, 2), ("1", False, 0.2, 3)]


def test_what_was_recorded_is_part_of_the_proof(settings: Settings) -> None:
    night(settings, "2026-03-01 02:00:00", people=5, arms={1: True})
    assert all(finding.ok for finding in verify_home(settings))
    with open_home(settings) as connection:
        connection.execute("update ledger.audience_draws set is_held_out = false")
    assert [finding.subject for finding in verify_home(settings) if not finding.ok] == ["ledger.audience_draws"]


def test_the_lot_is_fair_stable_and_knows_nothing_but_person_and_salt(settings: Settings) -> None:
    macro = (Path(__file__).resolve().parents[2] / "macros" / "held_out_draw.sql").read_text()
    sql = macro[macro.index("cast(") : macro.index("\n{%- endmacro")]
    sql = sql.replace("{{ person_id }}", "person").replace("{{ salt }}", "salt")
    rows = ledger(
        settings,
        f"""
        with people as (select md5('person' || range)::uuid as person, unnest(['a', 'b']) as salt from range(100000)),
        drawn as (select person, salt, {sql} as lot from people)
        select
            count(*) filter (salt = 'a' and lot < 0.1), count(*) filter (salt = 'b' and lot < 0.1),
            min(lot), max(lot),
            (select count(*) from drawn as one inner join drawn as other using (person)
             where one.salt = 'a' and other.salt = 'b' and one.lot < 0.1 and other.lot < 0.1),
        from drawn
        """,
    )
    (first, second, lowest, highest, both) = rows[0]
    # five standard deviations of a lot of 0.1, and of 0.01 for both
    assert abs(first - 10_000) < 475 and abs(second - 10_000) < 475 and abs(both - 1000) < 158
    assert lowest == 0 and highest < 1
