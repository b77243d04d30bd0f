"""Google Customer Match: customer list file and Data Manager API.

The template's header is kept whole; names, country and postal code stay blank, because an address is used
only when all four of its fields are given and this product needs no address. Source: Google Ads help, Format
your customer data file; Data Manager API, Formatting.

The interface is the Data Manager API: the Google Ads API takes no new senders of customer lists since 2026-04-01.
Every member carries its consent and requests are cut by consent. The answer to a request is its number; what became
of it is asked later. ``mode: replace`` sends the whole list and then takes out whoever was last added before
(``removeAll`` as of the start): the list is never empty in between. ``options.validate_only`` makes Google check and
keep nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from samtykke.activation.destinations.api import GRANTED, Api, Call, Outcome, Parcel, answer_of, id_in, in_turn, pieces
from samtykke.activation.destinations.oauth import RefreshedToken
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="google",
    platform="google",
    columns=(
        Column("Email", "email"),
        Column("Phone", "phone"),
        Column("First Name"),
        Column("Last Name"),
        Column("Country"),
        Column("Zip"),
    ),
    identifier_kinds=("email", "phone"),
    matches_people=True,
    min_matched=100,
    ttl_days_max=540,
    interface=Interface(
        base_url="https://datamanager.googleapis.com/v1",
        secrets=("client_id", "client_secret", "refresh_token"),
        options=("account",),
        max_rows=10_000,
        requests_per_minute=300,
        modes=("delta", "replace"),
        consent_fields=("adUserData", "adPersonalization"),
        is_asynchronous=True,
    ),
    name_policy=("health", "finance"),
    remedies=(
        (
            "EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED",
            "declare in Google Ads whether the account runs political advertisements in the European Union",
        ),
        ("TERMS_AND_CONDITIONS_NOT_SIGNED", "accept the customer data terms in Google Ads"),
        ("INVALID_USER_LIST_ID", "the list of deliveries.yml is not one of the account"),
        ("CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "the old interface: use a list of the Data Manager API"),
    ),
)
_FIELDS = {"email": "emailAddress", "phone": "phoneNumber"}
_SECONDS_A_DAY = 86_400
_ENDED = {"SUCCESS", "PARTIAL_SUCCESS", "FAILED", "FAILURE"}


class Google(Api):
    """The Data Manager API, version 1."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self.authorise = RefreshedToken(target, "https://oauth2.googleapis.com/token").headers

    def make_list(self, name: str, call: Call) -> str:
        body = {
            "displayName": name,
            "membershipDuration": f"{(self.target.ttl_days or SPEC.ttl_days_max) * _SECONDS_A_DAY}s",
            "ingestedUserListInfo": {
                "uploadKeyTypes": ["CONTACT_ID"],
                "contactIdInfo": {"dataSourceType": "DATA_SOURCE_TYPE_FIRST_PARTY"},
            },
        }
        path = f"/accountTypes/GOOGLE_ADS/accounts/{self.target.option('account')}/userLists"
        return id_in(call(Request("POST", path, body)), "name").rpartition("/")[2]

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        numbers = []
        for reply in in_turn(list(self._requests(parcel)), call):
            # without a number it is not known whether anything is being worked on
            numbers.append(id_in(reply, "requestId"))
        if self.target.has_option("validate_only"):
            return Outcome(code="validated_only", is_check=True)
        return Outcome(is_final=False, request_id=",".join(numbers))

    def poll(self, request_id: str, rows: int, call: Call) -> Outcome:
        counts: dict[str, int] = {}
        worst = None
        accepted = 0
        shares: tuple[int, int] | None = None
        for number in request_id.split(","):
            reply = call(Request("GET", "/requestStatus:retrieve", query={"requestId": number}))
            statuses = answer_of(reply).get("requestStatusPerDestination") or []
            if not statuses:
                return Outcome(is_final=False, request_id=request_id)
            for status in statuses:
                state = str(status.get("requestStatus", "PROCESSING"))
                if state not in _ENDED:
                    return Outcome(is_final=False, request_id=request_id)
                worst = "FAILED" if state.startswith("FAIL") else worst
                for error in status.get("errorInfo", {}).get("errorCounts", []):
                    reason = str(error.get("reason", "no_reason"))
                    counts[reason] = counts.get(reason, 0) + int(error.get("recordCount", 0))
                for told in status.values():
                    if isinstance(told, Mapping):
                        known = told.get("userDataIngestionStatus", told)
                        accepted += int(known.get("recordCount", 0) or 0)
                        shares = _match_rate(known.get("uploadMatchRateRange")) or shares
        rejected = sum(counts.values())
        if (worst and rejected >= rows) or (worst and not counts):
            return Outcome(code=max(counts, key=counts.get, default="FAILED"))
        accepted = accepted or rows - rejected
        matched = tuple(accepted * share // 100 for share in shares) if shares else None
        return Outcome(request_id=request_id, accepted=accepted, rejected=rejected, matched=matched)

    def _requests(self, parcel: Parcel) -> Iterator[Request]:
        removes = parcel.operation == "remove"
        for number, (group, part) in enumerate(self._parts(parcel), 1):
            body: dict[str, object] = {
                "destinations": [self._destination(parcel.segment)],
                "audienceMembers": [self._member(row, None if removes else group) for row in part],
                "encoding": "HEX",
                "validateOnly": self.target.has_option("validate_only"),
            }
            if not removes:
                body["consent"] = _consent(group)
                body["termsOfService"] = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
            yield Request(
                "POST",
                "/audienceMembers:remove" if removes else "/audienceMembers:ingest",
                body,
                headers=parcel.headers(number),
            )
        if parcel.operation == "replace":
            body = {
                "destinations": [self._destination(parcel.segment)],
                "removeAsOfTime": parcel.started_at.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "validateOnly": self.target.has_option("validate_only"),
            }
            yield Request("POST", "/audienceMembers:removeAll", body, headers=parcel.headers("sweep"))

    def _parts(self, parcel: Parcel) -> Iterator[tuple[str, Sequence[Mapping[str, str]]]]:
        """Cut rows so that those of one request have one state of consent."""
        groups = parcel.groups or [parcel.group] * len(parcel.rows)
        for group in sorted(set(groups)):
            rows = [row for row, own in zip(parcel.rows, groups, strict=True) if own == group]
            for part in pieces(rows, SPEC.interface.max_rows):
                yield group, part

    def _destination(self, segment: str) -> dict[str, object]:
        found: dict[str, object] = {
            "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": self.target.option("account")},
            "productDestinationId": self.target.list_id(segment),
        }
        if self.target.has_option("login_account"):
            found["loginAccount"] = {
                "accountType": "GOOGLE_ADS",
                "accountId": self.target.option("login_account"),
            }
        return found

    def _member(self, row: Mapping[str, str], group: str | None) -> dict[str, object]:
        identifiers = [{_FIELDS[kind]: row[kind]} for kind in _FIELDS if kind in row]
        member: dict[str, object] = {"userData": {"userIdentifiers": identifiers}}
        return member if group is None else {**member, "consent": _consent(group)}


def _consent(group: str) -> dict[str, str]:
    status = "CONSENT_GRANTED" if group == GRANTED else "CONSENT_STATUS_UNSPECIFIED"
    return {field: status for field in SPEC.interface.consent_fields}


def _match_rate(text: object) -> tuple[int, int] | None:
    """Return the bounds in per cent of a bucket such as ``MATCH_RATE_RANGE_31_TO_40``."""
    numbers = [int(number) for number in re.findall(r"\d+", str(text))]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    return (0, numbers[0]) if len(numbers) == 1 and "LESS" in str(text) else None


API = Google
