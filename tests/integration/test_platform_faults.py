"""Every interface under every fault that the way to it can have: it arrives once in effect, or is told not to have."""

from __future__ import annotations

import time

import pytest
from contract_server import cut_after, cut_before, slow, status
from platform_worlds import PLATFORMS, parcel, rows_of, world

from samtykke.activation.destinations import destination
from samtykke.activation.destinations.api import PartlySentError, understood
from samtykke.activation.http import Client, RefusedError, UnreachableError

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
            told = {"code": "BAD_ROW", "message": "mary@example.com", "row": "mary@example.com", "reason": 4520123456}
            handler.reply(400, {"error": told})

        if name in ("google", "snapchat", "pinterest", "microsoft"):
            here.send()  # the token is drawn; what follows is about the request
        here.server.always = refuse
        if name == "mailchimp":
            assert set(here.send().rejections.values()) == {"BAD_ROW"}
            return
        with pytest.raises((RefusedError, PartlySentError)) as refused:
            here.send()
        said = str(refused.value)
        assert "BAD_ROW" in said and "mary" not in said and "4520123456" not in said and len(calls) == 1


@pytest.mark.parametrize("name", NAMES)
def test_nobody_there_is_told_as_not_known(name):
    with world(name) as here:
        here.server.always = cut_before
        with pytest.raises(UnreachableError) as unreachable:
            here.send()
        assert "mary" not in str(unreachable.value)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"webhook"}))
def test_an_answer_without_content_is_nobodys_word(name):
    with world(name) as here:
        here.send()
        here.server.always = lambda handler, go_on: handler.reply(200, None)
        # of EUID's map nothing but an id was asked: nothing can have arrived
        with pytest.raises(RefusedError if name == "ttd" else UnreachableError):
            here.send()


SHAPES = [
    {}, [], "x", 5, {"data": None}, {"data": "x"}, {"error": "x"}, {"errors": [None]}, {"errors": "x"},
    {"elements": ["x", None]}, {"elements": [{"status": "ok"}, {}]}, {"Errors": ["x"]}, {"PartialErrors": [{}]},
    {"num_received": None}, {"code": None}, {"request_status": "SUCCESS", "users": ["x"]}, {"rejected": [{}]},
    {"results": None}, {"list": {"processingType": "MANUAL"}, "results": [{"id": "1", "properties": None}]},
    {"requestStatusPerDestination": ["x"]}, {"data": {"attributes": None}}, {"FailedLines": "x"},
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_of_a_shape_that_nobody_documents_is_not_known_and_brings_nothing_down(name):
    with world(name) as here:
        here.send()
        for shape in SHAPES:
            here.server.always = lambda handler, go_on, shape=shape: handler.reply(
                *(go_on() if handler.path.startswith("/token") else (200, shape))
            )
            asks = [lambda: here.send(), lambda: here.send("remove"), lambda: here.send("remove", "account_wide")]
            for ask in [*asks, lambda: here.api.poll("j1", 2, here.call)]:
                try:
                    understood(ask)
                except (UnreachableError, RefusedError, PartlySentError) as told:
                    assert "mary" not in str(told)


def test_x_may_have_taken_what_it_counts_though_not_all_of_it():
    with world("x") as here:
        for taken, error in ((1, PartlySentError), (0, RefusedError)):
            told = {"data": {"success_count": taken, "total_count": 2}}
            here.server.always = lambda handler, go_on, told=told: handler.reply(200, told)
            with pytest.raises(error):
                here.send()


@pytest.mark.parametrize("name", NAMES)
def test_a_key_stands_for_one_request_and_for_the_same_on_every_attempt(name):
    rows = [{"email": f"p{at}@example.com", "phone": f"+45201{at:05d}", "country": "DK"} for at in range(160)]
    rows = rows_of(name, [tuple(row.values()) for row in rows])
    with world(name, suppress_withdrawn=True) as here:
        for operation, group in (("add", "granted"), ("remove", "granted"), ("remove", "account_wide")):
            seen = {}
            for _ in range(2):
                here.platform.requests.clear()
                here.send(operation, group, rows)
                for one in here.platform.requests:
                    what = (one["method"], one["path"], str(one["body"]))
                    assert seen.setdefault(one["headers"].get("Idempotency-Key") or what, what) == what


def test_mailchimp_takes_nobody_for_gone_because_the_list_is():
    with world("mailchimp") as here:
        here.send("remove")  # nobody is there
        here.platform.is_gone = True
        with pytest.raises(RefusedError, match="404"):
            understood(lambda: type(here.api)(here.api.target).send(parcel("mailchimp", "remove"), here.call))


def test_mailchimp_has_somebody_whose_tag_it_refuses():
    with world("mailchimp") as here:
        here.server.always = lambda handler, go_on: (
            handler.reply(403, {"status": 403}) if handler.path.endswith("/tags") else handler.reply(*go_on())
        )
        with pytest.raises(PartlySentError):
            here.send()


def test_klaviyo_is_asked_for_people_by_addresses_that_a_server_takes():
    with world("klaviyo") as here:
        people = [(f"{at:060d}@{'d' * 60}.{'e' * 60}.example.com", None, None) for at in range(150)]
        rows = rows_of("klaviyo", people)
        here.send(rows=rows)
        here.send("remove", rows=rows)
        assert here.members() == {} and 0 < here.platform.longest < 8_000


def test_hubspot_takes_out_a_contact_that_answers_with_another_address():
    with world("hubspot") as here:
        here.send()
        (listed,) = here.platform.lists
        old = here.platform.handle

        def renamed(method, path, query, headers, body):
            answer = old(method, path, query, headers, body)
            for record in answer[1].get("results", []) if path.endswith("/batch/read") else []:
                record["properties"]["email"] = "new@example.com"
            return answer

        here.platform.handle = renamed
        here.send("remove", rows=[{"email": "mary@example.com"}])
        assert here.platform.lists[listed] == {"anna@example.org"}


def test_snapchat_says_inside_an_answer_of_200_that_it_took_nobody():
    with world("snapchat") as here:
        told = {"request_status": "SUCCESS", "users": [{"sub_request_status": "ERROR"}]}
        here.server.always = lambda handler, go_on: handler.reply(200, told)
        here.api.authorise = lambda *_: {}
        with pytest.raises(RefusedError):
            here.api.send(parcel("snapchat"), here.api.connect())


def test_retry_after_is_waited_for():
    with world("meta") as here:
        here.server.faults = [status(429, Retry_After="0.4")]
        started = time.monotonic()
        here.send()
        assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize(
    ("form", "least", "most"),
    [
        ("%a, %d %b %Y %H:%M:%S GMT", 80, 101),  # the form of HTTP's dates
        ("%a, %d %b %Y %H:%M:%S -0000", 80, 101),
        ("%a %b %d %H:%M:%S %Y", 80, 101),  # an older form that is still to be read; no zone is UTC
        ("100.5", 100, 101),
        ("-5", 0, 1),
        ("86400", 300, 300),  # a night does not wait a day: the batch stays open for the next one
        ("nan", 0, 1),
        ("soon", 0, 1),
    ],
)
def test_a_retry_after_is_read_in_every_form(monkeypatch, form, least, most):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    until = time.strftime(form, time.gmtime(time.time() + 100))
    waited = []
    with world("meta") as here:
        here.server.faults = [status(429, Retry_After=until)]
        client = Client(
            here.server.url, authorise=here.api.authorise, requests_per_minute=60_000_000, sleep=waited.append
        )
        here.api.send(parcel("meta"), client.call)
    monkeypatch.undo()
    time.tzset()
    assert least <= max(waited) <= most


def test_the_rate_of_a_platform_is_kept_over_all_requests():
    with world("mailchimp") as here:
        here.api.target.delivery = here.api.target.delivery.model_copy(update={"requests_per_minute": 1_200})
        call = here.api.connect()
        started = time.monotonic()
        here.api.send(parcel("mailchimp"), call)  # two people, two requests each
        assert len(here.platform.requests) == 4 and time.monotonic() - started >= 3 * 0.05


def test_a_list_that_was_just_made_is_not_found_at_first():
    with world("linkedin") as here:
        here.server.faults = [status(404), status(404)]
        started = time.monotonic()
        assert here.send().accepted == 2
        assert time.monotonic() - started >= 2 * 60 * 0.005
        here.server.always = status(404)
        with pytest.raises(UnreachableError):  # nothing was taken, and nothing is given up
            here.send()


@pytest.mark.parametrize(
    ("name", "busy"),
    [
        ("meta", (400, {"error": {"code": 80003, "message": "too many calls to this ad-account"}})),
        ("meta", (500, {"error": {"code": 2, "is_transient": True}})),
        ("tiktok", (200, {"code": 40100, "message": "Requests made too frequently"})),
        ("microsoft", (200, {"Errors": [{"Code": 117, "ErrorCode": "CallRateExceeded"}]})),
    ],
)
def test_too_much_at_once_is_tried_again_however_it_is_told(name, busy):
    with world(name) as here:
        here.send()
        here.server.faults = [lambda handler, go_on: handler.reply(*busy)] * 2
        here.send()
        assert here.members() == expected(name)
        here.server.always = lambda handler, go_on: handler.reply(*busy)
        with pytest.raises(UnreachableError):
            here.send()


def test_google_asks_for_every_member_with_its_own_consent_and_checks_without_taking():
    with world("google") as here:
        here.send("replace", "")
        asked = [one["body"] for one in here.platform.requests if one["path"].endswith(":ingest")]
        states = [{member["consent"]["adUserData"] for member in body["audienceMembers"]} for body in asked]
        assert states == [{"CONSENT_GRANTED"}, {"CONSENT_STATUS_UNSPECIFIED"}]
        assert here.platform.requests[-1]["path"].endswith(":removeAll")
    with world("google", validate_only=True) as here:
        assert here.send().is_check and here.members() == {}


def test_mailchimp_says_inside_an_answer_of_200_that_it_took_nobody():
    with world("mailchimp") as here:
        told = {"errors": [{"email_address": "mary@example.com", "error_code": "ERROR_CONTACT_EXISTS"}]}
        here.server.faults = [lambda handler, go_on: handler.reply(200, told)]
        outcome = here.send()
        assert outcome.accepted == 1 and outcome.rejections == {0: "ERROR_CONTACT_EXISTS"}


@pytest.mark.parametrize(
    ("name", "says", "remedy"),
    [
        ("meta", "HTTP 400, 2650/1870145", "replacement of the list is going on"),
        ("google", "HTTP 200, EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED", "political"),
        ("microsoft", "HTTP 200, 3913", "terms"),
    ],
)
def test_an_error_that_somebody_can_mend_says_how(name, says, remedy):
    assert remedy in destination(name).remedy(says)
    assert destination(name).remedy("HTTP 400, 99999") is None


@pytest.mark.parametrize("name", [name for name in NAMES if destination(name).interface.max_bytes])
def test_a_full_request_is_within_the_bytes_that_the_platform_takes(name):
    interface = destination(name).interface
    with world(name) as here:
        people = [
            (f"{at:060d}@{'d' * 60}.{'e' * 60}.example.com", f"+45201{at:05d}", "DK")
            for at in range(interface.max_rows)
        ]
        sizes = []

        def measured(request):
            sizes.append(len(request.encoded() or b""))
            return here.call(request)

        here.api.send(parcel(name, rows=rows_of(name, people)), measured)
        assert sizes and max(sizes) <= interface.max_bytes
