"""What is overdue ends a night with code 1 and one sentence; what somebody did about it ends that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from samtykke.activation.obligations import open_due
from samtykke.settings import load_settings
from samtykke.storage.connect import open_home
from tests.orchestration.nightly_home import PROJECT, Nightly


def obligations(nightly: Nightly, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "samtykke", "obligations", *arguments, "--home", str(nightly.home)]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_an_overdue_notice_stops_the_run_until_somebody_gives_it(nightly: Nightly) -> None:
    first = nightly.run()
    assert first.exit_code == 0, first.errors
    published = (nightly.home / "published" / "manifest.json").read_bytes()
    settings = load_settings(home=nightly.home)
    as_of = datetime.fromisoformat(nightly.as_of).replace(tzinfo=None)
    with open_home(settings) as connection:
        connection.execute(
            """
            create or replace table activation.obligations_due as
            select 'notify' as duty, recipient, null::varchar as segment, person_id, identifier_key, identifier_kind,
                'advertising.audience' as purpose, 'erased' as cause, null::varchar as deciding_event_id,
                $1::timestamp as caused_at, $1::timestamp as known_at, seq as export_seq, 720 as due_hours
            from ledger.export_rows where recipient = 'meta' order by seq limit 1
            """,
            [as_of - timedelta(days=31)],
        )
        assert open_due(connection, as_of=as_of, now=as_of - timedelta(days=31)) == 1

    blocked = nightly.run()
    assert blocked.exit_code == 1, blocked.errors
    (check,) = blocked.content["outcome"]["blocked"]
    assert check["says"].startswith("1 obligation is overdue (meta: 1 to notify)")
    assert (nightly.home / "published" / "manifest.json").read_bytes() == published

    listed = obligations(nightly, "--json")
    (one,) = json.loads(listed.stdout)
    assert listed.returncode == 1 and one["is_overdue"]
    assert obligations(nightly, "acknowledge", one["obligation_id"], "--by", "dpo").returncode == 0
    done = nightly.run()
    assert done.exit_code == 0, done.errors
    assert done.content["summary"]["oversight"]["overdue"] == 0
