"""X custom audiences: file of one column, and Ads API v12.

A request is taken as a whole or not at all; it is taken when ``success_count`` is what was sent. X wants at most one
addition and one removal per audience in six to eight hours: additions wait for it, people who must leave do not.
Memberships end after 13 months unless sent again. Source: xdevplatform/docs, Custom audiences.
"""

from __future__ import annotations

from samtykke.activation.destinations.api import (
    Api,
    Call,
    Outcome,
    Parcel,
    PartlySentError,
    answer_of,
    id_in,
    refused_inside,
)
from samtykke.activation.destinations.oauth import Signature
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="x",
    platform="x",
    columns=(Column("email", "email"),),
    identifier_kinds=("email",),
    matches_people=True,
    min_matched=100,
    ttl_days_max=395,
    interface=Interface(
        base_url="https://ads-api.x.com/12",
        secrets=("consumer_key", "consumer_secret", "access_token", "token_secret"),
        options=("account",),
        max_rows=2_500,
        max_bytes=5_000_000,
        requests_per_minute=1_500,
        hours_between_adds=6,
    ),
)


class X(Api):
    """Custom audiences, version 12."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self.authorise = Signature(target).headers

    def make_list(self, name: str, call: Call) -> str:
        path = f"/accounts/{self.target.option('account')}/custom_audiences"
        return id_in(call(Request("POST", path, query={"name": name})), "data", "id")

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        path = f"/accounts/{self.target.option('account')}/custom_audiences/{self.target.list_id(parcel.segment)}/users"
        body = [
            {
                "operation_type": "Delete" if parcel.operation == "remove" else "Update",
                "params": {"users": [{"email": [row["email"]]} for row in parcel.rows]},
            }
        ]
        reply = call(Request("POST", path, body, headers=parcel.headers()))
        counts = answer_of(reply)["data"]
        if not counts.get("success_count") == counts.get("total_count") == len(parcel.rows):
            mismatch = refused_inside("count_mismatch")
            # X says that this cannot be: whatever it counts as taken may be there
            raise PartlySentError(str(mismatch)) if counts.get("success_count") else mismatch
        return Outcome(accepted=len(parcel.rows))


API = X
