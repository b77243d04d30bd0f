"""Deliver a home in a process of its own that can be killed: ``DIE_AT=n`` is kill -9 before the n-th protocol step.

With ``WITHDRAW`` in the environment it runs the fast lane instead, whose own steps count too.
"""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from samtykke.activation import batches, files, sent
from samtykke.activation.export import ExportError, Scope, export_all
from samtykke.activation.http import Client
from samtykke.settings import Settings
from samtykke.sources import store
from samtykke.withdrawals import lane

given = json.loads(sys.argv[1])
die_at = int(os.environ.get("DIE_AT", "0"))
steps = 0


def watched(owner, name):
    original = getattr(owner, name)

    def step(*arguments, **options):
        global steps
        steps += 1
        if steps == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(owner, name, step)


for owner, name in (
    (sent, "request"),
    (sent, "_append_event"),
    (sent, "plan_batches"),
    (sent, "acknowledge"),
    (batches, "record"),
    (batches, "record_acknowledged"),
    (batches, "_append"),
    (files, "write_build"),
    (os, "rename"),
    (Client, "_once"),
):
    watched(owner, name)
if "WITHDRAW" in os.environ:
    for owner, name in (
        (store, "write_vault"),
        (store, "write_raw"),
        (lane, "append_consent_events"),
        (lane, "ended"),
        (lane.obligations, "open_these"),
    ):
        watched(owner, name)

settings = Settings(
    home=Path(given["home"]),
    pepper="a pepper of the tests",
    deliveries=Path(given["deliveries"]),
    max_removal_share=1.0,
    threads=1,
    settle_seconds=0,
)
if "WITHDRAW" in os.environ:
    print(lane.take_back_withdrawals(settings, as_of=datetime.fromisoformat(os.environ["AS_OF"]), send=True).problems)
    print(f"steps {steps}")
    sys.exit()
try:
    export_all(settings, as_of=datetime.fromisoformat(os.environ["AS_OF"]), scope=Scope(send=True))
except ExportError as problem:
    print(problem)
print(f"steps {steps}")
