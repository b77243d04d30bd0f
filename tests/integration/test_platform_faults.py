"""Every interface under every fault that the way to it can have: it arrives once in effect, or is told not to have."""

from __future__ import annotations

import time

import pytest
from contract_server import cut_after, cut_before, slow, status
from platform_worlds import PLATFORMS, world

from samtykke.activation.destinations.api import PartlySentError
from samtykke.activation.http import RefusedError, UnreachableError

NAMES = sorted(PLATFORMS)
PROXY_PAGE = b"<html>maintenance, back soon</html>"


def expected(name):
    with world(name) as here:
        here.send()
        return here.members()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(status(429, Retry_After="0.01"), id="too_many_requests"),
        pytest.param(status(503), id="unavailable"),
        pytest.param(cut_before, id="cut_before"),
        pytest.param(cut_after, id="cut_after"),
        pytest.param(slow(0.7), id="slow"),
        pytest.param(lambda handler, go_on: handler.reply(200, PROXY_PAGE), id="proxy_page"),
    ],
)
def test_a_fault_on_the_way_changes_nothing(name, fault):
    if name == "webhook" and fault.__name__ == "<lambda>":
        pytest.skip("a receiver of one's own may answer anything")
    with world(name) as here:
        here.server.faults = [fault]
        here.send()
        assert here.members() == expected(name)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"webhook"}))
def test_a_token_that_has_run_out_is_renewed_once(name):
    with world(name) as here:
        here.send()
        here.server.faults = [status(401)]
        assert here.send().code is None
        here.server.always = status(401)
        with pytest.raises(RefusedError):
            here.send()


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_is_told_at_once_and_without_what_it_repeats(name):
    with world(name) as here:
        calls = []

        def refuse(handler, go_on):
            calls.append(handler.path)
            handler.reply(400, {"error": {"code": "BAD_ROW", "message": "mary@example.com", "row": "mary@example.com"}})

        if name in ("google", "snapchat", "pinterest", "microsoft"):
            here.send()  # the token is drawn; what follows is about the request
        here.server.always = refuse
        if name == "mailchimp":
            assert set(here.send().rejections.values()) == {"BAD_ROW"}
            return
        with pytest.raises((RefusedError, PartlySentError)) as refused:
            here.send()
        assert "BAD_ROW" in str(refused.value) and "mary" not in str(refused.value) and len(calls) == 1


@pytest.mark.parametrize("name", NAMES)
def test_nobody_there_is_told_as_not_known(name):
    with world(name) as here:
        here.server.always = cut_before
        with pytest.raises(UnreachableError) as unreachable:
            here.send()
        assert "mary" not in str(unreachable.value)


def test_retry_after_is_waited_for():
    with world("meta") as here:
        here.server.faults = [status(429, Retry_After="0.4")]
        started = time.monotonic()
        here.send()
        assert time.monotonic() - started >= 0.4


def test_the_rate_of_a_platform_is_kept_over_all_requests():
    with world("mailchimp") as here:
        here.api.target.delivery = here.api.target.delivery.model_copy(update={"requests_per_minute": 1_200})
        call = here.api.connect()
        started = time.monotonic()
        from platform_worlds import parcel

        here.api.send(parcel("mailchimp"), call)  # two people, two requests each
        assert len(here.platform.requests) == 4 and time.monotonic() - started >= 3 * 0.05
