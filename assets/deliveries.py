"""What leaves: one asset per audience and recipient, one step per recipient's account, guards as checks.

A step never fails for what a platform does: that is a failed check of its audience, and the ledger, the marts behind
it and the other recipients go on (decision 7).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from assets.context import Home, retried
from assets.delivery_metadata import GUARDS, audience_metadata, needs_table, recipient_metadata, verdicts_of
from assets.groups import EXPORTS, owner
from samtykke.activation import guards
from samtykke.activation.accounts import Account
from samtykke.activation.export import deliver_or_withdraw
from samtykke.activation.results import Scope
from samtykke.activation.sent import undeclared_recipients
from samtykke.lineage.show import Needs

DECLARED_CHECK = "who_holds_people_is_declared"
_GATE = dg.AssetKey(["activation", "export_gate"])
_READ = (_GATE, dg.AssetKey(["activation", "audience_identifiers"]), dg.AssetKey(["activation", "sent_standings"]))
_RECIPIENTS = dg.AssetKey(["reference", "recipients"])


def recipient_key(recipient: str) -> dg.AssetKey:
    """The recipient as a whole: its folder of files, all its audiences."""
    return dg.AssetKey(["exports", recipient])


def audience_key(recipient: str, segment: str) -> dg.AssetKey:
    return dg.AssetKey(["exports", recipient, segment])


def ledger_key(recipient: str) -> dg.AssetKey:
    """What the ledger says the recipient holds: true whatever failed, so what tells of exports is built behind it."""
    return dg.AssetKey(["ledger", f"exports_to_{recipient}"])


def build_deliveries(
    *, accounts: Sequence[Account], segments: Mapping[str, Sequence[str]], gate: Sequence[dg.AssetKey], needs: Needs
) -> dg.Definitions:
    """Return the assets and guards of all recipients.

    Args:
        accounts: Every declared recipient; one without a segment may still hold people.
        segments: The segments that go to each recipient.
        gate: Everything the exit gate decides; no recipient is delivered before its checks have passed.
        needs: The purposes that each segment needs.
    """
    return dg.Definitions(
        assets=[_delivery(account, segments.get(account.recipient, ()), gate, needs) for account in accounts],
        asset_checks=[_guards({account.recipient: segments.get(account.recipient, ()) for account in accounts})],
    )


def _delivery(
    account: Account, segments: Sequence[str], gate: Sequence[dg.AssetKey], needs: Needs
) -> dg.AssetsDefinition:
    recipient = account.recipient

    @dg.multi_asset(
        name=f"deliver_to_{recipient.replace('-', '_')}",
        specs=_specs(account, segments, gate, needs),
        can_subset=True,
        pool=account.pool,
        description=f"What should be at {account.title} against what the ledger says is there: removals first.",
    )
    def delivery(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
        selected = context.selected_asset_keys
        chosen = {(recipient, segment) for segment in segments if audience_key(recipient, segment) in selected}
        only = {(recipient, None)} if recipient_key(recipient) in selected else chosen
        scope = Scope(only=frozenset(only), allow_mass_removal=home.allow_mass_removal or None)
        with retried():
            results = deliver_or_withdraw(home.settings, as_of=_moment(context, home), scope=scope)
        by_segment = {result.segment: result for result in results}
        for segment in segments:
            if audience_key(recipient, segment) in selected:
                yield dg.MaterializeResult(
                    asset_key=audience_key(recipient, segment),
                    metadata=audience_metadata(by_segment[segment], home.settings),
                )
        if recipient_key(recipient) in selected:
            yield dg.MaterializeResult(
                asset_key=recipient_key(recipient), metadata=recipient_metadata(results, home.settings)
            )
        if ledger_key(recipient) in selected:
            yield dg.MaterializeResult(asset_key=ledger_key(recipient))

    return delivery


def _moment(context: dg.AssetExecutionContext, home: Home) -> Any:
    """The run's moment; that of the audiences where a run delivers without having built them."""
    chosen = context.run.asset_selection
    return home.moment if chosen is None or _GATE in chosen else None


def _specs(account: Account, segments: Sequence[str], gate: Sequence[dg.AssetKey], needs: Needs) -> list[dg.AssetSpec]:
    recipient = account.recipient
    shared: dict[str, Any] = {
        "group_name": f"{EXPORTS}_{recipient.replace('-', '_')}",
        "owners": [owner(EXPORTS)],
        "kinds": {"python", account.export_format},
        "skippable": True,
    }
    audiences = [audience_key(recipient, segment) for segment in segments]
    return [
        *(
            dg.AssetSpec(
                key=audience_key(recipient, segment),
                deps=[*_READ, dg.AssetKey(["segments", segment])],
                description=f"The audience {segment} at {account.title}: what was added, removed and refreshed there.",
                metadata={"derived_purposes": ", ".join(needs.get(segment) or ()) or "none can be derived"},
                **shared,
            )
            for segment in segments
        ),
        dg.AssetSpec(
            key=recipient_key(recipient),
            deps=[*gate, dg.AssetKey(["marts", "customer_profile"]), *audiences],
            description=f"Everything that {account.title} was to get in this run: one row per audience, retired ones "
            "included.",
            metadata={"derived_purposes": needs_table({segment: needs.get(segment) for segment in segments})},
            **shared,
        ),
        dg.AssetSpec(
            key=ledger_key(recipient),
            deps=audiences,
            description=f"The ledger's entries about {account.title}: builds, rows and batches, with what became of "
            "them. Written whatever fails.",
            **shared,
        ),
    ]


def _guards(segments: Mapping[str, Sequence[str]]) -> dg.AssetChecksDefinition:
    """One step that says what the guards found, behind all deliveries: nothing waits for it, and it fails the run."""
    owners = {
        **{recipient_key(recipient): guards.OF_A_RECIPIENT for recipient in segments},
        **{audience_key(name, segment): guards.OF_AN_AUDIENCE for name, own in segments.items() for segment in own},
    }

    @dg.multi_asset_check(
        name="guard_deliveries",
        specs=[
            dg.AssetCheckSpec(name, asset=key, blocking=True, description=text)
            for key, own in owners.items()
            for name, text in own.items()
        ]
        + [
            dg.AssetCheckSpec(
                DECLARED_CHECK,
                asset=_RECIPIENTS,
                description="Who still holds people of ours is a recipient: else nobody takes them back.",
            )
        ],
        can_subset=True,
        description="What the guards of every delivery found.",
    )
    def check(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        selected = context.selected_asset_check_keys
        for key in owners:
            wanted = {one.name for one in selected if one.asset_key == key}
            found = verdicts_of(context.instance.get_latest_materialization_event(key)) if wanted else []
            for verdict in found:
                if verdict.guard in wanted:
                    yield _check_result(key, verdict)
        if dg.AssetCheckKey(_RECIPIENTS, DECLARED_CHECK) in selected:
            with home.open(read_only=True) as connection:
                strangers = undeclared_recipients(connection)
            yield dg.AssetCheckResult(
                asset_key=_RECIPIENTS,
                check_name=DECLARED_CHECK,
                passed=not strangers,
                description=f"{', '.join(strangers)} hold people and are declared no more; declare them in "
                "seeds/recipients.csv until they are taken back"
                if strangers
                else "everybody who holds people is declared",
            )
            if strangers:
                raise dg.Failure(f"{', '.join(strangers)} hold people and are declared no more", allow_retries=False)

    return check


def _check_result(key: dg.AssetKey, verdict: guards.Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=verdict.guard,
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.ERROR if verdict.is_error else dg.AssetCheckSeverity.WARN,
        description=verdict.says,
    )


__all__ = ["DECLARED_CHECK", "GUARDS", "audience_key", "build_deliveries", "ledger_key", "recipient_key"]
