"""Normal forms of identifiers and names: pure functions, no I/O.

Every function returns a ``Normalised`` pair: ``value`` is the normal form, or None with a ``reason``. A
reason is a fixed word that never repeats the input, so it may be counted, stored and logged.

The normal forms are what identifiers are keyed and joined by. They never merge on doubt: plus-tags and dots
of an e-mail address are kept, look-alike letters are refused. What an advertising platform wants is another
matter: see ``samtykke.hashing``. Placeholders (``noreply@…``) are valid here; blocking them is a step of its
own.
"""

from samtykke.normalise._email import email
from samtykke.normalise._handle import PLATFORMS, handle, platform_name
from samtykke.normalise._name import name, nickname
from samtykke.normalise._phone import PhoneFacts, phone, phone_facts
from samtykke.normalise.text import Normalised

__all__ = [
    "PLATFORMS",
    "Normalised",
    "PhoneFacts",
    "email",
    "handle",
    "name",
    "nickname",
    "phone",
    "phone_facts",
    "platform_name",
]
