"""What every process is told by its environment. Secrets are files, never settings."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import AliasGenerator, ByteSize, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.clock.judging import LONGEST_ABSENCE
from shared.configuration.places import ORGANISATION, ORGANISATION_VARIABLE
from shared.kafka.consumer import MAX_CONSECUTIVE_DEAD_LETTERS
from shared.kafka.settings import KafkaSettings
from shared.observe.log_level import VARIABLE, LogLevel
from shared.organisation.file import load_organisation
from shared.postgres.pool import Login
from shared.security.secrets import SecretStore
from shared.web.limits import UNKNOWN_PER_MINUTE, Limits

_LIMITS = Limits()


def named(prefix: str) -> SettingsConfigDict:
    """Give how settings of one's own are read: each by its whole name, which errors tell, too."""
    whole = AliasGenerator(validation_alias=lambda name: f"{prefix}{name.upper()}")
    return SettingsConfigDict(
        alias_generator=whole,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        title="Settings",
        validate_by_name=True,
    )


class ProcessSettings(BaseSettings):
    """Settings common to all processes; each adds its own, with its own prefix."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, validate_by_name=True
    )

    database_url: str = Field(
        validation_alias="DATABASE_URL",
        description="Server and database; user and password are the service's own.",
    )
    secrets_directory: Path = Field(validation_alias="GLEICHFALL_SECRETS_DIR")
    organisation_file: Path = Field(
        default=ORGANISATION,
        validation_alias=ORGANISATION_VARIABLE,
    )
    log_level: LogLevel = Field(default="INFO", validation_alias=VARIABLE)

    @property
    def secrets(self) -> SecretStore:
        """The folder of the secrets."""
        return SecretStore(self.secrets_directory)

    @property
    def time_zone(self) -> ZoneInfo:
        """Where the authority's days and weeks begin.

        Raises:
            OrganisationInvalid: the organisation file can't be used.
        """
        return load_organisation(self.organisation_file).jurisdiction.time_zone

    def login(self, process: str) -> Login:
        """Give what `process` signs in with at the database: its own role, its own password.

        Raises:
            SecretMissing: the role's password is not there.
            DatabaseUrlInvalid: DATABASE_URL can't be used.
        """
        return Login.of(self.database_url, process, self.secrets)


class PageSettings(BaseSettings):
    """By which names a process with pages answers."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, validate_by_name=True
    )

    hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        min_length=1,
        validation_alias="GLEICHFALL_HOSTS",
        description="A JSON list of the names, without port, by which browsers find its pages; "
        "behind a proxy, those that the proxy hands on.",
    )


class ConnectionSettings(BaseSettings):
    """What a connection may cost before anybody is known on it; `GLEICHFALL_HTTP_` of all."""

    model_config = named("GLEICHFALL_HTTP_")

    head_limit: ByteSize = Field(
        default=ByteSize(_LIMITS.head),
        ge=1024,
        description="Largest head of a request, in bytes: its first line and header fields.",
    )
    fields_limit: int = Field(
        default=_LIMITS.fields, ge=1, description="Header fields that a request may have."
    )
    head_time: timedelta = Field(
        default=_LIMITS.head_time,
        gt=timedelta(),
        description="From a connection's beginning, or a request's first byte, to its head's end.",
    )
    body_time: timedelta = Field(
        default=_LIMITS.body_time,
        gt=timedelta(),
        description="From the end of a request's head to the end of its body.",
    )
    answer_time: timedelta = Field(
        default=_LIMITS.answer_time,
        gt=timedelta(),
        description="How long a caller may take nothing of an answer.",
    )
    connections: int = Field(
        default=_LIMITS.connections,
        ge=1,
        description="Connections at once; those that wait longest make room for new ones.",
    )
    unknown_per_minute: int = Field(
        default=UNKNOWN_PER_MINUTE,
        ge=1,
        description="Calls from one address without a valid token or signature; whoever is known "
        "is never limited by it.",
    )

    @property
    def limits(self) -> Limits:
        """The same, as connections take them."""
        return Limits(
            head=self.head_limit,
            fields=self.fields_limit,
            head_time=self.head_time,
            body_time=self.body_time,
            answer_time=self.answer_time,
            connections=self.connections,
        )


class ServiceSettings(ProcessSettings, KafkaSettings):
    """Settings of a service that takes part in the spine."""

    instance: str | None = Field(
        default=None,
        pattern=r"[a-z0-9][a-z0-9.-]{0,62}",
        validation_alias="GLEICHFALL_INSTANCE",
        description="This process's name in its service, unique and kept over restarts: then its "
        "partitions wait for it instead of moving twice.",
    )
    longest_absence: timedelta = Field(
        default=LONGEST_ABSENCE,
        ge=timedelta(hours=1),
        validation_alias="GLEICHFALL_LONGEST_ABSENCE",
        description="How long nothing may have run; after that, what can't be undone waits until "
        "somebody says that the clock is right.",
    )
    max_dead_letters: int = Field(
        default=MAX_CONSECUTIVE_DEAD_LETTERS,
        ge=1,
        validation_alias="GLEICHFALL_MAX_DEAD_LETTERS",
        description="Records in a row of a partition that may be given up before a consumer stops.",
    )
