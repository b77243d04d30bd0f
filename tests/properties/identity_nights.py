"""A company whose records come, change and go night by night, and a home on which real dbt tells its people."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from tests.dbt_process import run_dbt
from tests.properties.identity_home import IdentityHome, Row, named

ROOT = Path(__file__).resolve().parents[2]
BEGINNING = datetime(2026, 6, 1)
SEEDS = {
    "identity_rules": "",
    "bot_user_agents": "",
    "consent_actions": "",
    "likeness_rules": ", types={'value': 'varchar'}",
    **dict.fromkeys(("link_purposes", "purposes"), ""),
    "source_priorities": "",
}
MODELS = ("path:models/intermediate/identity", "+path:models/intermediate/identity,path:models/staging")
RAW = (
    "contacts", "orders", "social_profiles", "conversations", "shares", "declared_interests", "page_views",
    "email_events",
)  # fmt: skip
# Given names by number: the first two may be one person's, the third is another's.
NAMES = (11, 12, 13)
# Other uses and the share of identifiers that permit one; the last is served by no link (seed link_purposes).
USES = {"analytics.behaviour": 0.7, "enrichment.social": 0.4, "special.health": 0.1}
_OWN_CLUSTER = "min(identifier_key) over (partition by cluster_id)"
# What is kept between builds, in words that hold for every build: numbers are drawn.
KEPT = {
    "claims": "select * exclude (record_number, identifier_number, identifier_set) from {}claims",
    "identifiers": "select * exclude (identifier_number) from {}identifiers",
    "shared_identifiers": "select s.* exclude (identifier_number), identifier_key from {}shared_identifiers as s "
    "join {}numbers using (identifier_number)",
    "linked_identifiers": "select identifier_key, link_kind, is_shared, "
    f"if(cluster_id is null, null, {_OWN_CLUSTER}) from {{}}linked_identifiers "
    "join {}numbers using (identifier_number)",
    "record_clusters": "select record_number, first_seen_at, "
    "if(cluster_id is null, record_number, min(record_number) over (partition by cluster_id)) from {}record_clusters",
    "alike_decisions": "select * exclude (node_a, node_b) from {}alike_decisions",
    "persons": "select * exclude (component_id, cluster_id), "
    "if(cluster_id is null, person_id, min(person_id) over (partition by cluster_id)) from {}persons",
    "conflict_identifiers": "select * exclude (identifier_number) from {}conflict_identifiers",
    **{
        name: f"select * from {{}}{name}"
        for name in (
            "conflicts", "contact_versions", "former_identifiers", "replaced_identifiers", "person_records",
            "person_aliases", "links", "record_parts", "limited_nodes", "person_identifiers", "person_links",
            "attribute_values", "person_attributes", "person_sizes", "core_parts", "use_parts", "withheld_records",
            "withheld_identifiers",
        )
    },
    **{
        f"told {name}": f"select * from told.identity_{name}"
        for name in ("deliveries", "rows", "facts", "fact_sums", "former", "names")
    },
    "told groups": "select record_key, min(record_key) over (partition by group_id) from told.identity_groups "
    "join {}records using (record_number)",
}  # fmt: skip


class Nights(IdentityHome):
    """A home whose nights are drawn.

    Args:
        folder: Where the home and dbt's files go.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "home", folder / "target")
        pairs = ", ".join(f"({a}, {b})" for a, b in (NAMES[:2], NAMES[1::-1]))
        with self.opened() as connection:
            connection.execute("create schema reference")
            for name, types in SEEDS.items():
                file = ROOT / "seeds" / f"{name}.csv"
                connection.execute(f"create table reference.{name} as from read_csv('{file}', header=true{types})")
            connection.execute(f"insert into raw.compatible_names values {pairs}")

    def night(self, night: int, *arguments: str, dies_after: str | None = None) -> None:
        """Tell people, as of the end of a night."""
        command = ["run", "--select", *MODELS, *arguments]
        variables = {"as_of": str(BEGINNING + timedelta(days=night + 1))}
        run_dbt(command, settings=self.settings, target=self._target, variables=variables, dies_after=dies_after)

    def kept(self) -> dict[str, list[str]]:
        """Everything that is kept, row by row."""
        place = "intermediate.int_identity__"
        with self.opened():
            return {name: sorted(map(repr, self.rows(sql.replace("{}", place)))) for name, sql in KEPT.items()}

    def told_anew(self) -> tuple[int, int]:
        """How many records the last build told anew, and how many there are."""
        ((anew, records),) = self.rows("select records_told, records from intermediate.int_identity__told")
        return anew, records

    def erase(self, where: str) -> None:
        """Delete raw rows of every entity by a condition that may not fit its columns, and identifiers nobody names."""
        for entity in RAW:
            columns = [name for (name,) in self.rows(f"select column_name from (describe raw.{entity})")]
            if where.split()[0] in columns:
                self.execute(f"delete from raw.{entity} where {where}")

    def forget_identifiers(self) -> None:
        """What no row names any more leaves, as the loader lets it."""
        keys = " union all ".join(
            f"select {name} from raw.{entity}"
            for entity in RAW
            for (name,) in self.rows(f"select column_name from (describe raw.{entity})")
            if name.endswith("_key") and name != "record_key"
        )
        self.execute(
            "delete from raw.identifiers "
            f"where identifier_key not in (select * from ({keys}) as k (k) where k is not null)"
        )
        self._known = {key for (key,) in self.rows("select identifier_key from raw.identifiers")}


def unequal(mine: dict[str, list[str]], wanted: dict[str, list[str]]) -> list[str]:
    """What one has and the other has not."""
    return [
        f"{name}, {how}: {row}"
        for name in wanted
        for how, rows in (
            ("too much", set(mine[name]) - set(wanted[name])),
            ("missing", set(wanted[name]) - set(mine[name])),
            ("repeated", {"another number of rows"} if len(mine[name]) != len(wanted[name]) else set()),
        )
        for row in sorted(rows)[:3]
    ]


class Company:
    """Draws what a night brings to small worlds that share no identifier but one that everybody names."""

    def __init__(self, chance: random.Random, worlds: int) -> None:
        self.chance = chance
        self.worlds = worlds
        self._drawn = 0

    def bring(self, home: Nights, night: int) -> None:
        """Deliver, change and take back; what is permitted changes too."""
        with home.opened():
            for entity, rows in self._delivered(night).items():
                home.add(entity, rows)
            if night:
                self._take_back(home)
            self._judge(home)

    def _delivered(self, night: int) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for world in range(self.worlds):
            for _ in range(self.chance.randrange(2, 7) if not night else self.chance.choice((0, 0, 0, 1))):
                entity, row = self._row(world, night)
                place = {"file_id": f"night {night}", "loaded_at": str(BEGINNING + timedelta(days=night, hours=20))}
                found.setdefault(entity, []).append({**place, **row})
        return found

    def _row(self, world: int, night: int) -> tuple[str, Row]:
        chance = self.chance
        self._drawn += 1
        moment = str(BEGINNING + timedelta(days=chance.randrange(-9, night + 2)))

        def key(kind: str, names: str) -> str:
            return f"{kind}/{world}{chance.choice(names)}"

        pool = [("crm_id", "12"), ("email", "abc"), ("phone", "pq"), ("nickname:forum", "x")]
        keys = [key(*one) for one in pool if chance.random() < 0.45] or [f"email/{world}a"]
        entity = chance.choices(RAW, (9, 3, 2, 1, 1, 1, 3, 1))[0]
        if entity == "contacts":
            row = named(
                *keys, record_key=f"contact {world}-{chance.randrange(4)}", source=chance.choice(("crm", "shop"))
            )
            row |= {
                "created_at": str(BEGINNING - timedelta(days=chance.randrange(3))),
                "country": chance.choice(("DK", "SE")),
            }
            row |= {"name_number": chance.choice((None, None, *NAMES))}
            row |= {"birth_date": chance.choice((None, None, None, "1970-01-01", "1999-09-09"))}
            if chance.random() < 0.5:
                row["updated_at"] = moment
            if chance.random() < 0.1:
                row["phone_key"] = chance.choice(("phone/blocked", "phone/everybody"))
            return entity, row
        login = chance.choice(keys)
        kind = login.split("/")[0]
        strong = [one for one in keys if not one.startswith("nickname")]
        if entity == "orders":
            return entity, named(*strong, source="shop", order_id=f"{world}-{chance.randrange(5)}", ordered_at=moment)
        if entity == "social_profiles":
            return entity, named(f"handle:x/{world}", *strong[1:], record_key=f"profile {world}-{chance.randrange(2)}",
                                 source="t", observed_at=moment)  # fmt: skip
        if entity == "conversations":
            return entity, {"source": "desk", "conversation_id": f"{world}-{chance.randrange(2)}", "opened_at": moment,
                            "identifier_kind": kind, "identifier_key": login}  # fmt: skip
        if entity == "shares":
            return entity, {"share_id": f"{world}-{chance.randrange(2)}", "created_at": moment, "identifier_kind": kind,
                            "identifier_key": login}  # fmt: skip
        if entity == "declared_interests":
            return entity, {"source": "form", "identifier_kind": kind, "identifier_key": login, "declared_at": moment}
        if entity == "page_views":
            event = f"view {self._drawn if chance.random() < 0.8 else world}"
            place = {"source": chance.choice((None, "app")), "event_id": event, "occurred_at": moment}
            return entity, named(key("cookie", "kl"), login_kind=kind, login_key=login, **place)
        return entity, named(key("email", "abc"), event_id=f"mail {world}-{chance.randrange(3)}", occurred_at=moment)

    def _take_back(self, home: Nights) -> None:
        """A file is replaced by less, a person erased, an identifier blocked."""
        chance = self.chance
        lines = "line_number % 3 = " + str(chance.randrange(3))
        if chance.random() < 0.5:
            home.erase(f"file_id = 'night {chance.randrange(2)}' and {lines}")
        for world in chance.sample(range(self.worlds), max(1, self.worlds // 12)):
            home.erase(f"email_key = 'email/{world}{chance.choice('abc')}'")
        home.forget_identifiers()
        if chance.random() < 0.5:
            world = chance.randrange(self.worlds)
            home.execute("update raw.identifiers set is_blocked = not is_blocked, block_reason = "
                         f"if(is_blocked, null, 'role_mailbox') where identifier_key = 'email/{world}b'")  # fmt: skip

    def _judge(self, home: Nights) -> None:
        """Who permits linking and who refuses it, what else is permitted, and which contacts are alike."""
        chance = self.chance
        keys = [key for (key,) in home.rows("select identifier_key from raw.identifiers order by 1")]
        refused = [key for key in keys if hash_of(key, chance) < 0.05]
        granted = [key for key in keys if key not in refused and hash_of(key, chance) < 0.8]
        uses = [
            (key, use) for key in keys for use, share in USES.items() if hash_of(f"{key} {use}", chance, 0.995) < share
        ]
        home.linking(granted=granted, refused=refused, uses=uses)
        contacts = [key for (key,) in home.rows("select distinct record_key from raw.contacts order by 1")]
        home.execute("delete from ledger.record_pairs")
        pairs = (
            sorted({tuple(sorted(chance.sample(contacts, 2))) for _ in range(self.worlds // 3)})
            if len(contacts) > 1
            else []
        )
        for a, b in pairs:
            home.execute(f"insert into ledger.record_pairs values ('{a}', '{b}', {chance.choice((2, 7, 12))}.0, "
                         "[{'comparison': 'born', 'level': 'equal', 'bits': 5.0}], 'weights')")  # fmt: skip


def hash_of(key: str, chance: random.Random, staying: float = 0.97) -> float:
    """A number for a key that stays the same for most keys from night to night."""
    return random.Random(key if chance.random() < staying else f"{key} {chance.random()}").random()
