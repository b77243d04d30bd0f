"""A home that is run through the command line, as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """One `samtykke run`: how it ended, what it printed as JSON, and its words on standard error."""

    exit_code: int
    content: dict
    errors: str


@dataclass(frozen=True)
class Nightly:
    """A home with a small sample in its drop folder."""

    home: Path
    landing: Path
    as_of: str

    def run(self, *arguments: str) -> Ran:
        """Run the command line as a user does, from outside the project."""
        command = [sys.executable, "-m", "samtykke", "run", "--home", str(self.home), "--landing", str(self.landing)]
        done = subprocess.run(
            [*command, "--as-of", self.as_of, "--json", *arguments],
            cwd=self.landing.parent,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "SAMTYKKE_SETTLE_SECONDS": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        content = json.loads(done.stdout) if done.stdout.strip() else {}
        return Ran(done.returncode, content, done.stderr)
