"""Pinterest customer lists: file of one column, and API v5.

The counters that Pinterest returns rise for rows that change nothing, so they are no evidence of membership. A list
needs 100 matched people. Source: pinterest/api-description, version 5, customer_lists.
"""

from __future__ import annotations

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel, answer_of
from samtykke.activation.destinations.oauth import RefreshedToken
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="pinterest",
    platform="pinterest",
    columns=(Column("EMAIL", "email"),),
    identifier_kinds=("email",),
    matches_people=True,
    min_matched=100,
    interface=Interface(
        base_url="https://api.pinterest.com/v5",
        secrets=("client_id", "client_secret", "refresh_token"),
        options=("account",),
        max_rows=1_900,
        requests_per_minute=420,
    ),
)


class Pinterest(Api):
    """Customer lists: the rows of a request are one text."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self.authorise = RefreshedToken(target, "https://api.pinterest.com/v5/oauth/token").headers

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        path = f"/ad_accounts/{self.target.option('account')}/customer_lists/{self.target.list_id(parcel.segment)}"
        body = {
            "operation_type": "REMOVE" if parcel.operation == "remove" else "ADD",
            "records": ",".join(row["email"] for row in parcel.rows),
        }
        answer_of(call(Request("PATCH", path, body, headers=parcel.headers())))
        return Outcome(accepted=None)


API = Pinterest
