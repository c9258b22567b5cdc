"""Do events come through? From the door through Kafka into controlling and notify."""

from deploy.dashboards.board import Board, Panel, Right, Unit
from deploy.dashboards.shown import Count, Duration, Elsewhere, Joined, Level, Share

_READ = ("service", "topic")

PIPELINE = Board(
    "pipeline",
    (
        Panel(
            "events_at_the_door",
            Right.ZERO_AT_REST,
            [
                Count(f"gleichfall_intake_events_{outcome}_total", name=outcome, a_second=True)
                for outcome in ("accepted", "duplicate", "conflicting", "refused")
            ],
            Unit.A_SECOND,
        ),
        Panel(
            "events_refused",
            Right.ZERO,
            [Count("gleichfall_intake_events_refused_total", ("reason",))],
        ),
        Panel(
            "wait_for_kafka",
            Right.ZERO,
            [Level("gleichfall_outbox_depth_rows", ("service",))],
        ),
        Panel(
            "wait_for_kafka_since",
            Right.ZERO,
            [Level("gleichfall_outbox_oldest_age_seconds", ("service",))],
            Unit.SECONDS,
        ),
        Panel(
            "published",
            Right.ZERO_AT_REST,
            [Count("gleichfall_relay_records_sent_total", ("service",), a_second=True)],
            Unit.A_SECOND,
        ),
        Panel(
            "relay_failures",
            Right.ZERO,
            [Count("gleichfall_relay_failures_total", ("service",))],
        ),
        Panel(
            "wait_to_be_read",
            Right.ZERO,
            [Level("gleichfall_consumer_lag_records", _READ, joined=Joined.SUM)],
        ),
        Panel(
            "wait_to_be_read_since",
            Right.ZERO,
            [Level("gleichfall_consumer_lag_age_seconds", _READ)],
            Unit.SECONDS,
        ),
        Panel(
            "records_read",
            Right.ZERO_AT_REST,
            [Count("gleichfall_consumer_records_total", ("service", "outcome"), a_second=True)],
            Unit.A_SECOND,
        ),
        Panel(
            "events_until_applied",
            Right.NO_NUMBER_AT_REST,
            [Duration("gleichfall_consumer_event_age_seconds", _READ)],
            Unit.SECONDS,
            width=12,
        ),
        Panel(
            "events_within_ten_seconds",
            Right.NO_NUMBER_AT_REST,
            [Share("gleichfall_consumer_event_age_seconds", 10.0, by=("service",))],
            Unit.SHARE,
            width=12,
        ),
        Panel(
            "not_come_to",
            Right.UNKNOWN_IS_EMPTY,
            [
                Elsewhere(
                    "max by (topic) (gleichfall_events_numbered offset 3h) - on (topic)"
                    " group_right () max by (topic, service) (gleichfall_events_reached)",
                    _READ,
                )
            ],
        ),
        Panel(
            "events_parked",
            Right.ZERO,
            [Level("gleichfall_parked_events", ("service",))],
        ),
        Panel(
            "events_parked_since",
            Right.ZERO,
            [Level("gleichfall_parked_oldest_age_seconds", ("service",))],
            Unit.SECONDS,
        ),
        Panel(
            "dead_letters_open",
            Right.ZERO,
            [Level("gleichfall_dead_letters_open", ("service",))],
            width=12,
        ),
        Panel(
            "time_of_a_batch",
            Right.NO_NUMBER_AT_REST,
            [Duration("gleichfall_consumer_batch_duration_seconds", _READ)],
            Unit.SECONDS,
            width=12,
        ),
    ),
)
