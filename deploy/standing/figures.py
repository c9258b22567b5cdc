"""What a process tells Prometheus of itself, as far as people look at it one by one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

_VERSION = "gleichfall_build_info"
_READ = "gleichfall_consumer_records"
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


def read(text: str) -> Figures | None:
    """Read the figures of a process; None: these aren't figures."""
    try:
        families = {one.name: one for one in text_string_to_metric_families(text)}
    except ValueError:
        return None
    lags = [sample.value for sample in _samples(families, _LAG)]
    ages = [sample.value for sample in _samples(families, _LAG_AGE)]
    versions = [sample.labels["version"] for sample in _samples(families, _VERSION)]
    return Figures(
        version=next(iter(versions), None),
        reads=any(_samples(families, _READ)),
        lag=int(sum(lags)) if lags else None,
        lag_age=timedelta(seconds=max(ages)) if ages else None,
        secrets=_moments(families, _SECRETS, "secret"),
        certificates=_moments(families, _CERTIFICATES, "certificate"),
    )


def _samples(families: Mapping[str, Metric], name: str) -> Iterable[Sample]:
    return families[name].samples if name in families else ()


def _moments(families: Mapping[str, Metric], name: str, label: str) -> dict[str, datetime]:
    return {
        sample.labels[label]: datetime.fromtimestamp(sample.value, UTC)
        for sample in _samples(families, name)
    }
