"""Is the draw sound, and are reviews done? Never how anybody decides."""

from deploy.dashboards.board import Board, Panel, Right, Unit
from deploy.dashboards.shown import Count, Level, Until

CONTROLLING = Board(
    "controlling",
    (
        Panel(
            "promised_ahead",
            Right.NEITHER,
            [Until("gleichfall_controlling_promised_until_timestamp_seconds")],
            Unit.SECONDS,
            6,
            now=True,
        ),
        Panel(
            "without_time_stamp",
            Right.ZERO,
            [
                Level("gleichfall_controlling_unstamped_promises", name="periods"),
                Level("gleichfall_controlling_unstamped_heads", name="heads"),
            ],
            width=6,
            now=True,
        ),
        Panel(
            "frame_faults",
            Right.ZERO,
            [Level("gleichfall_controlling_frame_faults")],
            width=6,
            now=True,
        ),
        Panel(
            "audit_breaks",
            Right.ZERO,
            [Level("gleichfall_controlling_audit_breaks")],
            width=6,
            now=True,
        ),
        Panel(
            "decisions_registered",
            Right.ZERO_AT_REST,
            [Count("gleichfall_controlling_decisions_registered_total")],
            about_cases=True,
        ),
        Panel(
            "decisions_drawn",
            Right.ZERO_AT_REST,
            [Count("gleichfall_controlling_decisions_drawn_total", ("reason",))],
            about_cases=True,
        ),
        Panel(
            "sample",
            Right.UNKNOWN_IS_EMPTY,
            [
                Level("gleichfall_controlling_period_drawn", ("period",), "drawn"),
                Level("gleichfall_controlling_period_expected", ("period",), "expected"),
            ],
        ),
        Panel(
            "second_decisions",
            Right.ZERO,
            [Level("gleichfall_controlling_second_decisions_unsettled")],
        ),
        Panel(
            "reviews",
            Right.ZERO,
            [Level("gleichfall_controlling_reviews", ("state",))],
            about_cases=True,
        ),
        Panel(
            "reviews_overdue",
            Right.ZERO,
            [Level("gleichfall_controlling_reviews_overdue")],
            about_cases=True,
        ),
        Panel(
            "review_oldest",
            Right.ZERO,
            [Level("gleichfall_controlling_review_oldest_age_seconds")],
            Unit.SECONDS,
            24,
        ),
    ),
)
