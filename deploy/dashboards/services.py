"""Are the processes well? The same for each of them."""

from deploy.dashboards.board import Board, Panel, Right, Unit

SERVICES = Board(
    "services",
    "Gleichfall: services",
    "Whether each process can do all its work, and what it costs. Begin here.",
    (
        Panel(
            "What is missing",
            "Needs that a process lacks to do all its work, as /readyz says.",
            Right.ZERO,
            {"{{service}}: {{need}}": "max by (service, need) (gleichfall_need_missing)"},
        ),
        Panel(
            "Loops that are silent",
            "Since when a loop made no progress, as a share of what it may; from 1 on it is dead.",
            Right.NEITHER,
            {
                "{{service}}: {{loop}}": "max by (service, loop) ((time()"
                " - gleichfall_loop_last_progress_timestamp_seconds)"
                " / gleichfall_loop_silence_limit_seconds)"
            },
            Unit.SHARE,
        ),
        Panel(
            "Loops that failed",
            "Rounds of a loop that failed for a reason that is not expected to pass.",
            Right.ZERO,
            {
                "{{service}}: {{loop}}": "sum by (service, loop)"
                " (increase(gleichfall_loop_failures_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Held items",
            "Items that a loop passes over until an operator settles them (gleichfall held).",
            Right.ZERO,
            {"{{service}}: {{loop}}": "max by (service, loop) (gleichfall_loop_held_items)"},
        ),
        Panel(
            "Requests",
            "Requests answered, by status.",
            Right.ZERO_AT_REST,
            {
                "{{service}} {{status}}": "sum by (service, status)"
                " (rate(gleichfall_http_requests_total[$__rate_interval]))"
            },
            Unit.A_SECOND,
        ),
        Panel(
            "Requests that failed by our fault",
            "Answers with 5xx; 503 also tells senders to come back later.",
            Right.ZERO,
            {
                "{{service}} {{status}}": "sum by (service, status)"
                ' (increase(gleichfall_http_requests_total{status=~"5.."}[$__rate_interval]))'
            },
        ),
        Panel(
            "Time to answer, 95 %",
            "95 of 100 requests are answered within this time.",
            Right.NO_NUMBER_AT_REST,
            {
                "{{service}}": "histogram_quantile(0.95, sum by (service, le)"
                " (rate(gleichfall_http_request_duration_seconds_bucket[$__rate_interval])))"
            },
            Unit.SECONDS,
        ),
        Panel(
            "Connections to the database",
            "By use; where all are busy, work waits.",
            Right.NEITHER,
            {"{{service}} {{use}}": "sum by (service, use) (gleichfall_pool_connections)"},
        ),
        Panel(
            "Slow statements",
            "Statements of the database that took longer than a second.",
            Right.ZERO,
            {
                "{{service}}": "sum by (service)"
                " (increase(gleichfall_database_slow_statements_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Security events",
            "What the security log was told of: refused tokens, sign-ins, floods.",
            Right.ZERO,
            {
                "{{service}}: {{event}}": "sum by (service, event)"
                " (increase(gleichfall_security_events_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Certificates end in",
            "Below some weeks a new one is due.",
            Right.UNKNOWN_IS_EMPTY,
            {
                "{{service}}: {{certificate}}": "min by (service, certificate)"
                " (gleichfall_certificate_ends_timestamp_seconds) - time()"
            },
            Unit.SECONDS,
        ),
        Panel(
            "Memory",
            "What the processes of a service take together.",
            Right.NEITHER,
            {"{{service}}": "sum by (service) (process_resident_memory_bytes)"},
            Unit.BYTES,
        ),
        Panel(
            "Releases",
            "How many processes run which release; two while an upgrade goes on.",
            Right.NEITHER,
            {"{{service}} {{version}}": "count by (service, version) (gleichfall_build_info)"},
            width=24,
            now=True,
        ),
    ),
)
