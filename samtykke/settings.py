"""One typed settings object. Environment variables ``SAMTYKKE_*``; defaults that run; unknown names are errors."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SAMTYKKE_"
# What lets us into a recipient's interface: SAMTYKKE_SECRET_<RECIPIENT>_<NAME>. Never a field: a field is printed.
SECRET_PREFIX = "SAMTYKKE_SECRET_"
# Read by the test-suite only (tests/conftest.py), so that a shell that runs the tests may also run the tool.
_FOREIGN = {"SAMTYKKE_REAL_DATA"}


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message names the variable and the remedy."""


class Settings(BaseSettings):
    """Where things are and which company this is.

    Every field is an environment variable with the prefix ``SAMTYKKE_``, for example ``SAMTYKKE_HOME``.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(Path("var"), description="Folder that holds everything a run writes.")
    landing: Path | None = Field(None, description="Drop folder; default <home>/landing.")
    project: Path = Field(
        Path(__file__).resolve().parent.parent, description="Folder of dbt_project.yml, seeds/ and mappings/."
    )
    pepper: SecretStr | None = Field(None, description="Secret of the identifier keys; else <home>/pepper.key.")
    controller: str = Field("company", description="Id of the company that is the controller.")
    controller_name: str | None = Field(None, description="Its name, for consent records and receipts.")
    controller_address: str | None = Field(None, description="Its postal address, likewise.")
    controller_contact: str | None = Field(None, description="Where a person reaches it, likewise: URL or e-mail.")
    country: str = Field("DK", pattern="^[A-Z]{2}$", description="Default region of phone numbers, alpha-2.")
    timezone: str = Field("Europe/Copenhagen", description="The company's time zone (schedule, calendar days).")
    nightly_cron: str = Field("15 3 * * *", description="When the nightly run starts, cron, in the company's zone.")
    memory_limit: str = Field("4GB", description="DuckDB's memory limit.")
    threads: int = Field(2, ge=1, description="DuckDB's threads.")
    settle_seconds: float = Field(2.0, ge=0, description="A file is read once it is this old and stops changing.")
    max_quarantine_share: float = Field(
        0.5, ge=0, le=1, description="A file with a larger share of quarantined rows blocks the run."
    )

    environment: Literal["development", "production"] = Field(
        "development", description="In production the nightly run sends to interfaces; elsewhere it plans only."
    )
    deliveries: Path | None = Field(
        None, description="How recipients are reached; default deliveries.yml of the project."
    )
    max_removal_share: float = Field(
        0.3, ge=0, le=1, description="A larger share of an audience does not leave it in one run unasked."
    )
    consent_max_age_hours: float | None = Field(
        None,
        gt=0,
        description="With no consent file loaded for longer than this, only withdrawals leave; default: no limit.",
    )
    allow_mass_removal: bool = Field(False, description="Let it leave.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError):
            raise ValueError("not a time zone of the IANA database, for example Europe/Copenhagen") from None
        return value

    @field_validator("home", "landing", "project", "deliveries")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().resolve() if value is not None else None

    @property
    def drop_folder(self) -> Path:
        return self.landing or self.home / "landing"

    @property
    def deliveries_file(self) -> Path:
        return self.deliveries or self.project / "deliveries.yml"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.duckdb"

    @property
    def vault(self) -> Path:
        return self.home / "vault.duckdb"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def spill(self) -> Path:
        """DuckDB's temporary directory: spill files hold clear text, so it is private and emptied by every run."""
        return self.home / "spill"

    @cached_property
    def pepper_bytes(self) -> bytes:
        """The HMAC secret: ``SAMTYKKE_PEPPER``, or a file of the home drawn once and readable by its owner only."""
        if self.pepper is not None:
            return self.pepper.get_secret_value().encode()
        file = self.home / "pepper.key"
        if not file.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_hex(32))
        return file.read_text().strip().encode()


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment.

    Args:
        overrides: Values that win over the environment; None means not given.

    Raises:
        ConfigurationError: An unknown ``SAMTYKKE_*`` variable or an invalid value.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | _FOREIGN
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(SECRET_PREFIX)
    )
    if unknown:
        raise ConfigurationError(f"unknown setting {', '.join(unknown)}; known: {', '.join(sorted(known - _FOREIGN))}")
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValueError as error:
        problems = getattr(error, "errors", lambda **_: [])(include_input=False)
        if not problems:
            raise ConfigurationError(str(error)) from None
        text = "; ".join(f"{PREFIX}{'_'.join(map(str, p['loc'])).upper()}: {p['msg']}" for p in problems)
        raise ConfigurationError(text) from None
