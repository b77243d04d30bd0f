"""Google Customer Match, customer list file.

The template's header is kept whole; names, country and postal code stay blank, because an address is used
only when all four of its fields are given and this product needs no address. Source: Google Ads help, Format
your customer data file; Data Manager API, Formatting.
"""

from samtykke.activation.destinations.spec import Column, DestinationSpec

SPEC = DestinationSpec(
    name="google",
    platform="google",
    columns=(
        Column("Email", "email"),
        Column("Phone", "phone"),
        Column("First Name"),
        Column("Last Name"),
        Column("Country"),
        Column("Zip"),
    ),
    identifier_kinds=("email", "phone"),
    matches_people=True,
)
