"""Take from a published profile what was withdrawn since: the same groups, with the same kind of reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from samtykke.profile_withheld import Withheld

MASKED_REASON = "_masked_reason"
# What a device or a social name says of a person is said under these; everything that finds needs the contract.
_FOUND_UNDER = {"handle": "enrichment.social", "cookie": "identity.linking", "mobile_ad_id": "identity.linking"}
_ALWAYS = "service"
_LINKING = "identity.linking"
# Lists to which several uses contributed, each under its own permission (labelled gated_rows): what of it rested on a
# use that was withdrawn is known tonight.
_MIXED = ("interests", "interest_names")


def is_found_by(identifier_kind: str | None, withheld: Withheld) -> bool:
    """Tell whether an identifier still finds its person; a person_id (kind None) always does."""
    if identifier_kind is None:
        return True
    needed = {_ALWAYS, _FOUND_UNDER.get(identifier_kind.partition(":")[0], _ALWAYS)}
    return needed.isdisjoint(withheld.closed)


def closed_profile(
    values: Mapping[str, Any], needs: Mapping[str, Sequence[str] | None], withheld: Withheld
) -> dict[str, Any]:
    """Return a profile without what is withheld.

    Args:
        values: By column, as published.
        needs: The purposes each column needs; None where nobody noted them, then whatever is closed closes it.
        withheld: What was withdrawn.
    """
    # whatever may not serve the contract may serve nothing else
    everything = _ALWAYS if _ALWAYS in withheld.closed else _linked_by_a_withdrawn_permission(values, withheld)
    withdrawn = [purpose for purpose in withheld.closed if purpose in (values.get("permitted_uses") or ())]
    shown: dict[str, Any] = {}
    for group, columns in _groups(values):
        if group is None:
            permitted = {name: _lowered(values[name], withheld.consent.get(name)) for name in columns}
            shown |= permitted | {"person_id": withheld.person_id}
            continue
        closing = everything or _closing(columns, needs, withheld)
        if not closing and withdrawn and not set(_MIXED).isdisjoint(columns):
            closing = withdrawn[0]
        if values[group] is None and closing:
            shown |= {group: f"{closing}: {withheld.closed[closing]}", **dict.fromkeys(columns)}
        else:
            shown |= {group: values[group], **{name: values[name] for name in columns}}
    return shown


def _groups(values: Mapping[str, Any]) -> Iterator[tuple[str | None, list[str]]]:
    """Yield each group's reason and its columns; what stands before the first is the consent that holds for all."""
    group, columns = None, []
    for name in values:
        if name.endswith(MASKED_REASON):
            yield group, columns
            group, columns = name, []
        else:
            columns.append(name)
    yield group, columns


def _closing(columns: Sequence[str], needs: Mapping[str, Sequence[str] | None], withheld: Withheld) -> str | None:
    """Return the first purpose that the group's columns need and that is closed."""
    for name in columns:
        needed = needs.get(name)
        for purpose in withheld.closed if needed is None else needed:
            if purpose in withheld.closed:
                return purpose
    return None


def _linked_by_a_withdrawn_permission(values: Mapping[str, Any], withheld: Withheld) -> str | None:
    """Whose sources were linked is somebody else in each of them tonight; what is whose is known only then."""
    were_linked = len(values.get("sources") or ()) > 1 and _LINKING in (values.get("permitted_uses") or ())
    return _LINKING if were_linked and _LINKING in withheld.closed else None


def _lowered(published: Any, now: Any) -> Any:
    """Of what was permitted then only what is permitted now, too."""
    if isinstance(published, list):
        return [one for one in published if one in (now or ())]
    if isinstance(published, bool):
        return published and bool(now)
    return now
