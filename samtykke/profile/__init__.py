"""One person's profile by any identifier, in well under a millisecond, from what is published.

    from samtykke.profile import Profiles
    from samtykke.settings import load_settings

    with Profiles(load_settings()) as profiles:
        for profile in profiles.lookup("anna@example.com").profiles:
            print(profile.values["orders"], profile.masked)

What answers is written at publication from the marts and holds nothing that they mask; it knows identifiers by their
keys only. No run keeps a lookup waiting, and no lookup a run.
"""

from samtykke.explain.asked import UnreadableIdentifierError
from samtykke.explain.question import QuestionError
from samtykke.profile.lookup import Found, Profile, Profiles
from samtykke.profile.timeline import Touch, read_timeline

__all__ = ["Found", "Profile", "Profiles", "QuestionError", "Touch", "UnreadableIdentifierError", "read_timeline"]
