"""Do events come through? From the door through Kafka into controlling and notify."""

from deploy.dashboards.board import Board, Panel, Right, Unit

PIPELINE = Board(
    "pipeline",
    "Gleichfall: pipeline",
    "Whether each accepted event arrives, how soon, and what became of those that can't.",
    (
        Panel(
            "Events at the door",
            "Events that systems sent, by what became of them.",
            Right.ZERO_AT_REST,
            {
                "accepted": "sum(rate(gleichfall_intake_events_accepted_total[$__rate_interval]))",
                "duplicate": "sum(rate("
                "gleichfall_intake_events_duplicate_total[$__rate_interval]))",
                "conflicting": "sum(rate("
                "gleichfall_intake_events_conflicting_total[$__rate_interval]))",
                "refused": "sum(rate(gleichfall_intake_events_refused_total[$__rate_interval]))",
            },
            Unit.A_SECOND,
        ),
        Panel(
            "Refused, by reason",
            "Events that no system may send so: its people should hear of it.",
            Right.ZERO,
            {
                "{{reason}}": "sum by (reason)"
                " (increase(gleichfall_intake_events_refused_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Wait for Kafka",
            "Events that are committed and not yet published.",
            Right.ZERO,
            {"{{service}}": "max by (service) (gleichfall_outbox_depth_rows)"},
        ),
        Panel(
            "The oldest of them waits",
            "Seconds are usual under load; minutes mean that Kafka is away.",
            Right.ZERO,
            {"{{service}}": "max by (service) (gleichfall_outbox_oldest_age_seconds)"},
            Unit.SECONDS,
        ),
        Panel(
            "Published",
            "Records that Kafka has acknowledged.",
            Right.ZERO_AT_REST,
            {
                "{{service}}": "sum by (service)"
                " (rate(gleichfall_relay_records_sent_total[$__rate_interval]))"
            },
            Unit.A_SECOND,
        ),
        Panel(
            "Relay rounds that failed",
            "Rounds in which Kafka took nothing.",
            Right.ZERO,
            {
                "{{service}}": "sum by (service)"
                " (increase(gleichfall_relay_failures_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Wait to be read",
            "Records that wait in the partitions of a topic.",
            Right.ZERO,
            {"{{service}}: {{topic}}": "sum by (service, topic) (gleichfall_consumer_lag_records)"},
        ),
        Panel(
            "The oldest of them has been seen for",
            "How long the oldest record that waits has been seen there.",
            Right.ZERO,
            {
                "{{service}}: {{topic}}": "max by (service, topic)"
                " (gleichfall_consumer_lag_age_seconds)"
            },
            Unit.SECONDS,
        ),
        Panel(
            "Read, by outcome",
            "Records by what became of them.",
            Right.ZERO_AT_REST,
            {
                "{{service}}: {{outcome}}": "sum by (service, outcome)"
                " (rate(gleichfall_consumer_records_total[$__rate_interval]))"
            },
            Unit.A_SECOND,
        ),
        Panel(
            "Late",
            "Events that were published or applied five seconds late, or later.",
            Right.ZERO,
            {
                "published by {{service}}": "sum by (service)"
                " (increase(gleichfall_relay_events_late_total[$__rate_interval]))",
                "applied by {{service}}": "sum by (service)"
                " (increase(gleichfall_consumer_events_late_total[$__rate_interval]))",
            },
        ),
        Panel(
            "Not come to in three hours",
            "Events that had their number three hours ago and that a service hasn't come to since,"
            " read once an hour; below zero is usual. What stays is lost or held up:"
            " gleichfall reconcile.",
            Right.UNKNOWN_IS_EMPTY,
            {
                "{{service}}: {{topic}}": "max by (topic) (gleichfall_events_numbered offset 3h)"
                " - on (topic) group_right () max by (topic, service) (gleichfall_events_reached)"
            },
        ),
        Panel(
            "Parked",
            "Events that wait for an earlier one of their case.",
            Right.ZERO,
            {"{{service}}": "max by (service) (gleichfall_parked_events)"},
        ),
        Panel(
            "The oldest of them waits",
            "Since when the oldest parked event waits.",
            Right.ZERO,
            {"{{service}}": "max by (service) (gleichfall_parked_oldest_age_seconds)"},
            Unit.SECONDS,
        ),
        Panel(
            "Open dead letters",
            "Records given up that nobody has settled (gleichfall dead-letters).",
            Right.ZERO,
            {"{{service}}": "max by (service) (gleichfall_dead_letters_open)"},
        ),
        Panel(
            "Time of a batch, 95 %",
            "From decoding to commit, one partition's batch.",
            Right.NO_NUMBER_AT_REST,
            {
                "{{service}}: {{topic}}": "histogram_quantile(0.95, sum by (service, topic, le)"
                " (rate(gleichfall_consumer_batch_duration_seconds_bucket[$__rate_interval])))"
            },
            Unit.SECONDS,
        ),
    ),
)
