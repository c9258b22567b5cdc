"""What the operator decides about SMS."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings

from services.notify.settings import OWN


class SmsGateway(BaseModel):
    """One SMS gateway; its secrets stand under its name in `sms_gateways`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    url: str = Field(description="Messages are posted to `messages` below it.")
    weight: int = Field(
        default=50, ge=0, le=100, description="Its share of the SMS, in calm times."
    )
    parts_per_minute: int = Field(default=3_000, ge=60, description="What it takes at most.")


class Settings(BaseSettings):
    """Settings of SMS."""

    model_config = OWN

    sms_gateways: tuple[SmsGateway, ...] = Field(
        default=(),
        max_length=2,
        description="Who carries SMS: a JSON list; with two, each takes over from the other. "
        "Without any, nothing leaves by SMS.",
    )
    sms_connections: int = Field(
        default=8, ge=1, le=200, description="SMS handed over at once per process."
    )
    sms_quiet_hours: bool = Field(
        default=True,
        description="Let no SMS ring at night, on Sundays and on days off, unless its message says "
        "why. False only where no phone rings: with invented people.",
    )
    url: str | None = Field(
        default=None, description="Where SMS gateways reach this service with their reports."
    )

    @model_validator(mode="after")
    def _gateways_can_report(self) -> Self:
        if self.sms_gateways and self.url is None:
            raise ValueError("NOTIFY_SMS_GATEWAYS needs NOTIFY_URL, for reports of delivery")
        return self
