"""What a process tells Prometheus of itself, as far as people look at it one by one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deploy.standing.series import Series

_VERSION = "gleichfall_build_info"
_READ = "gleichfall_consumer_records_total"
_LAG, _LAG_AGE = "gleichfall_consumer_lag_records", "gleichfall_consumer_lag_age_seconds"
_SECRETS = "gleichfall_secret_changed_timestamp_seconds"
_CERTIFICATES = "gleichfall_certificate_ends_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a process tells of itself.

    Attributes:
        version: The release that runs.
        reads: Whether it is there to read events at all.
        lag: Records that wait for it in Kafka; None: it reads nothing there now.
        lag_age: How long the oldest of them has been seen waiting.
        secrets: When the file of each secret that it may read was changed last.
        certificates: Until when each certificate that it uses is valid.
    """

    version: str | None
    reads: bool
    lag: int | None
    lag_age: timedelta | None
    secrets: Mapping[str, datetime]
    certificates: Mapping[str, datetime]


def figures(told: Series) -> Figures:
    """Put together what a process tells of itself."""
    lags = [sample.value for sample in told.get(_LAG, ())]
    ages = [sample.value for sample in told.get(_LAG_AGE, ())]
    versions = [sample.labels["version"] for sample in told.get(_VERSION, ())]
    return Figures(
        version=next(iter(versions), None),
        reads=bool(told.get(_READ)),
        lag=int(sum(lags)) if lags else None,
        lag_age=timedelta(seconds=max(ages)) if ages else None,
        secrets=_moments(told, _SECRETS, "secret"),
        certificates=_moments(told, _CERTIFICATES, "certificate"),
    )


def _moments(told: Series, name: str, label: str) -> dict[str, datetime]:
    return {
        sample.labels[label]: datetime.fromtimestamp(sample.value, UTC)
        for sample in told.get(name, ())
    }
