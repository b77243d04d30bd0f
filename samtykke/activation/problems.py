"""Why an audience could not be delivered, in words that hold no value of a row."""

from __future__ import annotations

from samtykke.activation.files import ExportFileError
from samtykke.activation.results import ProblemKind
from samtykke.activation.sending import DeliveryError
from samtykke.activation.targets import MissingCredentialsError
from samtykke.settings import ConfigurationError

_KINDS: tuple[tuple[type[Exception], ProblemKind], ...] = (
    (MissingCredentialsError, ProblemKind.CREDENTIALS),
    (ConfigurationError, ProblemKind.CONFIGURATION),
    (ExportFileError, ProblemKind.IDENTIFIERS),
)


def say(problem: Exception) -> str:
    """Return what a problem says, as far as our own words are in it: a library's may quote what it choked on."""
    if type(problem).__module__.partition(".")[0] == "samtykke":
        return str(problem)
    if isinstance(problem, OSError):
        return f"{type(problem).__name__}: {problem.strerror or 'no reason given'}"
    return f"unexpected {type(problem).__name__}"


def kind_of(problem: Exception) -> ProblemKind:
    """Return what there is to mend."""
    if isinstance(problem, DeliveryError) and problem.is_about_credentials:
        return ProblemKind.CREDENTIALS
    return next((kind for known, kind in _KINDS if isinstance(problem, known)), ProblemKind.DELIVERY)
