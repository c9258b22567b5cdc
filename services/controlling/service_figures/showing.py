"""What the command shows of the service: an object for programs, tables for people. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from rich.table import Table

from services.controlling.service_figures.backlog import Arrival
from services.controlling.service_figures.customer_flow import Flow
from services.controlling.service_figures.filled_posts import Load
from services.controlling.service_figures.lead_time import LeadTime
from services.controlling.service_figures.overview import CounterDay, Overview
from services.controlling.service_figures.ranking import seconds_of
from services.controlling.service_figures.telephone import Telephone
from services.controlling.statistics.suppression import HIDDEN
from shared.console import screen
from shared.console.numbers import UNKNOWN, percent
from shared.organisation.model import Organisation, ServiceGoals


def as_document(found: Overview, goals: ServiceGoals) -> Mapping[str, Any]:
    """Give everything as one JSON object; shares as fractions, durations in seconds."""
    return {
        "first": f"{found.first}",
        "last": f"{found.last}",
        "counters": [_counter(one) for one in found.counters],
        "telephone": {
            "all": _calls(found.calls, goals),
            "lines": {line: _calls(calls, goals) for line, calls in found.lines.items()},
        },
        "calls_for_each_open": found.calls_for_each_open,
        "visits": {office: asdict(visits) for office, visits in found.visits.items()},
        "load": asdict(found.load),
        "lead_times": [_lead_time(one) for one in found.lead_times],
        "appointments": {
            "all": _flow(found.flows.whole),
            "days": {f"{day}": _flow(flow) for day, flow in found.flows.days},
            "offices": {office: _flow(flow) for office, flow in found.flows.offices.items()},
        },
        "backlog": {
            "whole": found.backlog.whole,
            "arrivals": [
                {
                    "first": None if one.first is None else f"{one.first}",
                    "last": f"{one.last}",
                    "still_open": one.still_open,
                }
                for one in found.backlog.arrivals
            ],
            "units": found.backlog.units,
        },
    }


def as_tables(found: Overview, organisation: Organisation) -> Iterator[Table | str]:
    """Give tables, each below a sentence that says what it is about."""
    goals = organisation.goals.service
    yield f"emergency counter, {found.first} to {found.last}"
    yield _counters(found)
    within = f"within {goals.answered_within.total_seconds():.0f} s"
    yield f"telephone, {found.first} to {found.last}"
    yield _telephone(found, goals, within)
    asked = _number(found.calls_for_each_open)
    yield f"calls about how far a case is, for each that waits: {asked}"
    yield f"visitors who were sent on, {found.first} to {found.last}"
    yield _visits(found)
    yield f"load of each filled post of the whole authority, {found.first} to {found.last}"
    yield _load(found.load)
    yield f"lead time in working days, {found.last}"
    yield _lead_times(found)
    yield f"appointments, {found.first} to {found.last}"
    yield _flows(found)
    yield "waiting for a decision now, by the working day it came on"
    yield _backlog(found)


def _counter(one: CounterDay) -> Mapping[str, Any]:
    counter = one.counter
    return {
        "office": one.office,
        "day": f"{one.day}",
        "standing": one.standing.value,
        "opened_at": f"{counter.opened_at}" if counter and counter.opened_at else None,
        "slots": counter.slots if counter else None,
        "booked": counter.booked if counter else None,
        "free": counter.free if counter else None,
        "overbooked": counter.overbooked if counter else None,
        "same_day": counter.same_day if counter else None,
        "doubled": counter.doubled if counter else None,
    }


def _calls(calls: Telephone, goals: ServiceGoals) -> Mapping[str, Any]:
    return {
        "offered": calls.offered,
        "answered": calls.answered,
        "gave_up": len(calls.gave_up),
        "unknown": calls.unknown,
        "in_time": calls.answered_within(goals.answered_within),
        "waited_p50": seconds_of(calls.wait(0.5)),
        "waited_p90": seconds_of(calls.wait(0.9)),
        "called_back": len(calls.called_back),
        "reached": calls.reached,
        "call_back_age_p50": seconds_of(calls.age_of_call_backs(0.5)),
        "transferred": calls.transferred,
        "about_state": calls.about_state if calls.topics else None,
    }


def _lead_time(one: LeadTime) -> Mapping[str, Any]:
    course = [{**asdict(free), "day": f"{free.day}"} for free in one.course]
    return {**asdict(one), "course": course}


def _flow(flow: Flow | None) -> Mapping[str, Any] | None:
    if flow is None:
        return None
    return {
        "served": flow.served,
        "missed": flow.missed,
        "open": flow.open,
        "freed": flow.freed,
        "filled_again": flow.filled_again,
        "waited_p50": seconds_of(flow.wait(0.5)),
        "waited_p90": seconds_of(flow.wait(0.9)),
    }


def _counters(found: Overview) -> Table:
    table = screen.table(
        "day", "office", "counter",
        numbers=("slots", "booked", "on the day", "overbooked", "at once"), lined=True,
    )  # fmt: skip
    for one in found.counters:
        counter = one.counter
        screen.add(
            table,
            f"{one.day}",
            one.office,
            one.standing.value,
            counter.slots if counter else None,
            counter.booked if counter else None,
            counter.same_day if counter else None,
            counter.overbooked if counter else None,
            counter.doubled if counter else None,
        )
    return table


def _telephone(found: Overview, goals: ServiceGoals, within: str) -> Table:
    table = screen.table(
        "line",
        numbers=(
            "calls", "answered", within, "gave up", "median wait", "9 of 10", "called back",
            "passed on", "about a case",
        ),
        lined=True,
    )  # fmt: skip
    for line, calls in (*found.lines.items(), ("all", found.calls)):
        share = calls.answered_within(goals.answered_within)
        screen.add(
            table,
            line,
            calls.offered,
            calls.answered,
            None if share is None else percent(share),
            len(calls.gave_up),
            _in_words(calls.wait(0.5)),
            _in_words(calls.wait(0.9)),
            len(calls.called_back),
            calls.transferred,
            calls.about_state if calls.topics else None,
        )
    return table


def _visits(found: Overview) -> Table:
    table = screen.table("office", numbers=("wrong counter", "wrong way"), lined=True)
    for office, visits in found.visits.items():
        screen.add(table, office, visits.wrong_counter, visits.wrong_channel)
    return table


def _load(found: Load) -> Table:
    table = screen.table("of the authority", numbers=("number",), lined=True)
    screen.add(table, "posts filled", _number(found.filled))
    screen.add(table, "applications for each in a week", _number(found.received))
    screen.add(table, "applications that wait now for each", _number(found.waiting))
    return table


def _lead_times(found: Overview) -> Table:
    table = screen.table(
        "service", numbers=("first free", "third free", "goal met ago", "half", "9 of 10"),
        lined=True,
    )  # fmt: skip
    for one in found.lead_times:
        booked = (one.booked.half, one.booked.most) if one.booked else (HIDDEN, HIDDEN)
        met = f"over {one.unmet_for}" if one.unmet_for else one.met
        screen.add(table, one.service, one.first_free, one.third_free, met, *booked)
    return table


def _flows(found: Overview) -> Table:
    table = screen.table(
        "office",
        numbers=("served", "missed", "freed", "filled again", "median wait", "9 of 10"),
        lined=True,
    )
    for office, flow in (*found.flows.offices.items(), ("all", found.flows.whole)):
        if flow is None:
            screen.add(table, office, HIDDEN)
            continue
        screen.add(
            table,
            office,
            flow.served,
            flow.missed,
            flow.freed,
            flow.filled_again,
            _in_words(flow.wait(0.5)),
            _in_words(flow.wait(0.9)),
        )
    return table


def _backlog(found: Overview) -> Table:
    table = screen.table("came on", "working days ago", numbers=("still open",), lined=True)
    for one in found.backlog.arrivals:
        screen.add(table, _days(one), _ages(one), _shown(one.still_open))
    screen.foot(table, "all", "", _shown(found.backlog.whole))
    return table


def _days(one: Arrival) -> str:
    if one.first is None:
        return f"until {one.last}"
    return f"{one.last}" if one.first == one.last else f"{one.first} to {one.last}"


def _ages(one: Arrival) -> str:
    first, last = one.age
    if last is None:
        return f"{first} or more"
    return f"{first}" if first == last else f"{first} to {last}"


def _shown(number: int | None) -> int | str:
    return HIDDEN if number is None else number


def _number(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:.2f}"


def _in_words(duration: timedelta | None) -> str | None:
    return None if duration is None else f"{duration}"
