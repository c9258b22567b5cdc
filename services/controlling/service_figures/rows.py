"""The figures of the pages as rows of a file. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.controlling.service_figures.clocks import Running
from services.controlling.service_figures.customer_flow import Flow
from services.controlling.service_figures.lead_time import Free, LeadTime
from services.controlling.service_figures.names import Names
from services.controlling.service_figures.overview import Overview
from services.controlling.service_figures.ranking import seconds_of
from services.controlling.service_figures.telephone import Telephone
from services.controlling.service_figures.ways import Course, Courses
from shared.organisation.model import ServiceGoals
from shared.web.pages.cells import Row, said

PROCESS_HEADS = ("process.service", "today.key", "process.figure", "process.value")
HEADS = (
    "today.part", "today.place", "today.key", "today.first", "today.last",
    "today.figure", "today.value",
)  # fmt: skip
CLOCK_HEADS = (
    "clocks.kind", "clocks.case", "clocks.service", "clocks.unit",
    "clocks.began", "clocks.last_day", "clocks.days_left",
)  # fmt: skip
_Place = tuple[object, str]
"""Its name and its key."""
_WHOLE: _Place = said("today.every_unit"), ""


def rows_of(
    found: Overview, goals: ServiceGoals, names: Names, units: Mapping[str, str], chosen: str = ""
) -> Iterator[Row]:
    """Give a row for each figure: its part of the service, place, days, name and value.

    A place stands there by its name and by its key, for programs.

    Args:
        found: What is shown.
        goals: What counts as in time.
        names: What services and offices are called.
        units: What units are called.
        chosen: The only unit whose backlog it is.
    """
    days = found.first, found.last
    yield from _counters(found, names)
    for line, calls in found.lines.items():
        place: _Place = names.line(line), line
        yield from _named("telephone", place, *days, _of_calls(calls, goals))
    yield from _named("telephone", _WHOLE, *days, _of_calls(found.calls, goals))
    for one in found.telephone:
        yield from _named("telephone", _WHOLE, one.day, one.day, _of_calls(one.calls, goals))
    for office, visits in found.visits.items():
        values = {"wrong_counter": visits.wrong_counter, "wrong_channel": visits.wrong_channel}
        yield from _named("visits", (names.office(office), office), *days, values)
    per_post = {
        "filled": found.load.filled,
        "received": _rounded(found.load.received),
        "waiting": _rounded(found.load.waiting),
        "calls_for_each": _rounded(found.calls_for_each_open),
    }
    yield from _named("load", _WHOLE, *days, per_post)
    for lead in found.lead_times:
        place = names.service(lead.service), lead.service
        yield from _named("lead_time", place, found.last, found.last, _of_lead_time(lead))
        for free in lead.course:
            yield from _named("lead_time.days", place, free.day, free.day, _of_free(free))
    for office, flow in found.flows.offices.items():
        yield from _named("appointments", (names.office(office), office), *days, _of_flow(flow))
    if found.flows.days:
        yield from _named("appointments", _WHOLE, *days, _of_flow(found.flows.whole))
    for day, flow in found.flows.days:
        yield from _named("appointments", _WHOLE, day, day, _of_flow(flow))
    yield from _waiting(found, units, chosen)


def rows_of_courses(found: Courses, names: Names) -> Iterator[Row]:
    """Give a row for each figure: of which service, by its name and key, its name and value."""
    for service, one in found.services.items():
        of = names.service(service) if service else said("process.none"), service
        yield from ((*of, *row) for row in _of_course(one))
    of = said("process.every_service"), ""
    yield from ((*of, *row) for row in _of_course(found.whole))
    for way, number in found.ways:
        steps = said(*(f"process.step.{step}" for step in way)) if way else said("process.straight")
        yield *of, steps, number


def rows_of_clocks(
    found: Running, today: date, names: Names, units: Mapping[str, str]
) -> Iterator[Row]:
    """Give a row for each time limit, and one for each case of which none can be told."""
    for one in found.clocks:
        yield (
            said(f"clocks.kind.{one.kind}"),
            one.case_ref,
            names.service(one.service),
            units.get(one.unit, one.unit),
            one.began,
            said("clocks.stopped") if one.last_day is None else one.last_day,
            one.days_left(today),
        )
    for case, unit, _ in found.untold:
        yield (said("clocks.untold"), case, "", units.get(unit, unit), None, None, None)


def _counters(found: Overview, names: Names) -> Iterator[Row]:
    for one in found.counters:
        values: dict[str, object] = {"standing": said(f"today.counter.{one.standing}")}
        if (day := one.counter) is not None:
            values |= {
                "slots": day.slots, "booked": day.booked, "same_day": day.same_day,
                "same_day_of_100": _of_100(day.same_day_share),
                "overbooked": day.overbooked, "doubled": day.doubled,
            }  # fmt: skip
        yield from _named(
            "counter", (names.office(one.office), one.office), one.day, one.day, values
        )


def _of_calls(calls: Telephone, goals: ServiceGoals) -> Mapping[str, object]:
    return {
        "offered": calls.offered,
        "answered": calls.answered,
        "in_time_of_100": _of_100(calls.answered_within(goals.answered_within)),
        "gave_up": len(calls.gave_up),
        "wait_half": seconds_of(calls.wait(0.5)),
        "wait_most": seconds_of(calls.wait(0.9)),
        "called_back": len(calls.called_back),
        "reached": calls.reached,
        "back_half": seconds_of(calls.age_of_call_backs(0.5)),
        "transferred": calls.transferred,
        "about_state": calls.about_state if calls.topics else None,
    }


def _of_free(free: Free) -> Mapping[str, object]:
    return {"first_free": free.first_free, "third_free": free.third_free}


def _of_lead_time(lead: LeadTime) -> Mapping[str, object]:
    names = ("first_free", "third_free", "met", "unmet_for")
    free = {name: getattr(lead, name) for name in names}
    if lead.booked is None:
        return {**free, "booked_half": said("today.hidden"), "booked_most": said("today.hidden")}
    return {**free, "booked_half": lead.booked.half, "booked_most": lead.booked.most}


def _of_flow(flow: Flow | None) -> Mapping[str, object]:
    if flow is None:
        return {"served": said("today.hidden")}
    return {
        "served": flow.served,
        "missed": flow.missed,
        "freed": flow.freed,
        "filled_again": flow.filled_again,
        "wait_half": seconds_of(flow.wait(0.5)),
        "wait_most": seconds_of(flow.wait(0.9)),
    }


def _waiting(found: Overview, units: Mapping[str, str], chosen: str) -> Iterator[Row]:
    place: _Place = (units[chosen], chosen) if chosen else _WHOLE
    for one in found.backlog.arrivals:
        values = {"still_open": _or_hidden(one.still_open)}
        yield from _named("backlog", place, one.first, one.last, values)
    for unit, number in () if chosen else found.backlog.units.items():
        place = units.get(unit, unit) if unit else said("today.no_unit"), unit
        yield from _named("backlog", place, None, found.last, {"still_open": _or_hidden(number)})


def _of_course(one: Course | None) -> Iterator[Row]:
    if one is None:
        yield said("process.decided"), said("today.hidden")
        return
    cases = one.cases
    for name in ("decided", "late", "asked_again", "mended", "reworked"):
        yield said(f"process.{name}"), getattr(cases, name)
    for step, spread in one.steps.items():
        half, most = (None, None) if spread is None else spread
        yield said(f"process.step.{step}", "process.half"), half
        yield said(f"process.step.{step}", "process.most"), most


def _named(
    part: str,
    place: _Place,
    first: date | None,
    last: date,
    values: Mapping[str, object],
) -> Iterator[Row]:
    for name, value in values.items():
        yield (said(f"today.part.{part}"), *place, first, last, said(f"today.{name}"), value)


def _or_hidden(number: int | None) -> object:
    return said("today.hidden") if number is None else number


def _of_100(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
