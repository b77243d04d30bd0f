"""Snapchat audience match: customer list file and segments API.

A segment at Snapchat holds one kind of identifier: ``audiences.<segment>`` is the one for addresses, and
``audiences.<segment>.phone`` the one for phone numbers, without which numbers are not sent. There is no answer per row.
A list needs 1,000 members. Source: developers.snap.com, Customer lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from samtykke.activation.destinations.api import (
    Api,
    Call,
    Outcome,
    Parcel,
    PartlySentError,
    answer_of,
    id_in,
    in_turn,
    refused_inside,
)
from samtykke.activation.destinations.oauth import RefreshedToken
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="snapchat",
    platform="snapchat",
    columns=(Column("EMAIL_SHA256", "email"), Column("PHONE_SHA256", "phone")),
    identifier_kinds=("email", "phone"),
    matches_people=True,
    min_matched=1_000,
    interface=Interface(
        base_url="https://adsapi.snapchat.com/v1",
        secrets=("client_id", "client_secret", "refresh_token"),
        max_rows=100_000,
        requests_per_minute=600,
    ),
)

_KEPT_DAYS = 180


class Snapchat(Api):
    """Segments: one request per kind of identifier."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self.authorise = RefreshedToken(target, "https://accounts.snapchat.com/login/oauth2/access_token").headers

    def make_list(self, name: str, call: Call) -> str:
        account = self.target.option("account")
        # how long a member is kept can be said now and never again
        days = int(self.target.option("retention_in_days", str(_KEPT_DAYS)))
        listed = {"name": name, "source_type": "FIRST_PARTY", "retention_in_days": days, "ad_account_id": account}
        reply = call(Request("POST", f"/adaccounts/{account}/segments", {"segments": [listed]}))
        return id_in(reply, "segments", 0, "segment", "id")

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        kinds = ["email"]
        if f"{parcel.segment}.phone" in self.target.delivery.audiences:
            kinds.append("phone")
        for number, reply in enumerate(in_turn(list(self._requests(parcel, kinds)), call)):
            # Snapchat says how many it read, not whom it knows
            if not _is_taken(answer_of(reply)):
                refused = refused_inside("request_status")
                raise PartlySentError(str(refused)) if number else refused
        lacking = {at: "no_list_for_phone" for at, row in enumerate(parcel.rows) if not set(row) & set(kinds)}
        return Outcome(accepted=len(parcel.rows) - len(lacking), rejections=lacking)

    def _requests(self, parcel: Parcel, kinds: list[str]) -> Iterator[Request]:
        for kind in kinds:
            data = [[row[kind]] for row in parcel.rows if kind in row]
            if not data:
                continue
            listed = parcel.segment if kind == "email" else f"{parcel.segment}.phone"
            yield Request(
                "DELETE" if parcel.operation == "remove" else "POST",
                f"/segments/{self.target.list_id(listed)}/users",
                {"users": [{"schema": [f"{kind.upper()}_SHA256"], "data": data}]},
                headers=parcel.headers(kind),
            )


def _is_taken(answer: Mapping[str, Any]) -> bool:
    """Whether an answer of 200 says inside that it is none of an error."""
    said = [answer.get("request_status"), *(one.get("sub_request_status") for one in answer.get("users") or [])]
    return all(str(status).upper() == "SUCCESS" for status in said)


API = Snapchat
