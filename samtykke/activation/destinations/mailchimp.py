"""Mailchimp, contact import file.

A contact is an address, in clear. ``remove.csv`` is for archiving contacts; neither file is ever to be
imported with a status that subscribes somebody anew, which would lift an unsubscription. Source: Mailchimp,
Format guidelines for your import file.
"""

from samtykke.activation.destinations.spec import Column, DestinationSpec

SPEC = DestinationSpec(
    name="mailchimp",
    platform="mailchimp",
    columns=(Column("Email Address", "email"),),
    identifier_kinds=("email",),
    matches_people=False,
)
