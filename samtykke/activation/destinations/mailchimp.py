"""Mailchimp: contact import file and Marketing API.

A contact is an address, in clear. ``remove.csv`` is for archiving contacts; neither file is ever to be
imported with a status that subscribes somebody anew, which would lift an unsubscription. Source: Mailchimp,
Format guidelines for your import file.

The interface never names a status for somebody who is there: a member is put with ``status_if_new`` and the segment is
a tag, taken off when the person leaves it. A contact that unsubscribed or bounced stays as it is. Who may not be
written to any more is archived; archiving lifts no unsubscription either. Source: Marketing API, Add or update list
member; Member tags; Archive list member.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from samtykke.activation.destinations.api import ACCOUNT_WIDE, Api, Call, Outcome, Parcel, PartlySentError, answer_of
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import RefusedError, Reply, Request, error_code

SPEC = DestinationSpec(
    name="mailchimp",
    platform="mailchimp",
    columns=(Column("Email Address", "email"),),
    identifier_kinds=("email",),
    matches_people=False,
    interface=Interface(
        base_url="https://us1.api.mailchimp.com/3.0",
        secrets=("api_key",),
        options=("list",),
        max_rows=500,
        requests_per_minute=600,
        modes=("delta", "account_wide"),
        needs_list=False,
    ),
)


class Mailchimp(Api):
    """The Marketing API, version 3."""

    SPEC = SPEC

    def authorise(self, request: Request, renew: bool) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.target.secret('api_key')}"}

    def __init__(self, target):
        super().__init__(target)
        self._is_known = False

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        rejections: dict[int, str] = {}
        is_begun = False
        for position, row in enumerate(parcel.rows):
            try:
                for request in self._requests(parcel, row["email"], position):
                    reply = call(request)
                    is_begun = True
                    if request.method == "PUT":  # tags and archiving are answered by silence, a member never is
                        answer_of(reply)
                    if code := _error_inside(reply):
                        rejections[position] = code
                        break
            except RefusedError as refused:
                if refused.status == 404 and parcel.operation == "remove":
                    self._check_list(call)
                    continue  # nobody of that address is there: that is what was wanted
                if refused.status not in (400, 404, 405):
                    if is_begun:
                        raise PartlySentError(str(refused)) from None
                    raise
                rejections[position] = refused.code
        return Outcome(accepted=len(parcel.rows) - len(rejections), rejections=rejections)

    def _check_list(self, call: Call) -> None:
        """Make sure that a contact is what was not found: nobody left a list that was not asked."""
        if not self._is_known:
            call(Request("GET", f"/lists/{self.target.option('list')}", query={"fields": "id"}))
            self._is_known = True

    def _requests(self, parcel: Parcel, address: str, position: int) -> list[Request]:
        known_as = hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()
        path = f"/lists/{self.target.option('list')}/members/{known_as}"
        if parcel.group == ACCOUNT_WIDE:
            return [Request("DELETE", path, headers=parcel.headers("archive", position))]
        status = "active" if parcel.operation == "add" else "inactive"
        tags = {"tags": [{"name": self.target.list_id(parcel.segment), "status": status}]}
        tagging = Request("POST", f"{path}/tags", tags, headers=parcel.headers("tag", position))
        if parcel.operation == "remove":
            return [tagging]
        # without a status: whoever unsubscribed stays so; somebody new is subscribed, which the exit gate permits
        member = {"email_address": address, "status_if_new": "subscribed"}
        return [Request("PUT", path, member, headers=parcel.headers("member", position)), tagging]


def _error_inside(reply: Reply) -> str | None:
    """Return the code of an answer of 200 that took nothing."""
    errors = reply.body.get("errors") if isinstance(reply.body, dict) else None
    return error_code(errors[:1]) if errors else None


API = Mailchimp
