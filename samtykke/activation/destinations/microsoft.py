"""Microsoft Advertising customer match: file of one column, and Campaign Management API v13 (REST).

The first list must be made in the web interface, where the terms are accepted. Lists need 300 members. What is wrong
with a row is told by its index. A token that has run out is an error 105 or 109 inside an answer that may be 200.
Source: Microsoft Learn, CustomerListUserData.
"""

from __future__ import annotations

from collections.abc import Mapping

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel, answer_of, refused_inside
from samtykke.activation.destinations.oauth import RefreshedToken
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Reply, Request

SPEC = DestinationSpec(
    name="microsoft",
    platform="microsoft",
    columns=(Column("Email", "email"),),
    identifier_kinds=("email",),
    matches_people=True,
    min_matched=300,
    interface=Interface(
        base_url="https://campaign.api.bingads.microsoft.com/CampaignManagement/v13",
        secrets=("client_id", "client_secret", "refresh_token", "developer_token"),
        options=("customer", "account"),
        max_rows=5_000,
        requests_per_minute=60,
    ),
    remedies=(
        ("3913", "accept the customer match terms: make the first list in the web interface"),
        ("105", "the tokens are not valid: renew them"),
        ("109", "the tokens have run out: renew them"),
    ),
)
_RUN_OUT = {105, 109}
_BUSY = {117, 207}  # CallRateExceeded, ConcurrentRequestOverLimit


class Microsoft(Api):
    """Customer list user data, version 13."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self._token = RefreshedToken(target, "https://login.microsoftonline.com/common/oauth2/v2.0/token")

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        return {
            **self._token.headers(request, renew),
            "DeveloperToken": self.target.secret("developer_token"),
            "CustomerId": self.target.option("customer"),
            "CustomerAccountId": self.target.option("account"),
        }

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        data = {
            "AudienceId": self.target.list_id(parcel.segment),
            "ActionType": "Remove" if parcel.operation == "remove" else "Add",
            "CustomerListItemSubType": "Email",
            "CustomerListItems": [row["email"] for row in parcel.rows],
            "AcceptCustomerMatchTerm": True,
        }
        request = Request(
            "POST",
            "/CustomerListUserData/Apply",
            {"CustomerListUserData": data},
            headers=parcel.headers(),
            again_if=lambda reply: isinstance(reply.body, dict) and bool(_errors(reply) & _BUSY),
        )
        reply = call(request)
        if _errors(reply) & _RUN_OUT:
            self.authorise(request, True)
            reply = call(request)
        if errors := _errors(reply):
            raise refused_inside(min(errors))
        partial = answer_of(reply).get("PartialErrors") or []
        rejections = {int(error["Index"]): str(error.get("ErrorCode", "no_code")) for error in partial if error}
        return Outcome(accepted=len(parcel.rows) - len(rejections), rejections=rejections)


def _errors(reply: Reply) -> set[int]:
    return {int(error.get("Code", 0)) for error in answer_of(reply).get("Errors") or []}


API = Microsoft
