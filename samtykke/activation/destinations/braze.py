"""Braze: user import file and ``/users/track``.

A segment is an attribute of the profile, true or false, from which a segment in Braze is made. Nobody is created for it
and no subscription state is ever named: an unsubscription stays. Source: Braze documentation, Track users.
"""

from __future__ import annotations

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel, answer_of, in_turn, pieces
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="braze",
    platform="braze",
    columns=(Column("email", "email"), Column("phone", "phone")),
    identifier_kinds=("email", "phone"),
    matches_people=False,
    interface=Interface(
        base_url="https://rest.fra-01.braze.eu",
        secrets=("api_key",),
        max_rows=75,
        requests_per_minute=60_000,
        needs_list=False,
    ),
)


class Braze(Api):
    """Track users."""

    SPEC = SPEC

    def authorise(self, request: Request, renew: bool) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.target.secret('api_key')}"}

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        attribute = f"{self.target.option('prefix', 'segment_')}{self.target.list_id(parcel.segment)}"
        parts = list(pieces(parcel.rows, SPEC.interface.max_rows))
        requests = [
            Request(
                "POST",
                "/users/track",
                {
                    "attributes": [
                        {**row, "_update_existing_only": True, attribute: parcel.operation != "remove"} for row in part
                    ]
                },
                headers=parcel.headers(number),
            )
            for number, part in enumerate(parts, 1)
        ]
        rejections: dict[int, str] = {}
        for number, reply in enumerate(in_turn(requests, call)):
            for error in answer_of(reply).get("errors", []):
                if error.get("input_array", "attributes") == "attributes" and "index" in error:
                    rejections[number * SPEC.interface.max_rows + int(error["index"])] = "not_processed"
        return Outcome(accepted=len(parcel.rows) - len(rejections), rejections=rejections)


API = Braze
