"""A home with just what the export reads, written by hand: what the exit gate decided, and the vault."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from samtykke.activation import gate
from samtykke.keys import identifier_key
from samtykke.settings import Settings
from samtykke.storage.connect import open_home, prepare_home

AS_OF = datetime(2026, 3, 1, 2, 0)
PERSON = "00000000-0000-7000-8000-{:012d}"


class ExportHome:
    """People are numbers; an identifier is ``(kind, value)``."""

    def __init__(self, folder: Path):
        self.settings = Settings(home=folder, pepper="a pepper of the tests", threads=1)

    def create(self) -> ExportHome:
        prepare_home(self.settings)
        with open_home(self.settings) as connection:
            connection.execute("""
                create schema activation; create schema reference; create schema marts;
                create table activation.audience_identifiers (
                    recipient varchar, segment varchar, person_id uuid, identifier_key varchar, identifier_kind varchar,
                    country varchar, authorising_event_id varchar, purposes varchar[]
                );
                create table activation.sent_standings (
                    recipient varchar, segment varchar, identifier_key varchar, person_id uuid, is_permitted boolean,
                    event_id varchar, is_ending boolean
                );
                create table activation.obligations_due (
                    duty varchar, recipient varchar, segment varchar, person_id uuid, identifier_key varchar,
                    identifier_kind varchar, purpose varchar, cause varchar, deciding_event_id varchar,
                    caused_at timestamp, known_at timestamp, export_seq bigint, due_hours integer
                );
                create table activation.export_gate (
                    as_of timestamp, consent_events bigint, suppressions bigint, tombstones bigint
                );
                create table marts.segment_members (segment varchar, person_id uuid);
                create table marts.order_facts (person_id uuid);
                insert into marts.order_facts values (null);
                create table reference.audiences (segment varchar, recipient varchar);
                create table reference.recipients (
                    recipient varchar, purpose varchar, export_format varchar, identifier_kinds varchar,
                    ttl_days integer, minimum_matched integer
                );
                create table reference.obligation_deadlines (duty varchar, recipient varchar, lead_hours integer);
                insert into reference.obligation_deadlines values ('refresh', '*', 168);
                insert into reference.recipients values
                    ('meta', 'advertising.audience', 'meta', 'email;phone', null, 100),
                    ('mailchimp', 'marketing.direct', 'mailchimp', 'email', 540, 1);
                insert into lineage.segment_purposes values
                    ('jeans', 'service', 'order_facts.person_id', '2026-01-01', 'digest'),
                    ('readers', 'analytics.behaviour', 'email_engagement.opens', '2026-01-01', 'digest');
                create table marts.email_engagement as select 1 as sent;
            """)
            for seed in set(gate.POLICY_SEEDS) - {"recipients"}:
                connection.execute(f"create table reference.{seed} (key varchar)")
        return self

    def declare(self, *audiences: tuple[str, str]) -> None:
        with open_home(self.settings) as connection:
            connection.execute("delete from reference.audiences")
            for recipient, segment in audiences:
                connection.execute("insert into reference.audiences values ($1, $2)", [segment, recipient])

    def build(
        self,
        audiences: dict[tuple[str, str], dict[int, list[tuple[str, str]]]],
        *,
        denied: tuple[tuple[str, str], ...] = (),
        as_of: datetime = AS_OF,
    ) -> None:
        """Write what a dbt build would: who may leave with what, and the standing of what was sent."""
        pepper = self.settings.pepper_bytes
        with open_home(self.settings, vault=True) as connection:
            connection.execute("delete from activation.audience_identifiers")
            connection.execute("delete from marts.segment_members")
            for (recipient, segment), people in audiences.items():
                for number, identifiers in people.items():
                    person = PERSON.format(number)
                    connection.execute("insert into marts.segment_members values ($1, $2)", [segment, person])
                    for kind, value in identifiers:
                        key = identifier_key(pepper, kind, value)
                        connection.execute(
                            "insert into activation.audience_identifiers values ($1, $2, $3, $4, $5, 'DK', $6, [])",
                            [recipient, segment, person, key, kind, f"grant of {number}"],
                        )
            for kind, value in {one for people in audiences.values() for ids in people.values() for one in ids}:
                connection.execute(
                    "insert into vault.identifiers select identifier_key($1, $2), $1, $2, 1, now() "
                    "where not exists (from vault.identifiers where identifier_key = identifier_key($1, $2))",
                    [kind, value],
                )
            refused = [identifier_key(pepper, kind, value) for kind, value in denied]
            connection.execute(
                """
                create or replace table activation.sent_standings as
                select recipient, segment, identifier_key, any_value(person_id) as person_id,
                    not list_contains($1::varchar[], identifier_key) as is_permitted,
                    if(list_contains($1::varchar[], identifier_key), 'withdrawal', null) as event_id,
                    false as is_ending
                from (from ledger.sent_identifiers union all by name from ledger.unsettled_identifiers)
                group by all
                """,
                [refused],
            )
        self.answer_for(as_of)

    def answer_for(self, as_of: datetime) -> None:
        with open_home(self.settings) as connection:
            connection.execute("delete from activation.export_gate")
            connection.execute("insert into activation.export_gate values ($1, 0, 0, 0)", [as_of])

    def key(self, kind: str, value: str) -> str:
        return identifier_key(self.settings.pepper_bytes, kind, value)

    def rows(self, query: str) -> list[tuple]:
        with open_home(self.settings, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def tree(self) -> dict[str, bytes]:
        exports = self.settings.exports
        return {str(file.relative_to(exports)): file.read_bytes() for file in exports.rglob("*") if file.is_file()}
