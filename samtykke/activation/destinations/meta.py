"""Meta Custom Audiences: customer list file and Marketing API.

Header as in the Ads Manager template (e-mail, phone, country; Meta asks for the country always). Values are
hashed here and not by the upload form. Source: Meta, Marketing API, Customer File Custom Audiences.

The interface: ``/users`` adds and, with ``method=DELETE`` in the body, removes (as a query it would be an address of
hundreds of kilobytes); both begin the learning phase of an ad set anew, ``/usersreplace`` (``mode: replace``) does
not. People who withdraw are taken out of every audience of the account (``/usersofanyaudience``). Removal goes by
hashed e-mail and phone, never by EXTERN_ID, which Meta forgets after 90 days. There is no field for European consent:
the exit gate is the only one; ``options.ldu`` asks for limited data use in the United States.
"""

from __future__ import annotations

from collections.abc import Sequence

from samtykke.activation.destinations.api import (
    ACCOUNT_WIDE,
    Api,
    Call,
    Outcome,
    Parcel,
    PartlySentError,
    answer_of,
    id_in,
    in_turn,
    pieces,
)
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import RefusedError, Reply, Request, UnreachableError, error_code

SPEC = DestinationSpec(
    name="meta",
    platform="meta",
    columns=(Column("email", "email"), Column("phone", "phone"), Column("country", "country")),
    identifier_kinds=("email", "phone"),
    matches_people=True,
    min_matched=100,
    interface=Interface(
        base_url="https://graph.facebook.com/v26.0",
        secrets=("access_token",),
        options=("account",),
        max_rows=10_000,
        requests_per_minute=3_000,
        modes=("delta", "replace", "account_wide"),
        effects=(("delta", "begins the learning phase of its ad sets anew; mode: replace would not"),),
    ),
    name_policy=("health", "finance"),
    remedies=(
        ("1870090", "accept the Custom Audience terms of the ad account"),
        ("1713230", "the list's name or description suggests health or finance: make another list"),
        ("1870145", "a replacement of the list is going on: deliver again when it has ended"),
        ("1870158", "a replacement took longer than 90 minutes: deliver again"),
        ("190", "the access token has run out: renew it"),
    ),
)
# Too many calls, or a fault that passes: told with a status of 400. Source: Marketing API, Error codes, Rate limiting.
_BUSY = {1, 2, 4, 17, 32, 341, 613, 80003}
_SCHEMA = {"email": "EMAIL", "phone": "PHONE", "country": "COUNTRY"}


class Meta(Api):
    """The Marketing API."""

    SPEC = SPEC

    def make_list(self, name: str, call: Call) -> str:
        body = {
            "name": name,
            "subtype": "CUSTOM",
            # the company's own customers: nothing of a partner's is ever in a segment
            "customer_file_source": self.target.option("customer_file_source", "USER_PROVIDED_ONLY"),
        }
        path = f"/act_{self.target.option('account')}/customaudiences"
        return id_in(call(Request("POST", path, body, again_if=_is_busy)), "id")

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        requests = list(self._requests(parcel))
        received = invalid = 0
        for reply in in_turn(requests, call):
            body = answer_of(reply)
            if "error" in body:
                error = RefusedError(reply.status, error_code(body))
                raise PartlySentError(str(error)) if received else error
            # invalid_entry_samples repeats what was sent: it is not looked at
            if "num_received" not in body and body.get("success") is not True:
                raise UnreachableError("an answer that counts nothing")
            received += int(body.get("num_received", 0))
            invalid += int(body.get("num_invalid_entries", 0))
        return Outcome(request_id=str(parcel.number()), accepted=received - invalid, rejected=invalid)

    def _requests(self, parcel: Parcel) -> Sequence[Request]:
        if parcel.group == ACCOUNT_WIDE:
            path = f"/act_{self.target.option('account')}/usersofanyaudience"
        else:
            edge = "usersreplace" if parcel.operation == "replace" else "users"
            path = f"/{self.target.list_id(parcel.segment)}/{edge}"
        parts = list(pieces(parcel.rows, SPEC.interface.max_rows)) or [()]
        for number, part in enumerate(parts, 1):
            # a session is one exchange, not one segment's history: every batch has its own
            session = {
                "session_id": parcel.number(),
                "batch_seq": number,
                "last_batch_flag": number == len(parts),
                "estimated_num_total": len(parcel.rows),
            }
            body = {"payload": self._payload(parcel, part)}
            if parcel.group != ACCOUNT_WIDE:
                body["session"] = session
            if parcel.operation == "remove":
                body["method"] = "DELETE"
            yield Request("POST", path, body, headers=parcel.headers(number), again_if=_is_busy)

    def _payload(self, parcel: Parcel, rows: Sequence) -> dict[str, object]:
        kinds = [kind for kind in _SCHEMA if kind != "country" or parcel.operation != "remove"]
        # an empty cell is sent as such: the digest of nothing would match whoever sent one
        data = [[row.get(kind, "") for kind in kinds] for row in rows]
        schema = [_SCHEMA[kind] for kind in kinds]
        if self.target.has_option("ldu") and parcel.operation != "remove":
            schema += ["DATA_PROCESSING_OPTIONS", "DATA_PROCESSING_OPTIONS_COUNTRY", "DATA_PROCESSING_OPTIONS_STATE"]
            data = [[*row, ["LDU"], 1, 1000] for row in data]
        return {"schema": schema, "data": data}


def _is_busy(reply: Reply) -> bool:
    error = reply.body.get("error") if isinstance(reply.body, dict) else None
    return isinstance(error, dict) and (error.get("code") in _BUSY or error.get("is_transient") is True)


API = Meta
