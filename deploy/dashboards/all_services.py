"""Are the processes well? The same for each of them."""

from deploy.dashboards.board import Board, Panel, Right, Unit
from deploy.dashboards.shown import Count, Duration, Joined, Level, Silence, Until, Where

SERVICES = Board(
    "services",
    (
        Panel(
            "needs_missing",
            Right.ZERO,
            [Level("gleichfall_need_missing", ("service", "need"))],
        ),
        Panel(
            "loops_silent",
            Right.NEITHER,
            [
                Silence(
                    "gleichfall_loop_last_progress_timestamp_seconds",
                    "gleichfall_loop_silence_limit_seconds",
                    ("service", "loop"),
                )
            ],
            Unit.SHARE,
        ),
        Panel(
            "loops_failed",
            Right.ZERO,
            [Count("gleichfall_loop_failures_total", ("service", "loop"))],
        ),
        Panel(
            "items_held",
            Right.ZERO,
            [Level("gleichfall_loop_held_items", ("service", "loop"))],
        ),
        Panel(
            "requests",
            Right.ZERO_AT_REST,
            [Count("gleichfall_http_requests_total", ("service", "status"), a_second=True)],
            Unit.A_SECOND,
        ),
        Panel(
            "requests_failed",
            Right.ZERO,
            [
                Count(
                    "gleichfall_http_requests_total",
                    ("service", "status"),
                    where=Where("status", "5.."),
                )
            ],
        ),
        Panel(
            "time_to_answer",
            Right.NO_NUMBER_AT_REST,
            [Duration("gleichfall_http_request_duration_seconds", ("service",))],
            Unit.SECONDS,
        ),
        Panel(
            "connections_to_database",
            Right.NEITHER,
            [Level("gleichfall_pool_connections", ("service", "use"), joined=Joined.SUM)],
        ),
        Panel(
            "slow_statements",
            Right.ZERO,
            [Count("gleichfall_database_slow_statements_total", ("service",))],
        ),
        Panel(
            "security_events",
            Right.ZERO,
            [Count("gleichfall_security_events_total", ("service", "event"))],
        ),
        Panel(
            "certificates_end",
            Right.UNKNOWN_IS_EMPTY,
            [
                Until(
                    "gleichfall_certificate_ends_timestamp_seconds",
                    ("service", "certificate"),
                    Joined.LEAST,
                )
            ],
            Unit.SECONDS,
        ),
        Panel(
            "memory",
            Right.NEITHER,
            [Level("process_resident_memory_bytes", ("service",), joined=Joined.SUM)],
            Unit.BYTES,
        ),
        Panel(
            "releases",
            Right.NEITHER,
            [Level("gleichfall_build_info", ("service", "version"), joined=Joined.NUMBER)],
            width=24,
            now=True,
        ),
    ),
)
