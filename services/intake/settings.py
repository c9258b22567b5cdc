"""What the operator decides about intake."""

from datetime import timedelta

from pydantic import AnyHttpUrl, ByteSize, Field

from shared.service.settings import ServiceSettings, named

_MEBIBYTE = 1024 * 1024


class Settings(ServiceSettings):
    """Settings of intake; its own begin with `INTAKE_`."""

    model_config = named("INTAKE_")

    notify_url: AnyHttpUrl = Field(validation_alias="NOTIFY_URL")
    body_limit: ByteSize = Field(
        default=ByteSize(8 * _MEBIBYTE), gt=0, description="Largest body of a request, in bytes."
    )
    future_tolerance: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(),
        description="How far the clock of a source system may be ahead of ours.",
    )
    events_per_second: int = Field(
        default=50_000,
        ge=1,
        description="Events, or contacts, that one source system may send to one process.",
    )
    outbox_limit: int = Field(
        default=500_000,
        ge=1,
        description="Events that may wait for Kafka; beyond it, senders are asked to wait.",
    )
