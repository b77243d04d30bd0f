"""Meta Custom Audiences, customer list file.

Header as in the Ads Manager template (e-mail, phone, country; Meta asks for the country always). Values are
hashed here and not by the upload form. Source: Meta, Marketing API, Customer File Custom Audiences.
"""

from samtykke.activation.destinations.spec import Column, DestinationSpec

SPEC = DestinationSpec(
    name="meta",
    platform="meta",
    columns=(Column("email", "email"), Column("phone", "phone"), Column("country", "country")),
    identifier_kinds=("email", "phone"),
    matches_people=True,
)
