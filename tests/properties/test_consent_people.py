"""From identifiers to people: grants travel over no link, withdrawals over every one."""

from __future__ import annotations

import uuid
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.consent_histories import WORLD, batches, telling_moments
from tests.properties.consent_oracle import History, Key, decide
from tests.properties.consent_sql import AS_OF, ConsentModels
from tests.properties.test_consent_decision import BATCHES, proving

FOREVER = datetime(2027, 1, 1)
EXITS: dict[str, Key] = {
    "meta": ("advertising.audience", "ads_audience", "meta"),
    "google": ("advertising.audience", "ads_audience", "google"),
    "mailer": ("marketing.direct", "email", None),
    "texter": ("marketing.direct", "sms", None),
}
USES: dict[str, Key] = {
    purpose: (purpose, None, None) for purpose in ("enrichment.social", "analytics.behaviour", "service")
}


def person_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def permits(history: History, key: Key) -> bool:
    return decide(WORLD, history, key, AS_OF, FOREVER).is_permitted


def denies(history: History, key: Key) -> bool:
    """A no that is in force, or that is known and yet to begin."""
    moments = [AS_OF, *(moment for moment in telling_moments(history) if moment > AS_OF)]
    return bool(history.erased_at) or any(decide(WORLD, history, key, at, FOREVER).holds_negative for at in moments)


@proving(BATCHES // 4)
@given(batch=batches(30), owners=st.lists(st.integers(1, 12), min_size=30, max_size=30), grouped=st.booleans())
def test_people_may_be_used_and_sent_as_the_rules_say(
    models: ConsentModels, batch: list[History], owners: list[int], grouped: bool
) -> None:
    if not grouped:  # everybody alone: what a split gives back
        owners = list(range(1, 31))
    people: dict[int, list[History]] = {}
    for history, owner in zip(batch, owners, strict=True):
        people.setdefault(owner, []).append(history)
    models.load(WORLD, batch)
    models.insert(
        "intermediate.int_identity__person_identifiers",
        [
            {"person_id": str(person_id(owner)), "identifier_key": history.identifier, "identifier_kind": "email",
             "is_blocked": False, "is_shared": False}
            for owner, histories in people.items() for history in histories
        ],
    )  # fmt: skip
    models.connection.execute("""
        insert into intermediate.int_identity__person_links
        select person_id, identifier_key, true from intermediate.int_identity__person_identifiers
    """)
    models.build()

    exits = {
        (identifier, recipient): permitted
        for identifier, recipient, permitted in models.query(
            "select identifier_key, recipient, is_permitted from intermediate.int_consent__exit_permissions"
        )
    }
    uses = {
        (person, purpose): permitted
        for person, purpose, permitted in models.query(
            "select person_id, purpose, is_permitted from intermediate.int_consent__person_permissions"
        )
    }
    for owner, histories in people.items():
        for recipient, key in EXITS.items():
            denied = any(denies(history, key) for history in histories)
            for history in histories:
                expected = permits(history, key) and not denied
                assert exits[history.identifier, recipient] == expected, (recipient, histories)
        for purpose, key in USES.items():
            expected = not any(denies(h, key) for h in histories) and (
                purpose == "service" or any(permits(h, key) for h in histories)
            )
            assert uses[person_id(owner), purpose] == expected, (purpose, histories)
