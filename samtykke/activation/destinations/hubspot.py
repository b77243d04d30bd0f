"""HubSpot lists: import file and CRM API v3.

A list takes record ids, so contacts are looked up by address first; who is not there is not created. Only static lists
(MANUAL, SNAPSHOT) can be changed. Subscriptions are another interface and are not touched. Source: HubSpot developer
documentation, Lists; CRM objects, batch read.
"""

from __future__ import annotations

from collections.abc import Iterator

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel, answer_of, id_in, pieces, refused_inside
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="hubspot",
    platform="hubspot",
    columns=(Column("Email", "email"),),
    identifier_kinds=("email",),
    matches_people=False,
    interface=Interface(
        base_url="https://api.hubapi.com", secrets=("access_token",), max_rows=1_000, requests_per_minute=600
    ),
    remedies=(("list_is_dynamic", "HubSpot fills that list by itself: name a static one (MANUAL or SNAPSHOT)"),),
)
_READ_AT_ONCE = 100
_CONTACTS = "0-1"


class HubSpot(Api):
    """List memberships."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self._static: set[str] = set()

    def make_list(self, name: str, call: Call) -> str:
        body = {"name": name, "objectTypeId": _CONTACTS, "processingType": "MANUAL"}
        return id_in(call(Request("POST", "/crm/v3/lists", body)), "list", "listId")

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        self._check_list(self.target.list_id(parcel.segment), call)
        found = dict(self._records(parcel, call))
        ids = [found.get(row["email"]) for row in parcel.rows]
        # of a removal every record goes: one is found by its second address too, and answers with its first
        if known := list(found.values()) if parcel.operation == "remove" else [one for one in ids if one]:
            edge = "remove" if parcel.operation == "remove" else "add"
            path = f"/crm/v3/lists/{self.target.list_id(parcel.segment)}/memberships/{edge}"
            call(Request("PUT", path, known, headers=parcel.headers()))
        if parcel.operation == "remove":
            return Outcome(accepted=len(parcel.rows))  # who is not there is out
        rejections = {at: "not_found" for at, one in enumerate(ids) if not one}
        return Outcome(accepted=len(known), rejections=rejections)

    def _check_list(self, listed: str, call: Call) -> None:
        """Refuse a list that HubSpot fills by itself: whoever is taken out of it would be back."""
        if listed in self._static:
            return
        told = answer_of(call(Request("GET", f"/crm/v3/lists/{listed}"))).get("list") or {}
        if told.get("processingType") not in ("MANUAL", "SNAPSHOT"):
            raise refused_inside("list_is_dynamic")
        self._static.add(listed)

    def _records(self, parcel: Parcel, call: Call) -> Iterator[tuple[str, str]]:
        requests = [
            Request(
                "POST",
                "/crm/v3/objects/contacts/batch/read",
                {"idProperty": "email", "properties": ["email"], "inputs": [{"id": row["email"]} for row in part]},
            )
            for part in pieces(parcel.rows, _READ_AT_ONCE)
        ]
        for request in requests:
            reply = call(request)
            for record in answer_of(reply).get("results", []):
                yield str(record["properties"]["email"]).lower(), str(record["id"])


API = HubSpot
