"""What a process tells Prometheus is read as it was told."""

from datetime import UTC, datetime, timedelta

from deploy.standing.figures import Figures, figures
from deploy.standing.series import read

TOLD = """
# TYPE gleichfall_build_info gauge
gleichfall_build_info{version="1.2.3",python="3.11.7"} 1.0
# TYPE gleichfall_consumer_records_total counter
gleichfall_consumer_records_total{topic="case-events",outcome="applied"} 0.0
# TYPE gleichfall_consumer_lag_records gauge
gleichfall_consumer_lag_records{topic="case-events",partition="0"} 7.0
gleichfall_consumer_lag_records{topic="case-events",partition="1"} 5.0
# TYPE gleichfall_consumer_lag_age_seconds gauge
gleichfall_consumer_lag_age_seconds{topic="case-events",partition="0"} 90.0
gleichfall_consumer_lag_age_seconds{topic="case-events",partition="1"} 0.0
# TYPE gleichfall_secret_changed_timestamp_seconds gauge
gleichfall_secret_changed_timestamp_seconds{secret="pseudonym_key"} 1.7e+09
# TYPE gleichfall_certificate_ends_timestamp_seconds gauge
gleichfall_certificate_ends_timestamp_seconds{certificate="kafka_ours"} 1.8e+09
"""


def told(text: str) -> Figures:
    series = read(text)
    assert series is not None
    return figures(series)


def test_what_a_consumer_tells_is_put_together() -> None:
    assert told(TOLD) == Figures(
        version="1.2.3",
        reads=True,
        lag=12,
        lag_age=timedelta(seconds=90),
        secrets={"pseudonym_key": datetime.fromtimestamp(1_700_000_000, UTC)},
        certificates={"kafka_ours": datetime.fromtimestamp(1_800_000_000, UTC)},
    )


def test_who_reads_nothing_has_no_lag() -> None:
    assert told("") == Figures(None, False, None, None, {}, {})


def test_a_consumer_that_has_stopped_is_still_one_that_reads() -> None:
    stopped = "\n".join(line for line in TOLD.splitlines() if "_lag_" not in line)
    found = told(stopped)
    assert (found.reads, found.lag) == (True, None)


def test_what_are_no_figures_are_none() -> None:
    assert read("<html>not found</html>") is None
