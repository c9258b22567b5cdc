"""What the operator decides about controlling; everything comes from the environment."""

from datetime import timedelta
from pathlib import Path

from pydantic import AnyHttpUrl, Field, HttpUrl

from shared.configuration.places import POLICY, POLICY_VARIABLE
from shared.service.settings import PageSettings, ServiceSettings


class Settings(ServiceSettings, PageSettings):
    """Settings of the controlling service."""

    policy_file: Path = Field(
        default=POLICY,
        validation_alias=POLICY_VARIABLE,
        description="The sampling policy in force.",
    )
    production: bool = Field(
        default=False,
        validation_alias="GLEICHFALL_PRODUCTION",
        description="Periods with the clock of an invented authority are refused.",
    )
    periods_ahead: timedelta = Field(
        default=timedelta(days=35),
        ge=timedelta(days=2),
        le=timedelta(days=366),
        validation_alias="GLEICHFALL_PERIODS_AHEAD",
        description="How long before its first day a period is opened and its policy promised.",
    )
    time_stamp_url: HttpUrl | None = Field(
        default=None,
        validation_alias="GLEICHFALL_TIME_STAMP_URL",
        description="A time stamping service (RFC 3161) for commitments and heads, if any.",
    )
    time_stamp_certificate: Path | None = Field(
        default=None,
        validation_alias="GLEICHFALL_TIME_STAMP_CERTIFICATE",
        description="The certificate (PEM) under which its stamps must be signed.",
    )
    workbench_url: AnyHttpUrl | None = Field(
        default=None,
        validation_alias="WORKBENCH_URL",
        description="Where people find the workbench, as their browser sees it; "
        "without it, no public page leads there.",
    )
