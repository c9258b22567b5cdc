"""How the authority's service stands, as far as events tell; the pages tell more, with care."""

from collections.abc import Sequence

from deploy.dashboards.board import Board, Panel, Right
from deploy.dashboards.shown import Count, Level, Where


def _accepted(*names: str) -> Sequence[Count]:
    """Count the events of some types by a name for each."""
    return [
        Count(
            "gleichfall_intake_events_accepted_total",
            name=name.replace(".", "_"),
            where=Where("type", f"gleichfall.{name}.v1"),
        )
        for name in names
    ]


AUTHORITY = Board(
    "authority",
    (
        Panel(
            "office_open",
            Right.ZERO_AT_REST,
            [Level("gleichfall_office_open")],
            width=4,
            now=True,
        ),
        Panel(
            "emergency_counters",
            Right.ZERO_AT_REST,
            [Level("gleichfall_controlling_emergency_counters", ("standing",))],
            width=5,
            now=True,
        ),
        Panel(
            "counters_overbooked",
            Right.ZERO,
            [Level("gleichfall_controlling_emergency_counters_overbooked")],
            width=5,
            now=True,
        ),
        Panel(
            "clocks_over",
            Right.UNKNOWN_IS_EMPTY,
            [Level("gleichfall_controlling_clocks_over", ("clock",))],
            width=5,
            now=True,
            about_cases=True,
        ),
        Panel(
            "alarms",
            Right.ZERO,
            [
                Count("gleichfall_controlling_counter_alarms_total", name="counters", over="1d"),
                Count("gleichfall_controlling_clock_alarms_total", name="clocks", over="1d"),
            ],
            width=5,
            now=True,
            about_cases=True,
        ),
        Panel(
            "telephone",
            Right.ZERO_AT_REST,
            _accepted("call.received", "call.answered", "call.abandoned", "call.called_back"),
            width=12,
            about_cases=True,
        ),
        Panel(
            "appointments",
            Right.ZERO_AT_REST,
            _accepted(
                "appointment.booked",
                "appointment.cancelled",
                "appointment.attended",
                "appointment.missed",
            ),
            width=12,
            about_cases=True,
        ),
        Panel(
            "applications",
            Right.ZERO_AT_REST,
            _accepted("application.received", "decision.made"),
            width=12,
            about_cases=True,
        ),
        Panel(
            "events_in_office_hours",
            Right.ZERO_AT_REST,
            [
                Level("gleichfall_office_open", name="office"),
                Count(
                    "gleichfall_intake_events_accepted_total",
                    name="events",
                    a_second=True,
                    over="1h",
                ),
            ],
            width=12,
        ),
    ),
)
