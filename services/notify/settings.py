"""What the operator decides about notify."""

from datetime import timedelta

from pydantic import ByteSize, Field
from pydantic_settings import SettingsConfigDict

from shared.contacts.contact import EmailAddress
from shared.service.settings import ServiceSettings

_MEBIBYTE = 1024 * 1024


class Settings(ServiceSettings):
    """Settings of notify; its own begin with `NOTIFY_`."""

    model_config = SettingsConfigDict(env_prefix="NOTIFY_")

    smtp_url: str = Field(validation_alias="SMTP_URL")
    sender_address: EmailAddress | None = Field(
        default=None,
        description="Address in From; without it, the authority's address for applicants.",
    )
    smtp_connections: int = Field(
        default=8, ge=1, le=200, description="Connections to the mail server per process."
    )
    lease: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(minutes=3),
        description="How long a process may hold a message before another one takes it.",
    )
    body_limit: ByteSize = Field(
        default=ByteSize(8 * _MEBIBYTE), gt=0, description="Largest body of a request, in bytes."
    )
