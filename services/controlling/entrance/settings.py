"""What the operator decides about how people come in, at whichever process they do."""

from datetime import timedelta

from pydantic import AnyHttpUrl, Field
from pydantic_settings import SettingsConfigDict

from services.controlling.accounts.settings import AccountSettings
from shared.service.settings import PageSettings, ProcessSettings


class EntranceSettings(ProcessSettings, PageSettings, AccountSettings):
    """Settings of a process at which people sign in.

    Whoever has signed in at one is known at the others: what decides about that has one name.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, validate_by_name=True
    )

    issuer: AnyHttpUrl | None = Field(
        default=None,
        validation_alias="WORKBENCH_ISSUER",
        description="Who signs people in (OpenID Connect), e.g. a realm of Keycloak; "
        "without it there are local accounts only.",
    )
    client_id: str = Field(
        default="gleichfall",
        validation_alias="WORKBENCH_CLIENT_ID",
        description="What we are called there.",
    )
    login_claim: str = Field(
        default="preferred_username",
        validation_alias="WORKBENCH_LOGIN_CLAIM",
        description="Which of the issuer's claims is the login of an account.",
    )
    idle: timedelta = Field(
        default=timedelta(minutes=30),
        gt=timedelta(),
        validation_alias="WORKBENCH_IDLE",
        description="A session ends after so long without a request.",
    )
    longest: timedelta = Field(
        default=timedelta(hours=10),
        gt=timedelta(),
        validation_alias="WORKBENCH_LONGEST",
        description="A session ends after so long, whatever happens in it.",
    )
    url: AnyHttpUrl | None = Field(
        default=None,
        description="Where people find these pages, as their browser sees it; "
        "without it, the address of the request.",
    )

    @property
    def names(self) -> frozenset[str]:
        """By which names people call it: those of `url`, and what else the operator says."""
        named = () if self.url is None or self.url.host is None else (self.url.host,)
        return frozenset({*self.hosts, *named})
