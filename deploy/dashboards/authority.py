"""How the authority's service stands, as far as events tell; the pages tell more, with care."""

from deploy.dashboards.board import Board, Panel, Right, Unit

_ACCEPTED = (
    'sum(increase(gleichfall_intake_events_accepted_total{{type="gleichfall.{}.v1"}}'
    "[$__rate_interval]))"
)


def _accepted(*names: str) -> dict[str, str]:
    return {name.replace(".", " "): _ACCEPTED.format(name) for name in names}


AUTHORITY = Board(
    "authority",
    "Gleichfall: the authority's service",
    "Whether counters, telephones and systems tell of their work, and what sounds. Figures stand on"
    " the workbench's page /today; none here is about a person.",
    (
        Panel(
            "Open",
            "1 while some office is open by the authority's calendar.",
            Right.ZERO_AT_REST,
            {"open": "max(gleichfall_office_open)"},
            width=6,
            now=True,
        ),
        Panel(
            "Emergency counters today",
            "Those that should open today, by how they stand.",
            Right.ZERO_AT_REST,
            {"{{standing}}": "max by (standing) (gleichfall_controlling_emergency_counters)"},
            width=6,
            now=True,
        ),
        Panel(
            "Time limits that are over",
            "Cases whose time limit is over; one to six aren't told.",
            Right.UNKNOWN_IS_EMPTY,
            {"{{clock}}": "max by (clock) (gleichfall_controlling_clocks_over)"},
            width=6,
            now=True,
        ),
        Panel(
            "Told of today",
            "Alarms of the last day about counters and time limits.",
            Right.ZERO,
            {
                "counters": "sum(increase(gleichfall_controlling_counter_alarms_total[1d]))",
                "time limits": "sum(increase(gleichfall_controlling_clock_alarms_total[1d]))",
            },
            width=6,
            now=True,
        ),
        Panel(
            "Telephone",
            "Calls as the telephone system tells of them. Silence in office hours means that it"
            " doesn't, or that nobody gets through.",
            Right.ZERO_AT_REST,
            _accepted("call.received", "call.answered", "call.abandoned", "call.called_back"),
            width=12,
        ),
        Panel(
            "Appointments",
            "What the appointment system tells of.",
            Right.ZERO_AT_REST,
            _accepted(
                "appointment.booked",
                "appointment.cancelled",
                "appointment.attended",
                "appointment.missed",
            ),
            width=12,
        ),
        Panel(
            "Applications and decisions",
            "What comes in and what is decided.",
            Right.ZERO_AT_REST,
            _accepted("application.received", "decision.made"),
            width=12,
        ),
        Panel(
            "Office open, and events told",
            "An hour of office hours without any event is an outage of a source system.",
            Right.ZERO_AT_REST,
            {
                "open": "max(gleichfall_office_open)",
                "events a second": "sum(rate(gleichfall_intake_events_accepted_total[1h]))",
            },
            Unit.COUNT,
            12,
        ),
    ),
)
