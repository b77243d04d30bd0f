"""LinkedIn matched audiences: contact list file and DMP segments API.

The template's headers must not be changed; names, title, company and mobile id stay blank, because no purpose of this
product sends them. A list needs 300 members. Access to the interface is granted to few, so the file is the usual way.
Source: Microsoft Learn, Create and manage segment users; LinkedIn help, list upload template.
"""

from __future__ import annotations

from samtykke.activation.destinations.api import Api, Call, Outcome, Parcel, answer_of
from samtykke.activation.destinations.spec import Column, DestinationSpec, Interface
from samtykke.activation.http import Request, UnreachableError

SPEC = DestinationSpec(
    name="linkedin",
    platform="linkedin",
    columns=(
        Column("email", "email"),
        Column("firstname"),
        Column("lastname"),
        Column("jobtitle"),
        Column("employeecompany"),
        Column("country", "country"),
        Column("googleaid"),
    ),
    identifier_kinds=("email",),
    matches_people=True,
    min_matched=300,
    ttl_days_max=90,
    interface=Interface(
        base_url="https://api.linkedin.com/rest",
        secrets=("access_token",),
        max_rows=5_000,
        requests_per_minute=600,
    ),
)
_VERSION = "202610"  # LinkedIn withdraws a version after a year: options.version names another


class LinkedIn(Api):
    """DMP segments: every element has its own answer."""

    SPEC = SPEC

    def make_list(self, name: str, call: Call) -> str:
        body = {
            "name": name,
            "sourcePlatform": self.target.option("source_platform"),
            "account": f"urn:li:sponsoredAccount:{self.target.option('account')}",
            "type": "USER",
            "destinations": [{"destination": "LINKEDIN"}],
        }
        headers = {"LinkedIn-Version": self.target.option("version", _VERSION), "X-Restli-Protocol-Version": "2.0.0"}
        made = call(Request("POST", "/dmpSegments", body, headers=headers)).headers.get("x-linkedin-id")
        if not made:
            raise UnreachableError("an answer without an id")
        return made

    def send(self, parcel: Parcel, call: Call) -> Outcome:
        elements = []
        for row in parcel.rows:
            element = {
                "action": "REMOVE" if parcel.operation == "remove" else "ADD",
                "userIds": [{"idType": "SHA256_EMAIL", "idValue": row["email"]}],
            }
            if "country" in row and parcel.operation != "remove":
                element["country"] = row["country"]
            elements.append(element)
        headers = {
            "X-RestLi-Method": "BATCH_CREATE",
            "X-Restli-Protocol-Version": "2.0.0",
            "LinkedIn-Version": self.target.option("version", _VERSION),
            **parcel.headers(),
        }
        path = f"/dmpSegments/{self.target.list_id(parcel.segment)}/users"
        # a list that was just made is not found for a minute or two
        reply = call(Request("POST", path, {"elements": elements}, headers=headers, again_on=frozenset({404})))
        answers = answer_of(reply).get("elements") or []
        if len(answers) != len(elements):
            raise UnreachableError(f"{len(answers)} answers to {len(elements)} elements")
        rejections = {
            position: f"status_{answer.get('status')}"
            for position, answer in enumerate(answers)
            if not 200 <= int(answer.get("status") or 0) < 300
        }
        return Outcome(accepted=len(elements) - len(rejections), rejections=rejections)


API = LinkedIn
