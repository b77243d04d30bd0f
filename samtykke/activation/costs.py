"""What a change costs besides the change: requests, time, and what it sets off at the platform."""

from __future__ import annotations

from samtykke.activation.targets import Target


def cost_of(reached: Target | None, *, adds: int, removes: int, batches: int) -> tuple[str, ...]:
    """Return what a delivery costs, in words; nothing for files and for a delivery without rows.

    Args:
        reached: The recipient's interface; None where it gets files.
        adds: Rows to put in.
        removes: Rows to take out.
        batches: Requests that the platform's limits make of them.
    """
    if reached is None or not adds + removes:
        return ()
    interface = reached.interface
    rate = reached.delivery.requests_per_minute or interface.requests_per_minute
    time = f", {-(-batches // rate):,} minutes at its rate" if batches > rate else ""
    found = [f"{batches:,} request{'' if batches == 1 else 's'}{time}"]
    found += [text for mode, text in interface.effects if mode == reached.delivery.mode]
    if adds and interface.hours_between_adds:
        found.append(f"nothing more can be put in for {interface.hours_between_adds} hours")
    if interface.is_asynchronous:
        found.append("the platform answers later; nobody counts as there before")
    return tuple(found)
