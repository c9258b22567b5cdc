"""Is the draw sound, and are reviews done? Never how anybody decides."""

from deploy.dashboards.board import Board, Panel, Right, Unit

CONTROLLING = Board(
    "controlling",
    "Gleichfall: controlling",
    "Whether decisions are registered and drawn as was promised, and whether reviews come through."
    " What they found stands on the page of results.",
    (
        Panel(
            "Promised ahead",
            "How long every draw is promised already; below zero decisions are made unpromised.",
            Right.NEITHER,
            {"until": "max(gleichfall_controlling_promised_until_timestamp_seconds) - time()"},
            Unit.SECONDS,
            6,
            now=True,
        ),
        Panel(
            "Without a time stamp",
            "Periods that begin within three days, heads of a day ago or more, if it is wanted.",
            Right.ZERO,
            {
                "periods": "max(gleichfall_controlling_unstamped_promises)",
                "heads": "max(gleichfall_controlling_unstamped_heads)",
            },
            width=6,
            now=True,
        ),
        Panel(
            "Frame and counts differ",
            "Weeks of units, unsettled (gleichfall frame check).",
            Right.ZERO,
            {"weeks": "max(gleichfall_controlling_frame_faults)"},
            width=6,
            now=True,
        ),
        Panel(
            "Breaks in the audit log",
            "Places at which its chain is broken (gleichfall audit verify).",
            Right.ZERO,
            {"breaks": "max(gleichfall_controlling_audit_breaks)"},
            width=6,
            now=True,
        ),
        Panel(
            "Decisions registered",
            "Decisions that came into the register.",
            Right.ZERO_AT_REST,
            {
                "registered": "sum("
                "increase(gleichfall_controlling_decisions_registered_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Drawn, by reason",
            "Decisions that came into review.",
            Right.ZERO_AT_REST,
            {
                "{{reason}}": "sum by (reason)"
                " (increase(gleichfall_controlling_decisions_drawn_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Sample and what chance lets expect",
            "The sample lies about what the policy lets expect; at its close it is topped up.",
            Right.UNKNOWN_IS_EMPTY,
            {
                "{{period}} drawn": "max by (period) (gleichfall_controlling_period_drawn)",
                "{{period}} expected": "max by (period) (gleichfall_controlling_period_expected)",
            },
        ),
        Panel(
            "Second decisions, unsettled",
            "Decisions that came under the id of another one and that nobody has settled.",
            Right.ZERO,
            {"decisions": "max(gleichfall_controlling_second_decisions_unsettled)"},
        ),
        Panel(
            "Reviews that aren't signed",
            "By state; the backlog of leadership.",
            Right.ZERO,
            {"{{state}}": "max by (state) (gleichfall_controlling_reviews)"},
        ),
        Panel(
            "Overdue reviews",
            "Reviews that aren't signed and should be.",
            Right.ZERO,
            {"reviews": "max(gleichfall_controlling_reviews_overdue)"},
        ),
        Panel(
            "The oldest review waits",
            "Since when the oldest review that isn't signed waits, whoever has it.",
            Right.ZERO,
            {"oldest": "max(gleichfall_controlling_review_oldest_age_seconds)"},
            Unit.SECONDS,
            24,
        ),
    ),
)
