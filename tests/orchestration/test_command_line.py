"""What the command line says when it cannot do what it is asked: one line, the documented code, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from samtykke.settings import load_settings
from samtykke.storage.connect import prepare_home
from samtykke.storage.lock import home_lock

PROJECT = Path(__file__).resolve().parents[2]


def samtykke(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "samtykke", *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["run", "--as-of", "yesterday"], {}, "not a moment"),
        (["run"], {"SAMTYKKE_TIMEZONE": "Atlantis"}, "SAMTYKKE_TIMEZONE"),
        (["run"], {"SAMTYKKE_HOEM": "x"}, "unknown setting SAMTYKKE_HOEM"),
        (["run"], {"SAMTYKKE_PROJECT": "/"}, "SAMTYKKE_PROJECT"),
        (["verify"], {}, "run first"),
        (["run", "--nothing"], {}, "No such option"),
    ],
)
def test_a_wrong_word_ends_with_one_line_and_code_2(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], words: str
) -> None:
    done = samtykke(*arguments, SAMTYKKE_HOME=str(tmp_path / "home"), **environment)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_run_on_a_busy_home_says_so(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    prepare_home(settings)
    with home_lock(settings):
        done = samtykke("run", "--home", str(settings.home), "--wait", "1")
    assert done.returncode == 2
    assert "another run is writing" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_a_home_without_a_run(tmp_path: Path) -> None:
    done = samtykke("status", "--home", str(tmp_path / "home"))
    assert (done.returncode, "No run yet" in done.stdout) == (0, True)


def test_doctor_names_what_others_may_read(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    prepare_home(settings)
    settings.vault.chmod(0o644)
    done = samtykke("doctor", "--home", str(settings.home), "--json")
    wrong = [finding for finding in json.loads(done.stdout) if not finding["ok"]]
    assert done.returncode == 2
    assert [finding["subject"] for finding in wrong] == ["privacy of the home"]
    assert "vault.duckdb" in wrong[0]["says"]
