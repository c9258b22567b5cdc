"""What the operator decides about e-mail."""

from datetime import timedelta

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from services.notify.settings import OWN


class Settings(BaseSettings):
    """Settings of e-mail."""

    model_config = OWN

    smtp_url: str = Field(validation_alias="SMTP_URL")
    smtp_connections: int = Field(
        default=8, ge=1, le=200, description="Connections to the mail server per process."
    )
    dkim_selector: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        description="Signs mails with the key in dkim_rsa_pem, and is its selector unless the key "
        "has one with it; without this the mail server signs.",
    )
    bounce_mailbox: SecretStr | None = Field(
        default=None,
        description="`imaps://user:password@host/INBOX`: where mails that came back lie; without "
        "it nobody looks.",
    )
    bounce_pause: timedelta = Field(
        default=timedelta(minutes=1), gt=timedelta(), description="Between two looks into it."
    )
