"""Klaviyo: profile import file and API.

People come into a list by the bulk import of profiles, which changes no consent; never by a subscribe call, which would
lift an unsubscription, a complaint or a suppression. They leave it by ``remove``, which changes no consent either; with
``options.suppress_withdrawn`` who may not be written to any more is suppressed as well. Source: Klaviyo API reference,
Bulk import profiles, Remove profiles from list, Bulk suppress profiles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from samtykke.activation.destinations.api import (
    ACCOUNT_WIDE,
    Api,
    Call,
    Outcome,
    Parcel,
    answer_of,
    id_in,
    in_turn,
    pieces,
)
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="klaviyo",
    platform="klaviyo",
    columns=(Column("Email", "email"), Column("Phone Number", "phone")),
    identifier_kinds=("email", "phone"),
    matches_people=False,
    interface=Interface(
        base_url="https://a.klaviyo.com/api",
        secrets=("api_key",),
        max_rows=1_000,
        max_bytes=5_000_000,
        requests_per_minute=150,
        modes=("delta", "account_wide"),
        is_asynchronous=True,
    ),
)
_FIELDS = {"email": "email", "phone": "phone_number"}
_FILTER_AT_ONCE = 100
# A filter stands in the address of a request, and few servers take more than 8,000 bytes of that.
_FILTER_BYTES = 6_000
_SUPPRESS_AT_ONCE = 100
_REVISION = "2026-07-15"


class Klaviyo(Api):
    """Profiles and lists."""

    SPEC = SPEC

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        return {
            "Authorization": f"Klaviyo-API-Key {self.target.secret('api_key')}",
            "revision": self.target.option("revision", _REVISION),
        }

    def make_list(self, name: str, call: Call) -> str:
        body = {"data": {"type": "list", "attributes": {"name": name}}}
        return id_in(call(Request("POST", "/lists", body)), "data", "id")

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        if parcel.operation == "add":
            reply = call(Request("POST", "/profile-bulk-import-jobs", self._import(parcel), headers=parcel.headers()))
            return Outcome(is_final=False, request_id=str(answer_of(reply)["data"]["id"]))
        found = list(self._profiles(parcel, call))
        path = f"/lists/{self.target.list_id(parcel.segment)}/relationships/profiles"
        requests = [
            Request(
                "DELETE",
                path,
                {"data": [{"type": "profile", "id": one} for one in part]},
                headers=parcel.headers("remove", number),
            )
            for number, part in enumerate(pieces(found, SPEC.interface.max_rows), 1)
        ]
        if parcel.group == ACCOUNT_WIDE and self.target.has_option("suppress_withdrawn"):
            requests += self._suppressions(parcel)
        for _ in in_turn(requests, call):
            pass
        return Outcome(accepted=len(parcel.rows))

    def poll(self, request_id: str, rows: int, call: Call) -> Outcome:
        told = answer_of(call(Request("GET", f"/profile-bulk-import-jobs/{request_id}")))["data"]["attributes"]
        if told["status"] in ("queued", "processing"):
            return Outcome(is_final=False, request_id=request_id)
        failed = int(told.get("failed_count") or 0)
        if told["status"] == "cancelled" or failed >= rows:
            return Outcome(code=str(told["status"]))
        return Outcome(request_id=request_id, accepted=int(told.get("completed_count") or 0), rejected=failed)

    def _import(self, parcel: Parcel) -> dict[str, object]:
        listed = {"type": "list", "id": self.target.list_id(parcel.segment)}
        profiles = [{"type": "profile", "attributes": _attributes(row)} for row in parcel.rows]
        return {
            "data": {
                "type": "profile-bulk-import-job",
                "attributes": {"profiles": {"data": profiles}},
                "relationships": {"lists": {"data": [listed]}},
            }
        }

    def _profiles(self, parcel: Parcel, call: Call) -> Iterator[str]:
        for kind, field in _FIELDS.items():
            values = [row[kind] for row in parcel.rows if kind in row and (kind == "email" or "email" not in row)]
            for wanted in _filters(values):
                # the id comes whatever is asked for, and is no field that can be asked for
                query = {"filter": f"any({field},{wanted})", "fields[profile]": field, "page[size]": "100"}
                reply = call(Request("GET", "/profiles", query=query))
                yield from (str(one["id"]) for one in answer_of(reply).get("data", []))

    def _suppressions(self, parcel: Parcel) -> Iterator[Request]:
        addresses = [row for row in parcel.rows if "email" in row]
        for number, part in enumerate(pieces(addresses, _SUPPRESS_AT_ONCE), 1):
            profiles = [{"type": "profile", "attributes": {"email": row["email"]}} for row in part]
            body = {
                "data": {
                    "type": "profile-suppression-bulk-create-job",
                    "attributes": {"profiles": {"data": profiles}},
                }
            }
            yield Request(
                "POST",
                "/profile-suppression-bulk-create-jobs",
                body,
                headers=parcel.headers("suppress", number),
            )


def _filters(values: list[str]) -> Iterator[str]:
    """Yield lists in JSON, none longer than an address may be."""
    part: list[str] = []
    size = 0
    for value in values:
        length = len(quote(json.dumps(value, ensure_ascii=False) + ","))
        if part and (len(part) == _FILTER_AT_ONCE or size + length > _FILTER_BYTES):
            yield json.dumps(part, ensure_ascii=False)
            part, size = [], 0
        part.append(value)
        size += length
    if part:
        yield json.dumps(part, ensure_ascii=False)


def _attributes(row: Mapping[str, str]) -> dict[str, str]:
    return {field: row[kind] for kind, field in _FIELDS.items() if kind in row}


API = Klaviyo
