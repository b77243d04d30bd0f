"""Any receiver of one's own: a file of hashed addresses and numbers, or the same rows posted as JSON.

The body is ``{"audience", "operation", "idempotency_key", "columns", "rows"}``. Its HMAC-SHA-256 under the secret
``signing_key`` stands in the header ``X-Samtykke-Signature`` (``sha256=<hex>``), so that the receiver knows the sender.
It answers 2xx, and may name what it did not take: ``{"rejected": [{"index": 0, "code": "unknown"}]}``. The same key
means the same content: a receiver that has seen it does nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request

SPEC = DestinationSpec(
    name="webhook",
    platform="webhook",
    columns=(Column("email_sha256", "email"), Column("phone_sha256", "phone"), Column("country", "country")),
    identifier_kinds=("email", "phone"),
    matches_people=False,
    interface=Interface(
        base_url="https://example.com",
        secrets=("signing_key",),
        max_rows=5_000,
        requests_per_minute=600,
        needs_list=False,
    ),
)


class Webhook(Api):
    """A receiver of one's own; ``base_url`` is where it listens."""

    SPEC = SPEC

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        key = self.target.secret("signing_key").encode()
        return {"X-Samtykke-Signature": "sha256=" + hmac.new(key, request.encoded() or b"", hashlib.sha256).hexdigest()}

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        kinds = [column.kind for column in SPEC.columns]
        body = {
            "audience": self.target.list_id(parcel.segment),
            "operation": parcel.operation,
            "idempotency_key": parcel.key,
            "columns": list(SPEC.header),
            "rows": [[row.get(kind, "") for kind in kinds] for row in parcel.rows],
        }
        reply = call(Request("POST", "", body, headers=parcel.headers(), takes_text=True))
        named = reply.body.get("rejected", []) if isinstance(reply.body, dict) else []
        rejections = {int(one["index"]): str(one.get("code", "rejected"))[:60] for one in named}
        return Outcome(accepted=len(parcel.rows) - len(rejections), rejections=rejections)


API = Webhook
