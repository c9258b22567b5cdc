"""The figures of the pages as rows of a file. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.controlling.service_figures.overview import Overview
from services.controlling.service_figures.ranking import seconds_of
from services.controlling.service_figures.ways import Courses
from shared.web.pages.cells import Row, said

PROCESS_HEADS = ("process.service", "process.figure", "process.value")
HEADS = ("today.part", "today.place", "today.first", "today.last", "today.figure", "today.value")


def rows_of(found: Overview) -> Iterator[Row]:
    """Give a row for each figure: its part of the service, place, days, name and value."""
    for one in found.counters:
        values: dict[str, object] = {"standing": said(f"today.counter.{one.standing}")}
        if (day := one.counter) is not None:
            values |= {
                "slots": day.slots, "booked": day.booked, "same_day": day.same_day,
                "overbooked": day.overbooked, "doubled": day.doubled,
            }  # fmt: skip
        yield from _named("counter", one.office, one.day, one.day, values)
    for line in found.telephone:
        calls = line.calls
        values = {
            "offered": calls.offered, "answered": calls.answered,
            "gave_up": len(calls.gave_up), "called_back": len(calls.called_back),
            "wait_half": seconds_of(calls.wait(0.5)), "wait_most": seconds_of(calls.wait(0.9)),
            "transferred": calls.transferred,
            "about_state": calls.about_state if calls.topics else None,
        }  # fmt: skip
        yield from _named("telephone", "", line.day, line.day, values)
    for office, visits in found.visits.items():
        values = {"wrong_counter": visits.wrong_counter, "wrong_channel": visits.wrong_channel}
        yield from _named("visits", office, found.first, found.last, values)
    per_post = {
        "filled": found.load.filled,
        "received": _rounded(found.load.received),
        "waiting": _rounded(found.load.waiting),
        "calls_for_each": _rounded(found.calls_for_each_open),
    }
    yield from _named("load", "", found.first, found.last, per_post)
    for lead in found.lead_times:
        free = {"first_free": lead.first_free, "third_free": lead.third_free, "met": lead.met}
        yield from _named("lead_time", lead.service, found.last, found.last, free)
    for day_of_flow, flow in found.flows.days:
        shown: dict[str, object] = {"served": said("today.hidden")}
        if flow is not None:
            shown = {
                "served": flow.served, "missed": flow.missed, "freed": flow.freed,
                "filled_again": flow.filled_again,
                "wait_half": seconds_of(flow.wait(0.5)), "wait_most": seconds_of(flow.wait(0.9)),
            }  # fmt: skip
        yield from _named("appointments", "", day_of_flow, day_of_flow, shown)
    for arrival in found.backlog.arrivals:
        waiting = said("today.hidden") if arrival.still_open is None else arrival.still_open
        yield from _named("backlog", "", arrival.first, arrival.last, {"still_open": waiting})


def rows_of_courses(found: Courses) -> Iterator[Row]:
    """Give a row for each figure: of which service, its name and value."""
    for service, one in (*found.services.items(), (None, found.whole)):
        of = said("process.every_service") if service is None else service or said("process.none")
        if one is None:
            yield of, said("process.decided"), said("today.hidden")
            continue
        cases = one.cases
        yield of, said("process.decided"), cases.decided
        yield of, said("process.late"), cases.late
        yield of, said("process.asked_again"), cases.asked_again
        yield of, said("process.mended"), cases.mended
        yield of, said("process.reworked"), cases.reworked
        for step, spread in one.steps.items():
            half, most = (None, None) if spread is None else spread
            yield of, said(f"process.step.{step}", "process.half"), half
            yield of, said(f"process.step.{step}", "process.most"), most
    for way, number in found.ways:
        steps = said(*(f"process.step.{step}" for step in way)) if way else said("process.straight")
        yield said("process.every_service"), steps, number


def _named(
    part: str, place: str, first: date | None, last: date, values: Mapping[str, object]
) -> Iterator[Row]:
    for name, value in values.items():
        yield (said(f"today.part.{part}"), place, first, last, said(f"today.{name}"), value)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
