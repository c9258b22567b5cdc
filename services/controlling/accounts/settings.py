"""What decides about accounts wherever they are made or used."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AccountSettings(BaseSettings):
    """Whether accounts have passwords of their own."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, title="Settings"
    )

    production: bool = Field(
        default=False,
        validation_alias="GLEICHFALL_PRODUCTION",
        description="Accounts with a password of their own are refused.",
    )
