"""Lines that the database may join by itself are those that the writer would have written so."""

from __future__ import annotations

import random

import duckdb
import pytest

from samtykke.activation import files
from samtykke.activation.destinations import DESTINATIONS
from samtykke.withdrawals.removals import WHOLE_ACCOUNTS

DIGEST, OTHER = "ab" * 32, "cd" * 32
OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
CELLS = ["", DIGEST, OTHER, OF_NOTHING, DIGEST.upper(), "a@b.dk", "x,y", 'q"q', "a b", "ø@x.dk", "tab\tx", "new\nline",
         "\rx", " lead", "+4512345678", "'", "-", "~", "A" * 43 + "=", "#%&(", "."]  # fmt: skip


@pytest.mark.parametrize("name", sorted(DESTINATIONS))
def test_a_plain_line_is_written_as_it_is(name: str) -> None:
    """A cell that needs quotes, or is not of its column's form, must never pass unseen."""
    spec, chance, passed = DESTINATIONS[name], random.Random(name), 0
    names = [f"cell_{at}" for at in range(len(spec.columns))]
    lines = [tuple(chance.choice(CELLS) for _ in names) for _ in range(400)]
    lines.append(
        tuple({"blank": "", "none/plain": "a@b.dk"}.get(form, "A" * 43 + "=" if "64" in form else DIGEST)
              for form in spec.forms)
    )  # fmt: skip
    with duckdb.connect() as connection:
        columns = ", ".join(f"${at + 1}::varchar as {cell}" for at, cell in enumerate(names))
        for line in lines:
            query = f"select {files.sure(spec, names)} from (select {columns})"
            if connection.execute(query, list(line)).fetchone()[0]:
                passed += 1
                assert files.render_table(spec, [line]).decode() == files.header_line(spec) + ",".join(line) + "\n"
    assert passed


def test_where_rows_are_accounts_a_person_leaves_whole() -> None:
    with duckdb.connect() as connection:
        connection.execute("""
            create table export_held_members as
            select * from (values ('ended', 1), ('stays', 1), ('else', 2), ('shared', 2), ('shared', 3), ('over', 3))
                as members (digest, person_id);
            create table export_removes as
            select distinct
                digest, case digest when 'ended' then 'permission_ended' when 'over' then 'expires' end as reason,
            from export_held_members
        """)
        connection.execute(WHOLE_ACCOUNTS)
        assert connection.execute("from export_removes order by all").fetchall() == [
            ("else", None),
            ("ended", "permission_ended"),
            ("over", "expires"),
            ("shared", "account_removed"),
            ("stays", "account_removed"),
        ]
