"""TikTok custom audiences: customer file and segment mapping.

An address keeps its plus-tag, as TikTok's newest page (September 2025) says. Its page of August 2025 takes the tag
off: ``export_format: tiktok_untagged`` is the switch for accounts that were filled by that rule. A phone number goes
with its plus, as the page's text asks (its published digest was made without, the interface takes either). An
audience must keep 1,000 members: TikTok refuses a removal that would leave fewer. Source: TikTok Business API,
segment/mapping; TikTok help, customer file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel, answer_of, refused_inside
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Reply, Request

SPEC = DestinationSpec(
    name="tiktok",
    platform="tiktok",
    columns=(Column("EMAIL_SHA256", "email"), Column("PHONE_SHA256", "phone")),
    identifier_kinds=("email", "phone"),
    matches_people=True,
    min_matched=1_000,
    interface=Interface(
        base_url="https://business-api.tiktok.com/open_api/v1.3",
        secrets=("access_token",),
        options=("account",),
        max_rows=10_000,
        requests_per_minute=3_000,
    ),
)
UNTAGGED = replace(SPEC, name="tiktok_untagged", platform="tiktok_untagged")
_TOO_FREQUENT = 40100  # told with a status of 200. Source: Business API, Return codes
_SCHEMA = {"email": "EMAIL_SHA256", "phone": "PHONE_SHA256"}


class TikTok(Api):
    """Segment mapping. An error is an answer of 200 whose code is not 0."""

    SPEC = SPEC

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        return {"Access-Token": self.target.secret("access_token")}

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        audiences = [self.target.list_id(parcel.segment)]
        kinds = [kind for kind in _SCHEMA if any(kind in row for row in parcel.rows)]
        body = {
            "advertiser_ids": [self.target.option("account")],
            "action": "delete" if parcel.operation == "remove" else "add",
            "id_schema": [_SCHEMA[kind] for kind in kinds],
            # inner lists are read by position: what a row lacks is an empty object
            "batch_data": [
                [{"id": row[kind], "audience_ids": audiences} if kind in row else {} for kind in kinds]
                for row in parcel.rows
            ],
        }
        reply = call(Request("POST", "/segment/mapping/", body, headers=parcel.headers(), again_if=_is_busy))
        answer = answer_of(reply)
        if answer["code"] != 0:
            raise refused_inside(answer["code"])
        return Outcome(request_id=str(answer.get("request_id", "")) or None, accepted=len(parcel.rows))


def _is_busy(reply: Reply) -> bool:
    return isinstance(reply.body, dict) and reply.body.get("code") == _TOO_FREQUENT


API = TikTok
