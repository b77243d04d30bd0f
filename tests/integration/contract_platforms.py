"""The smaller platforms as they document themselves, for the contract server. Written without the product's code."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from urllib.parse import urlencode

from contract_server import Platform

HEX = re.compile(r"[0-9a-f]{64}")


class LinkedInPlatform(Platform):
    def __init__(self, refused=()):
        super().__init__()
        self.refused = set(refused)

    def handle(self, method, path, query, headers, body):
        if path == "/dmpSegments":
            assert body["account"] == "urn:li:sponsoredAccount:77" and body["type"] == "USER"
            return 201, None, {"x-linkedin-id": "238"}
        assert headers["X-RestLi-Method"] == "BATCH_CREATE" and re.fullmatch(r"20\d{4}", headers["LinkedIn-Version"])
        answers = []
        for element in body["elements"]:
            (identifier,) = element["userIds"]
            assert identifier["idType"] == "SHA256_EMAIL" and HEX.fullmatch(identifier["idValue"])
            if identifier["idValue"] in self.refused:
                answers.append({"status": 400})
                continue
            members = self.lists[path.split("/")[2]]
            (members.add if element["action"] == "ADD" else members.discard)(identifier["idValue"])
            answers.append({"status": 201})
        return 200, {"elements": answers}


class TikTokPlatform(Platform):
    floor = 0

    def is_let_in(self, headers):
        return headers.get("Access-Token") == self.token

    def handle(self, method, path, query, headers, body):
        assert path == "/segment/mapping/" and body["advertiser_ids"] == ["77"]
        assert all(len(row) == len(body["id_schema"]) for row in body["batch_data"])
        gone = {cell["id"] for row in body["batch_data"] for cell in row if cell}
        name = next(cell["audience_ids"][0] for row in body["batch_data"] for cell in row if cell)
        if body["action"] == "delete":
            if len(self.lists[name] - gone) < self.floor:
                return 200, {"code": 40002, "message": "audience too small"}
            self.lists[name] -= gone
        else:
            self.lists[name] |= gone
        return 200, {"code": 0, "message": "OK", "request_id": "r1"}


class SnapchatPlatform(Platform):
    def handle(self, method, path, query, headers, body):
        if path == "/adaccounts/77/segments":
            (listed,) = body["segments"]
            assert listed["source_type"] == "FIRST_PARTY" and listed["retention_in_days"] == 180
            return 200, {"segments": [{"sub_request_status": "SUCCESS", "segment": {"id": "238"}}]}
        members = self.lists[path.split("/")[2]]
        for part in body["users"]:
            assert len(part["schema"]) == 1 and part["schema"][0] in ("EMAIL_SHA256", "PHONE_SHA256")
            values = {row[0] for row in part["data"]}
            if method == "DELETE":
                members -= values
            else:
                members |= values
        return 200, {"request_status": "SUCCESS"}


class PinterestPlatform(Platform):
    def handle(self, method, path, query, headers, body):
        assert method == "PATCH" and path.startswith("/ad_accounts/77/customer_lists/")
        values = set(body["records"].split(","))
        members = self.lists[path.split("/")[4]]
        if body["operation_type"] == "ADD":
            members |= values
        else:
            members -= values
        return 200, {"status": "PROCESSING", "num_uploaded_user_records": len(values)}


class XPlatform(Platform):
    is_short = False

    def is_let_in(self, headers):
        return headers["Authorization"].startswith("OAuth ") and "oauth_signature=" in headers["Authorization"]

    def handle(self, method, path, query, headers, body):
        if path == "/accounts/77/custom_audiences":
            return 201, {"data": {"id": "238", "name": query["name"]}}
        (operation,) = body
        values = {user["email"][0] for user in operation["params"]["users"]}
        if self.is_short:
            return 200, {"data": {"success_count": 0, "total_count": len(values)}}
        members = self.lists[path.split("/")[4]]
        if operation["operation_type"] == "Update":
            members |= values
        else:
            members -= values
        return 200, {"data": {"success_count": len(values), "total_count": len(values)}}


class MicrosoftPlatform(Platform):
    def __init__(self, refused=(), run_out=0):
        super().__init__()
        self.refused = set(refused)
        self.run_out = run_out

    def handle(self, method, path, query, headers, body):
        assert headers["DeveloperToken"] and headers["CustomerId"] == "5" and headers["CustomerAccountId"] == "77"
        if self.run_out:
            self.run_out -= 1
            return 200, {"Errors": [{"Code": 109, "Message": "the token has run out"}]}
        data = body["CustomerListUserData"]
        if not data["AcceptCustomerMatchTerm"]:
            return 200, {"Errors": [{"Code": 3913}]}
        errors = []
        for index, value in enumerate(data["CustomerListItems"]):
            if value in self.refused:
                errors.append({"Index": index, "ErrorCode": "InvalidItem", "Details": value})
                continue
            members = self.lists[data["AudienceId"]]
            (members.add if data["ActionType"] == "Add" else members.discard)(value)
        return 200, {"PartialErrors": errors}


class BrazePlatform(Platform):
    def __init__(self, refused=()):
        super().__init__()
        self.refused = set(refused)

    def handle(self, method, path, query, headers, body):
        assert len(body["attributes"]) <= 75
        errors = []
        for index, given in enumerate(body["attributes"]):
            assert given["_update_existing_only"] and not any("subscribe" in name for name in given)
            name = next(name for name in given if name.startswith("segment_"))
            if given["email"] in self.refused:
                errors.append({"type": "unknown", "input_array": "attributes", "index": index})
            else:
                (self.lists[name].add if given[name] else self.lists[name].discard)(given["email"])
        return 201, {"message": "success", "errors": errors}


class HubSpotPlatform(Platform):
    def __init__(self, contacts):
        super().__init__()
        self.contacts = dict(contacts)
        self.processing = "MANUAL"

    def handle(self, method, path, query, headers, body):
        if method == "GET":
            return 200, {"list": {"listId": path.rpartition("/")[2], "processingType": self.processing}}
        if path == "/crm/v3/lists":
            assert body["processingType"] == "MANUAL" and body["objectTypeId"] == "0-1"
            return 200, {"list": {"listId": "238"}}
        if path.endswith("/batch/read"):
            asked = [one["id"] for one in body["inputs"]]
            assert len(asked) <= 100
            found = [{"id": self.contacts[one], "properties": {"email": one}} for one in asked if one in self.contacts]
            return 200, {"results": found}
        *_, name, _, edge = path.split("/")
        records = {number: address for address, number in self.contacts.items()}
        values = {records[one] for one in body}
        if edge == "add":
            self.lists[name] |= values
        else:
            self.lists[name] -= values
        return 200, {"recordsIdsAdded": body}


class KlaviyoPlatform(Platform):
    """Whoever is suppressed stays so: the import does not ask, and no call here could subscribe anybody."""

    def __init__(self):
        super().__init__()
        self.profiles: dict[str, str] = {}
        self.suppressed: set[str] = set()
        self.longest = 0
        self.jobs: list[int] = []

    def is_let_in(self, headers):
        return headers.get("Authorization") == f"Klaviyo-API-Key {self.token}" and headers.get("revision")

    def handle(self, method, path, query, headers, body):
        assert "subscri" not in path
        if path == "/lists":
            return 201, {"data": {"type": "list", "id": "238", "attributes": body["data"]["attributes"]}}
        if path == "/profile-bulk-import-jobs":
            (listed,) = body["data"]["relationships"]["lists"]["data"]
            given = [one["attributes"] for one in body["data"]["attributes"]["profiles"]["data"]]
            for one in given:
                assert set(one) <= {"email", "phone_number"}
                self.profiles.setdefault(one["email"], f"p{len(self.profiles)}")
                self.lists[listed["id"]].add(one["email"])
            self.jobs.append(len(given))
            return 202, {"data": {"id": f"j{len(self.jobs)}"}}
        if path.startswith("/profile-bulk-import-jobs/"):
            count = self.jobs[int(path.rpartition("/j")[2]) - 1]
            return 200, {"data": {"attributes": {"status": "complete", "completed_count": count, "failed_count": 0}}}
        if path == "/profiles":
            assert query["fields[profile]"] in ("email", "phone_number"), "an attribute of profiles"
            self.longest = max(self.longest, len(urlencode(query)))
            wanted = json.loads(re.fullmatch(r"any\(email,(\[.*\])\)", query["filter"])[1])
            return 200, {"data": [{"id": self.profiles[one]} for one in wanted if one in self.profiles]}
        if path == "/profile-suppression-bulk-create-jobs":
            given = body["data"]["attributes"]["profiles"]["data"]
            self.suppressed |= {one["attributes"]["email"] for one in given}
            return 202, {"data": {"id": "s1"}}
        assert method == "DELETE" and path.endswith("/relationships/profiles")
        gone = {one["id"] for one in body["data"]}
        self.lists[path.split("/")[2]] -= {address for address, number in self.profiles.items() if number in gone}
        return 204, None


class WebhookPlatform(Platform):
    def __init__(self, refused=()):
        super().__init__()
        self.refused = set(refused)

    def is_let_in(self, headers):
        return True

    def handle(self, method, path, query, headers, body):
        raw = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        signature = hmac.new(self.token.encode(), raw, hashlib.sha256).hexdigest()
        assert headers["X-Samtykke-Signature"] == f"sha256={signature}"
        at = body["columns"].index("email_sha256")
        rejected = []
        for index, row in enumerate(body["rows"]):
            if row[at] in self.refused:
                rejected.append({"index": index, "code": "unknown"})
            else:
                (self.lists["all"].add if body["operation"] == "add" else self.lists["all"].discard)(row[at])
        return 200, {"rejected": rejected}
