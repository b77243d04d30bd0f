"""How each recipient is reached: ``deliveries.yml`` of the project, secrets from the environment.

Who is not named there gets files. ::

    meta:
      transport: api
      options: {account: "1234567890"}
      audiences: {bought_jeans: "23850000000000001"}

Secrets are ``SAMTYKKE_SECRET_<RECIPIENT>_<NAME>`` and stand in no file, log or error.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samtykke.activation.destinations.spec import SFTP_INTERFACE, DestinationSpec, Interface
from samtykke.activation.http import Patience
from samtykke.settings import SECRET_PREFIX, ConfigurationError, Settings


class MissingCredentialsError(ConfigurationError):
    """A secret is not in the environment; the message names the variable."""


class Delivery(BaseModel):
    """How one recipient is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transport: Literal["file", "api", "sftp"] = Field(
        "file", description="Files only, or sent as well: to the platform's interface, or as files to an SFTP server."
    )
    base_url: str | None = Field(None, description="Where the interface is; default the platform's own.")
    mode: Literal["delta", "replace"] = Field("delta", description="Changes, or the platform's own full exchange.")
    options: dict[str, str | int | bool | list[str]] = Field(default_factory=dict, description="The platform's own.")
    audiences: dict[str, str] = Field(default_factory=dict, description="Segment to the platform's id of the list.")
    attempts: int = Field(5, ge=1, le=20, description="Attempts per request before the next run goes on.")
    timeout_seconds: float = Field(60.0, gt=0, description="How long one answer may take.")
    first_wait_seconds: float = Field(0.5, ge=0, description="The wait before the second attempt; it doubles.")
    requests_per_minute: int | None = Field(None, ge=1, description="Default: the platform's limit.")


class Target:
    """One recipient's delivery with its destination's facts and its secrets."""

    def __init__(self, recipient: str, spec: DestinationSpec, delivery: Delivery, secrets: Mapping[str, str]):
        self.recipient = recipient
        self.spec = spec
        self.delivery = delivery
        self._secrets = secrets

    @property
    def interface(self) -> Interface:
        if self.delivery.transport == "sftp":
            return SFTP_INTERFACE
        if self.spec.interface is None:
            raise ConfigurationError(f"{self.spec.name} has no interface; {self.recipient} can have files only")
        return self.spec.interface

    @property
    def base_url(self) -> str:
        return self.delivery.base_url or self.interface.base_url

    @property
    def patience(self) -> Patience:
        """How often and how long to try."""
        delivery = self.delivery
        return Patience(delivery.attempts, delivery.first_wait_seconds, timeout=delivery.timeout_seconds)

    @property
    def ttl_days(self) -> int | None:
        """How long the platform keeps a member that is not sent again; None if for ever.

        Raises:
            ConfigurationError: ``options.ttl_days`` is more than the platform allows, or no number of days.
        """
        longest = self.spec.ttl_days_max
        asked = self.delivery.options.get("ttl_days", self.interface.ttl_days)
        if asked is None:
            return longest
        if not str(asked).isdigit() or not 0 < int(asked) <= (longest or int(asked)):
            raise ConfigurationError(f"deliveries.yml: {self.recipient}: options.ttl_days must be 1 to {longest}")
        return int(asked)

    def secret(self, name: str) -> str:
        """Return a secret.

        Raises:
            MissingCredentialsError: It is not in the environment; the message names the variable.
        """
        variable = secret_variable(self.recipient, name)
        if not (value := self._secrets.get(variable)):
            raise MissingCredentialsError(f"{self.recipient}: set {variable}")
        return value

    def has_secret(self, name: str) -> bool:
        return bool(self._secrets.get(secret_variable(self.recipient, name)))

    def option(self, name: str, default: str | None = None) -> str:
        """Return an option of ``deliveries.yml`` as text.

        Raises:
            ConfigurationError: It is not there and there is no default.
        """
        value = self.delivery.options.get(name, default)
        if value is None or value == "":
            raise ConfigurationError(f"deliveries.yml: {self.recipient} needs options.{name}")
        return str(value)

    def has_option(self, name: str) -> bool:
        return bool(self.delivery.options.get(name))

    def list_id(self, segment: str) -> str:
        """Return the platform's id of a segment's list; the segment's name where the platform needs no list.

        Raises:
            ConfigurationError: The segment has none.
        """
        if segment in self.delivery.audiences:
            return self.delivery.audiences[segment]
        if self.interface.needs_list:
            raise ConfigurationError(f"deliveries.yml: {self.recipient} needs audiences.{segment}")
        return segment

    def missing_secrets(self) -> list[str]:
        """Return the environment variables that are not set."""
        return [secret_variable(self.recipient, name) for name in self.interface.secrets if not self.has_secret(name)]

    def missing(self) -> list[str]:
        """Return what is not configured or installed, each as the name to set."""
        options = [f"options.{name}" for name in self.interface.options if not self.has_option(name)]
        extra, module = self.interface.extra or ("", "")
        lacking = [f"the extra samtykke[{extra}]"] if extra and find_spec(module) is None else []
        return self.missing_secrets() + options + lacking


def secret_variable(recipient: str, name: str) -> str:
    """Return the environment variable of a recipient's secret."""
    return f"{SECRET_PREFIX}{recipient.upper().replace('-', '_')}_{name.upper()}"


def read_deliveries(settings: Settings) -> dict[str, Delivery]:
    """Return how each recipient is reached; none named where there is no file.

    Raises:
        ConfigurationError: The file cannot be read as what it must be; the message names the place, no value.
    """
    file = settings.deliveries_file
    if not file.exists():
        return {}
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ConfigurationError(f"{file.name} is no valid YAML") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file.name} must hold one entry per recipient")
    # YAML keeps the last of two, and who wrote the first believes in it
    named = Counter(str(key.value) for key, _ in node.value)
    if twice := sorted(name for name, count in named.items() if count > 1):
        raise ConfigurationError(f"{file.name}: {twice[0]} stands there twice")
    deliveries = {}
    for recipient, entry in content.items():
        try:
            deliveries[str(recipient)] = Delivery.model_validate({} if entry is None else entry)
        except ValidationError as problem:
            said = "; ".join(
                ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"])))
                for one in problem.errors(include_input=False)
            )
            raise ConfigurationError(f"{file.name}: {recipient}: {said}") from None
    return deliveries


def target(settings: Settings, recipient: str, spec: DestinationSpec) -> Target | None:
    """Return how a recipient is reached without a file; None if it gets files.

    Raises:
        ConfigurationError: Its destination has no interface, no such mode, or ``deliveries.yml`` cannot be read.
    """
    delivery = read_deliveries(settings).get(recipient)
    if delivery is None or delivery.transport == "file":
        return None
    found = Target(recipient, spec, delivery, os.environ)
    if delivery.mode not in found.interface.modes:
        raise ConfigurationError(f"deliveries.yml: {recipient}: {spec.name} has no mode {delivery.mode}")
    return found
