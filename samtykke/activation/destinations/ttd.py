"""The Trade Desk in Europe: CRM data file of EUID's hashes.

People in the European Union are EUIDs, which share their rules with UID2 and nothing else (keys, hosts). A cell is the
digest's bytes in base64, not its hexadecimal digits. The interface answers encrypted, with a key and a client of its
own, so a file is the way here. A list needs 1,500 rows; what is not sent again is forgotten, at the latest after 180
days. Source: EUID documentation, Normalization and encoding; The Trade Desk, CRM data.
"""

from samtykke.activation.destinations.spec import Column, DestinationSpec

SPEC = DestinationSpec(
    name="ttd",
    platform="ttd",
    columns=(Column("email_hash", "email"), Column("phone_hash", "phone")),
    identifier_kinds=("email", "phone"),
    matches_people=True,
    min_matched=1_500,
    ttl_days_max=180,
)
