"""dbt for the tests: the project is parsed once, one process keeps it, and a child of that process runs each command.

dbt parses anew whenever its variables change, as every night changes them, and needs seconds to start: both take longer
than to build so few people. A child, because a process that has opened a home's file keeps it to itself.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from samtykke.settings import Settings

PROJECT = Path(__file__).resolve().parents[1]
# The first command loads what dbt loads late, for every child.
_PROCESS = """
import json, os, sys
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
manifest = Manifest.from_msgpack(open(sys.argv[1], "rb").read())
manifest.build_flat_graph()
quiet = ["--quiet", "--log-level-file", "none"]
dbtRunner(manifest=manifest).invoke([*quiet, "--no-write-json", "ls", "--profiles-dir", ".", "--select", "no_model"])

def die_after(model):
    def watch(event):
        if event.info.name == "NodeFinished" and event.data.node_info.node_name == model:
            os._exit(1)
    return watch

for line in sys.stdin:
    if os.fork():
        os.wait()
        print("ended", flush=True)
        continue
    asked = json.loads(line)
    os.environ.clear()
    os.environ.update(asked["environment"])
    callbacks = [die_after(asked["dies_after"])] if asked["dies_after"] else []
    done = dbtRunner(manifest=manifest, callbacks=callbacks).invoke([*quiet, *asked["arguments"]])
    failed = [
        f"{result.node.name}: {result.message}"
        for result in getattr(done.result, "results", [])
        if result.status not in ("success", "pass", "warn", "no-op")
    ]
    print("answer " + json.dumps([bool(done.success), failed, str(done.exception or "")]), flush=True)
    os._exit(0)
"""


class Died(AssertionError):
    """dbt ended in the middle."""


@functools.cache
def parsed() -> Path:
    """The project, parsed once for all processes of this test run: the folder of what dbt keeps of it."""
    folder = Path(os.environ.get("TESTS_PARSED") or _own_folder())
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "parsed").exists():
            command = [str(Path(sys.executable).with_name("dbt")), "-q", "parse", "--profiles-dir", "."]
            done = subprocess.run(
                command, cwd=PROJECT, env=_environment(folder, folder), capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "parsed").touch()
    return folder


def run_dbt(
    arguments: Sequence[str],
    *,
    settings: Settings,
    target: Path,
    variables: Mapping[str, object] | None = None,
    dies_after: str | None = None,
) -> None:
    """Run a dbt command on a home.

    Args:
        arguments: The command and its options.
        settings: Whose home.
        target: Where dbt's files go.
        variables: ``--vars``.
        dies_after: The model after which the process is gone, as when somebody pulls the plug.

    Raises:
        AssertionError: dbt failed; the message says what.
        Died: It did not come to its end.
    """
    vars_ = ["--vars", json.dumps(variables)] if variables else []
    asked = {
        "arguments": [*arguments, *vars_, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)],
        "environment": _environment(settings.home, target),
        "dies_after": dies_after,
    }
    process = _process()
    print(json.dumps(asked), file=process.stdin, flush=True)
    said = list(itertools.takewhile(lambda line: line != "ended\n", process.stdout))
    answer = next((line for line in said if line.startswith("answer ")), None)
    if answer is None:
        raise Died("".join(said))
    success, failed, exception = json.loads(answer.removeprefix("answer "))
    assert success, ("".join(said), failed, exception)


def _own_folder() -> str:
    """Where no test run shares one (`make prove`)."""
    keeper = tempfile.TemporaryDirectory(prefix="parsed-")
    atexit.register(keeper.cleanup)
    return keeper.name


@functools.cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _PROCESS, str(parsed() / "partial_parse.msgpack")],
        env=_environment(parsed(), parsed()), cwd=PROJECT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    atexit.register(process.communicate)  # its input ends, and so does it
    return process


def _environment(home: Path, target: Path) -> dict[str, str]:
    folders = {"SAMTYKKE_HOME": str(home), "DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}
    return {**os.environ, **folders}
