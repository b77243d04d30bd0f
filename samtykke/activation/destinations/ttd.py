"""The Trade Desk in Europe: CRM data file of EUID's hashes, and Data API of first-party data.

People in the European Union are EUIDs, which share their rules with UID2 and nothing else (keys, hosts). A cell is the
digest's bytes in base64, not its hexadecimal digits. A file needs 1,500 rows.

The interface: a hash is mapped to its EUID first (``euid``); who opted out of EUID is not sent and withdraws, on the
consent ledger. A segment is a data element of the advertiser (``options.account``), put on an EUID for
``options.ttl_days`` and taken off with a time to live of nothing. People who withdraw are deleted from the advertiser's
data altogether, a data subject request. What is not sent again is forgotten, at the latest after 180 days. Source: The
Trade Desk, Data API: first-party data, deletion and opt-out; EUID documentation, Normalization and encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from samtykke.activation.destinations.api import ACCOUNT_WIDE, Api, Call, Outcome, Parcel, answer_of
from samtykke.activation.destinations.euid import OPTED_OUT, IdentityMap
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="ttd",
    platform="ttd",
    columns=(Column("email_hash", "email"), Column("phone_hash", "phone")),
    identifier_kinds=("email", "phone"),
    matches_people=True,
    min_matched=1_500,
    ttl_days_max=180,
    interface=Interface(
        base_url="https://euw-data.adsrvr.org",
        secrets=("data_token", "euid_api_key", "euid_client_secret"),
        options=("account",),
        # two identifiers a row: no more than the 5,000 hashes that one request to the map may hold
        max_rows=2_500,
        max_bytes=1_000_000,
        requests_per_minute=600,
        modes=("delta", "account_wide"),
        needs_list=False,
        extra=("ttd", "cryptography"),
        ttl_days=30,
    ),
)
_MINUTES_A_DAY = 1_440


class TheTradeDesk(Api):
    """Data API, first-party data of an advertiser."""

    SPEC = SPEC

    def __init__(self, target):
        super().__init__(target)
        self._ttl = target.ttl_days * _MINUTES_A_DAY
        self._map = IdentityMap(target)

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        return {"TTD-Auth": self.target.secret("data_token")}

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        found: dict[str, dict[str, set[str]]] = {}
        refused: dict[str, dict[str, str]] = {}
        for kind in SPEC.identifier_kinds:
            cells = {row[kind] for row in parcel.rows if kind in row}
            found[kind], refused[kind] = self._ids(kind, cells, is_removal=parcel.operation == "remove")
        ids: dict[str, None] = {}  # in the order of the rows: the same parcel is the same request
        rejections: dict[int, str] = {}
        for at, row in enumerate(parcel.rows):
            known = {one for kind, cell in row.items() for one in found[kind].get(cell, ())}
            reasons = {refused[kind][cell] for kind, cell in row.items() if cell in refused[kind]}
            if parcel.operation != "remove" and (OPTED_OUT in reasons or not known):
                # who opted out by one identifier is not sent by the other
                rejections[at] = OPTED_OUT if OPTED_OUT in reasons else min(reasons, default="unmapped")
                continue
            ids |= dict.fromkeys(sorted(known))
        failed = self._post(parcel, list(ids), call) if ids else 0
        # failed lines are counted and not looked up: it is documented nowhere what their number counts from, and a row
        # wrongly taken for rejected would never be removed
        accepted = max(len(parcel.rows) - len(rejections) - failed, 0)
        return Outcome(accepted=accepted, rejected=len(rejections) + failed, rejections=rejections)

    def _ids(self, kind: str, cells: set[str], *, is_removal: bool) -> tuple[Mapping[str, set[str]], Mapping[str, str]]:
        """Return ids by cell, of a removal all that may still stand there, and why others have none."""
        if not cells:
            return {}, {}
        valid = self.memory.valid(kind, cells)
        ids = {cell: {one} for cell, one in valid.items()}
        told = self._map.ask(kind, cells - set(valid))
        self.memory.remember(kind, told.ids, keep=timedelta(days=SPEC.ttl_days_max))
        self.memory.opted_out(kind, (cell for cell, why in told.unmapped.items() if why == OPTED_OUT))
        for cell, one in told.ids.items():
            ids[cell] = {one.current, one.previous} - {None} if is_removal else {one.current}
        if is_removal:
            for cell, known in self.memory.every(kind, cells).items():
                ids.setdefault(cell, set()).update(known)
        return ids, told.unmapped

    def _post(self, parcel: Parcel, ids: list[str], call: Call) -> int:
        """Send ids; return how many lines were not taken."""
        body: dict[str, object] = {"AdvertiserId": self.target.option("account")}
        if parcel.group == ACCOUNT_WIDE:
            path = "/data/deletion-optout/advertiser"
            body |= {"RequestType": "Deletion", "Items": [{"EUID": one} for one in ids]}
        else:
            path = "/data/advertiser"
            data = {
                "Name": self.target.list_id(parcel.segment),
                "TimestampUtc": parcel.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "TtlInMinutes": 0 if parcel.operation == "remove" else self._ttl,
            }
            body |= {"Items": [{"EUID": one, "Data": [data]} for one in ids]}
        reply = call(Request("POST", path, body, headers=parcel.headers()))
        return min(len(answer_of(reply).get("FailedLines") or []), len(parcel.rows))


API = TheTradeDesk
