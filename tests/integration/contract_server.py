"""A platform on this machine that behaves as the real one documents: faults on demand, memberships kept.

Written from the platforms' documentation, not from the product's code: what it does not understand it refuses.
"""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, object] | tuple[int, object, dict]


class Platform(ABC):
    """One account of one platform. ``lists`` holds who is in which list, by the identifiers it was sent."""

    token = "a token of the tests"

    def __init__(self):
        self.lists: dict[str, set] = defaultdict(set)
        self.requests: list[dict] = []
        self.applied: dict[str, int] = defaultdict(int)

    def is_let_in(self, headers) -> bool:
        return headers.get("Authorization") == f"Bearer {self.token}"

    @abstractmethod
    def handle(self, method: str, path: str, query: dict, headers, body) -> Answer:
        """Answer one request as the platform documents it."""


class ContractServer:
    """Serves a platform on a loopback port.

    ``faults`` are taken one per request: a callable gets the handler and the way to go on and may answer, wait, cut
    the connection or let the platform act first. ``always`` is applied when there is no fault left.
    """

    def __init__(self, platform: Platform):
        self.platform = platform
        self.faults: list[Callable | None] = []
        self.always: Callable | None = None
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self):
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                fault = owner.faults.pop(0) if owner.faults else owner.always
                try:
                    if fault:
                        fault(self, lambda: owner._answer(self, raw))
                    else:
                        self.reply(*owner._answer(self, raw))
                except (BrokenPipeError, ConnectionResetError):
                    pass

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

            def reply(self, status, body, told=None, **headers):
                headers |= told or {}
                content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = True

            def cut(self):
                self.close_connection = True
                self.connection.close()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._lock = threading.Lock()
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler, raw: bytes) -> Answer:
        parts = urlsplit(handler.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            form = {name: values[-1] for name, values in parse_qs(raw.decode()).items()}
            assert form["grant_type"] == "refresh_token" and form["refresh_token"]
            return 200, {"access_token": self.platform.token, "expires_in": 3600}
        if not self.platform.is_let_in(handler.headers):
            return 401, {"error": {"code": 401, "message": "not let in"}}
        is_json = "json" in (handler.headers.get("Content-Type") or "")
        body = json.loads(raw) if raw and is_json else raw
        with self._lock:
            self.platform.requests.append(
                {
                    "method": handler.command,
                    "path": parts.path,
                    "query": query,
                    "headers": handler.headers,
                    "body": body,
                }
            )
            return self.platform.handle(handler.command, parts.path, query, handler.headers, body)


def status(code, body=None, **headers):
    """Answer with a status, the platform doing nothing."""
    return lambda handler, go_on: handler.reply(code, body or {"error": {"code": code}}, **headers)


def cut_before(handler, go_on):
    """Cut the connection before the platform acted."""
    handler.cut()


def cut_after(handler, go_on):
    """Let the platform act, then cut the connection: the sender cannot know."""
    go_on()
    handler.cut()


def slow(seconds):
    def wait(handler, go_on):
        time.sleep(seconds)
        handler.reply(*go_on())

    return wait


class MetaPlatform(Platform):
    """Custom audiences: rows of e-mail and phone digests; a session's batches; removal in the body or not at all."""

    def __init__(self):
        super().__init__()
        self.sessions: dict[tuple, int] = {}
        self.staged: dict[tuple, set] = defaultdict(set)

    def handle(self, method, path, query, headers, body):
        *_, name, edge = path.split("/")
        if edge == "customaudiences":
            assert body["customer_file_source"] == "USER_PROVIDED_ONLY" and body["subtype"] == "CUSTOM"
            if "diabetes" in body["name"]:
                return 400, {"error": {"code": 100, "error_subcode": 1713230}}
            return 200, {"id": "238"}
        if "payload" in query or method == "DELETE":
            return 414, {"error": {"code": 1, "message": "payload in the address"}}
        schema, data = body["payload"]["schema"], body["payload"]["data"]
        at = [schema.index(kind) for kind in ("EMAIL", "PHONE")]
        rows = {tuple(row[index] for index in at) for row in data}
        invalid = [row for row in rows if not all(not cell or len(cell) == 64 for cell in row) or not any(row)]
        valid = rows - set(invalid)
        if edge == "usersofanyaudience":
            assert body["method"] == "DELETE" and name.startswith("act_")
            values = {cell for row in valid for cell in row if cell}
            for members in self.lists.values():
                members -= {row for row in members if set(row) & values}
            return 200, {"num_received": len(rows), "num_invalid_entries": 0}
        session = body["session"]
        seen = (name, session["session_id"])
        if session["batch_seq"] != self.sessions.get(seen, 0) + 1:
            return 400, {"error": {"code": 2650, "error_subcode": 1870147}}
        self.sessions[seen] = 0 if session["last_batch_flag"] else session["batch_seq"]
        if edge == "usersreplace":
            self.staged[seen] |= valid
            if session["last_batch_flag"]:
                self.lists[name] = self.staged.pop(seen)
        elif body.get("method") == "DELETE":
            values = {cell for row in valid for cell in row if cell}
            self.lists[name] -= {row for row in self.lists[name] if set(row) & values}
        else:
            self.lists[name] |= valid
        return 200, {
            "audience_id": name,
            "session_id": str(session["session_id"]),
            "num_received": len(rows),
            "num_invalid_entries": len(invalid),
            "invalid_entry_samples": [list(row) for row in invalid],
        }


class GooglePlatform(Platform):
    """Data Manager API: every request is a job; what became of it is asked later, after ``rounds`` of asking."""

    def __init__(self, rounds=0, errors=()):
        super().__init__()
        self.rounds = rounds
        self.errors = dict(errors)
        self.jobs: dict[str, dict] = {}
        self.added_at: dict[tuple, float] = {}

    def handle(self, method, path, query, headers, body):
        if path.endswith("/userLists"):
            assert body["ingestedUserListInfo"]["uploadKeyTypes"] == ["CONTACT_ID"]
            assert 0 < int(body["membershipDuration"].removesuffix("s")) <= 540 * 86_400
            return 200, {"name": f"{path.lstrip('/')}/238", "displayName": body["displayName"]}
        if path.endswith("requestStatus:retrieve"):
            job = self.jobs[query["requestId"]]
            job["asked"] += 1
            if job["asked"] <= self.rounds:
                return 200, {"requestStatusPerDestination": [{"requestStatus": "PROCESSING"}]}
            counts = [{"reason": reason, "recordCount": str(count)} for reason, count in self.errors.items()]
            state = "PARTIAL_SUCCESS" if counts else "SUCCESS"
            told = {"requestStatus": state, "errorInfo": {"errorCounts": counts}}
            if job["action"] == "ingest":
                told["audienceMembersIngestionStatus"] = {
                    "userDataIngestionStatus": {
                        "recordCount": str(job["rows"]),
                        "uploadMatchRateRange": "MATCH_RATE_RANGE_61_TO_70",
                    }
                }
            return 200, {"requestStatusPerDestination": [told]}
        action = path.rpartition(":")[2]
        name = body["destinations"][0]["productDestinationId"]
        rows = set()
        for member in body.get("audienceMembers", []):
            if action == "ingest":
                assert set(member["consent"]) == {"adUserData", "adPersonalization"}
                assert body["termsOfService"]["customerMatchTermsOfServiceStatus"] == "ACCEPTED"
            rows.add(tuple(sorted(value for one in member["userData"]["userIdentifiers"] for value in one.values())))
        if not body["validateOnly"]:
            self._apply(action, name, rows, body)
        number = f"job-{len(self.jobs) + 1}"
        self.jobs[number] = {"action": action, "rows": len(rows), "asked": 0}
        return 200, {"requestId": number}

    def _apply(self, action, name, rows, body):
        members = self.lists[name]
        values = {value for row in rows for value in row}
        if action == "ingest":
            members |= rows
            self.added_at |= {(name, row): time.time() for row in rows}
        elif action == "remove":
            members -= {row for row in members if set(row) & values}
        elif action == "removeAll":
            from datetime import datetime

            limit = datetime.fromisoformat(body["removeAsOfTime"].replace("Z", "+00:00")).timestamp()
            members -= {row for row in members if self.added_at.get((name, row), 0) < limit}


class MailchimpPlatform(Platform):
    """Contacts with a status and tags. ``forgotten`` ones can never come back."""

    def __init__(self):
        super().__init__()
        self.contacts: dict[str, dict] = {}
        self.forgotten: set[str] = set()
        self.is_gone = False

    def handle(self, method, path, query, headers, body):
        if self.is_gone:
            return 404, {"title": "Resource Not Found", "status": 404}
        if method == "GET":
            return 200, {"id": path.rpartition("/")[2]}
        member = path.split("/members/")[1].split("/")[0]
        contact = self.contacts.get(member)
        if path.endswith("/tags"):
            if contact is None:
                return 404, {"title": "Resource Not Found", "status": 404}
            for tag in body["tags"]:
                (self.lists[tag["name"]].add if tag["status"] == "active" else self.lists[tag["name"]].discard)(member)
            return 204, None
        if method == "DELETE":
            if contact is None:
                return 404, {"title": "Resource Not Found", "status": 404}
            contact["archived"] = True
            for members in self.lists.values():
                members.discard(member)
            return 204, None
        assert "status" not in body, "a status would lift an unsubscription"
        if member in self.forgotten:
            return 400, {"title": "Forgotten Email Not Subscribed", "status": 400}
        if contact is None:
            self.contacts[member] = {"status": body["status_if_new"], "address": body["email_address"]}
        return 200, {"id": member}
