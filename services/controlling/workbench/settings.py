"""What the operator decides about the workbench."""

from datetime import timedelta
from pathlib import Path

from pydantic import AnyHttpUrl, Field

from services.controlling.accounts.settings import AccountSettings
from services.controlling.forms.catalogue import PACKAGED
from shared.service.settings import PageSettings, ProcessSettings, named


class Settings(ProcessSettings, PageSettings, AccountSettings):
    """Settings of the workbench; its own begin with `WORKBENCH_`."""

    model_config = named("WORKBENCH_")

    issuer: AnyHttpUrl | None = Field(
        default=None,
        description="Who signs people in (OpenID Connect), e.g. a realm of Keycloak; "
        "without it there are local accounts only.",
    )
    client_id: str = Field(default="gleichfall", description="What we are called there.")
    login_claim: str = Field(
        default="preferred_username",
        description="Which of the issuer's claims is the login of an account.",
    )
    url: AnyHttpUrl | None = Field(
        default=None,
        description="Where people find the workbench, as their browser sees it; "
        "without it, the address of the request.",
    )
    criteria_file: Path = Field(
        default=PACKAGED,
        validation_alias="GLEICHFALL_CRITERIA",
        description="What reviews ask; without it, what comes with the system.",
    )
    file_url: str | None = Field(
        default=None,
        pattern=r"https?://.+\{dataref\}.*",
        description="Where the Fachverfahren shows a file, with {dataref} in the place of its key; "
        "without it, the key is shown.",
    )
    idle: timedelta = Field(
        default=timedelta(minutes=30),
        gt=timedelta(),
        description="A session ends after so long without a request.",
    )
    longest: timedelta = Field(
        default=timedelta(hours=10),
        gt=timedelta(),
        description="A session ends after so long, whatever happens in it.",
    )

    @property
    def names(self) -> frozenset[str]:
        """By which names people call it: those of `url`, and what else the operator says."""
        named = () if self.url is None or self.url.host is None else (self.url.host,)
        return frozenset({*self.hosts, *named})
