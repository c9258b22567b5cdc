"""Each query of each dashboard, asked of a real Prometheus that looks at a real system.

The tests are one story: nothing has happened yet, then traffic, then faults, then their end.
"""

import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from math import isnan
from urllib.parse import quote

import httpx
import pytest
from prometheus_client import Counter

from deploy.dashboards.board import Panel, Right, Unit
from deploy.dashboards.boards import BOARDS
from deploy.dashboards.promql import query
from deploy.dashboards.shown import Duration, Elsewhere, Shown, Silence
from deploy.desk.views.panel_figures import Times, figures
from deploy.local.folder import Folder
from deploy.local.services import is_service, metrics_of
from deploy.standing.reads import READS
from deploy.standing.series import read
from services.notify.states import MISSED, State
from shared.configuration.places import SERVICES
from shared.events.errors import Defect
from shared.events.registry import CATALOGUE, Topic
from shared.events.vocabulary import Channel, ClockKind, CounterAlarm, DrawReason, FailureReason
from shared.observe import gauges, metrics
from shared.observe.commands import declared
from shared.observe.metrics import BounceMail, MessageState, RecordOutcome
from shared.observe.occurrence import Occurrence
from tests.integration.spine_helpers import message, new_case
from tests.panels import queries, renamed
from tests.runbooks import runbook, words_of
from tests.watched import FAULTS, Fault, Operator, Watch, wait_until, watching, write

pytestmark = [pytest.mark.stack, pytest.mark.story, pytest.mark.timeout(900)]

NAMED = {f"{board.key}: {panel.key}": panel for board in BOARDS for panel in board.panels}
PANELS = [pytest.param(panel, id=name) for name, panel in NAMED.items()]
CASE = new_case()
EARLY = Fault(
    "CasesParked",
    "an event comes ahead of an earlier one of its case",
    lambda operator: write(operator, message(CASE, 2)),
    [],
    [],
    "the earlier one comes",
    lambda operator: write(operator, message(CASE, 1)),
)
SHOWN = {
    "pipeline: dead_letters_open": next(one for one in FAULTS if one.alert == "DeadLetters"),
    "services: items_held": next(one for one in FAULTS if one.alert == "ItemsHeld"),
    "pipeline: events_parked": EARLY,
}
"""On which panel a fault shows."""
WRITES = {
    "intake": (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS),
    "controlling": (Topic.REVIEW_EVENTS,),
    "notify": (Topic.NOTIFICATION_EVENTS,),
}
"""Which topics a service publishes to."""


def types_on(topics: Collection[Topic]) -> int:
    return sum(one.topic in topics for one in CATALOGUE.values())


def by_consumer(amount: Callable[[Collection[Topic]], int]) -> Mapping[str, int]:
    return {service: amount(topics) for service, topics in READS.items() if topics}


COUNTED = {
    "security_events": dict.fromkeys((*SERVICES, "workbench", "desk"), len(Occurrence)),
    "intake_events_accepted": {"intake": types_on(WRITES["intake"])},
    "intake_events_refused": {"intake": len(Defect)},
    "relay_events_published": {one: types_on(topics) for one, topics in WRITES.items()},
    "consumer_records_polled": by_consumer(len),
    "consumer_records_released": by_consumer(len),
    "consumer_records": by_consumer(lambda topics: len(topics) * len(RecordOutcome)),
    "consumer_events_applied": by_consumer(types_on),
    "consumer_dead_letters": by_consumer(lambda topics: len(topics) * len(Defect)),
    "controlling_decisions_drawn": {"controlling": len(DrawReason)},
    "controlling_counter_alarms": {"controlling": len(CounterAlarm)},
    "controlling_clock_alarms": {"controlling": len(ClockKind)},
    "notify_messages": {"notify": len(MessageState) * len(Channel)},
    "notify_messages_missed": {
        "notify": len({*MISSED, State.SUPERSEDED}) * len(FailureReason) * len(Channel)
    },
    "notify_bounce_mails": {"notify": len(BounceMail)},
}
"""How many series of a counter each service has from the start: all that there can be."""
WIRED = {
    *("http_requests", "loop_failures", "notify_messages_handed_over", "notify_provider_errors"),
}
"""Counters whose labels hang on what a process has: routes, loops, providers."""
SELDOM = {
    *("gleichfall_certificate_ends_timestamp_seconds", "gleichfall_controlling_clocks_over"),
    *("gleichfall_controlling_period_decisions", "gleichfall_controlling_period_drawn"),
    *("gleichfall_controlling_period_expected", "gleichfall_events_numbered"),
    "gleichfall_events_reached",
}
"""Gauges of what isn't there yet, or is withheld; whatever is counted is told from the start."""


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    directory = tmp_path_factory.mktemp("stack")
    operator = Operator(Folder(directory))
    try:
        operator.call("up", "--detach")
        yield operator
    finally:
        operator.call("down")
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def at_rest(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """One that looks at a system to which nothing has happened yet."""
    everybody = {*SERVICES, "workbench", "desk"}
    with watching(tmp_path_factory.mktemp("watching"), operator) as watch:
        wait_until(lambda: told_by_service(watch, "up == 1").keys() == everybody)
        yield watch


@pytest.fixture(scope="module")
def after_traffic(operator: Operator, at_rest: Watch) -> Watch:
    """It has looked at two weeks of a small authority since."""
    operator.call("simulate", "--weeks=2", "--rate=0.3", "--seed=1")
    wait_until(lambda: bool(asked(at_rest, "gleichfall_consumer_records_total > 0")))
    return at_rest


@pytest.fixture(scope="module")
def after_faults(operator: Operator, after_traffic: Watch) -> Watch:
    """Something went wrong since, and nobody has mended it."""
    for fault in SHOWN.values():
        fault.happen(operator)
    return after_traffic


def asked(watch: Watch, query: str) -> list[float]:
    """What a panel gets; a query that Prometheus can't read has no data."""
    found = watch.ask(quote(query.replace("$__rate_interval", "1m")))
    return [float(one["value"][1]) for one in found]


def keeps_its_promise(watch: Watch, panel: Panel) -> bool:
    return all(asked(watch, query) for query in queries(panel).values())


def is_zero(watch: Watch, panel: Panel) -> bool:
    """Whether it shows zero, or nothing that anybody has read yet."""
    found = [one for query in queries(panel).values() for one in asked(watch, query)]
    return all(one == 0 or isnan(one) for one in found)


def hold(watch: Watch, panel: Panel) -> None:
    """Let a panel find what it promises, sooner or later: what is unknown may stay empty."""
    if panel.right is not Right.UNKNOWN_IS_EMPTY:
        wait_until(partial(keeps_its_promise, watch, panel))
    for one in queries(panel).values():
        asked(watch, one)


def on_a_page(operator: Operator, shown: Shown) -> Mapping[tuple[str, ...], float]:
    """What the desk makes of what the processes tell; of times, what most stayed within."""
    addresses = operator.addresses
    told = {
        name: read(httpx.get(addresses[metrics_of(name)]).text)
        for name in addresses
        if is_service(name)
    }
    known = {name: series for name, series in told.items() if series is not None}
    found = {one.labels: one.value for one in figures(shown, known, time.time())}
    return {
        labels: value.most if isinstance(value, Times) else value for labels, value in found.items()
    }


def in_prometheus(watch: Watch, shown: Shown) -> Mapping[tuple[str, ...], float]:
    """What Prometheus makes of the same, of counters since their start."""
    since_start = re.sub(r"(?:rate|increase)\(([^[]+)\[[^]]+\]\)", r"\1", query(shown))
    return {
        tuple(one["metric"].get(label, "") for label in shown.by): float(one["value"][1])
        for one in watch.ask(quote(since_start))
    }


def say_the_same(operator: Operator, watch: Watch, panel: Panel, shown: Shown) -> bool:
    """Whether a page and Prometheus do: of what goes on meanwhile, nearly."""
    ours, theirs = on_a_page(operator, shown), in_prometheus(watch, shown)
    if ours.keys() != theirs.keys():
        return False
    if isinstance(shown, Duration):  # a page names the upper bound, Prometheus a point below it
        return all(ours[one] >= theirs[one] for one in ours if not isnan(theirs[one]))
    late, grown = (
        (60 if panel.unit is Unit.SECONDS else 0),
        (0.3 if panel.unit is Unit.BYTES else 0),
    )
    return all(
        ours[one] == pytest.approx(theirs[one], abs=late, rel=grown, nan_ok=True) for one in ours
    )


def test_prometheus_has_every_metric_that_is_declared(at_rest: Watch) -> None:
    wanted = {*declared(metrics), *declared(gauges)} - SELDOM

    def missing() -> set[str]:
        found = at_rest.ask(quote('count by (__name__) ({__name__=~"gleichfall_.+"})'))
        names = {one["metric"]["__name__"] for one in found}
        return {name for name in wanted if name not in names and f"{name}_count" not in names}

    wait_until(lambda: not missing())
    assert asked(at_rest, "gleichfall_build_info")


@pytest.mark.parametrize("counter", COUNTED)
def test_whatever_can_be_counted_is_told_at_rest(at_rest: Watch, counter: str) -> None:
    assert told_by_service(at_rest, f"gleichfall_{counter}_total") == COUNTED[counter]


def told_by_service(watch: Watch, series: str) -> Mapping[str, int]:
    """How many such series Prometheus has of each service."""
    found = watch.ask(quote(f"count by (service) ({series})"))
    return {one["metric"]["service"]: int(one["value"][1]) for one in found}


def test_no_counter_with_labels_is_left_out() -> None:
    labelled = {
        name.removeprefix("gleichfall_").removesuffix("_total")
        for name, one in declared(metrics).items()
        if isinstance(one, Counter) and one._labelnames
    }
    assert labelled == {*COUNTED} | WIRED


def test_each_route_has_its_failures_each_loop_and_provider_too_at_rest(at_rest: Watch) -> None:
    routes = told_by_service(at_rest, "gleichfall_http_request_duration_seconds_count")
    failures = 'gleichfall_http_requests_total{status=~"500|503"}'
    assert told_by_service(at_rest, failures) == {one: 2 * amount for one, amount in routes.items()}
    loops = told_by_service(at_rest, "gleichfall_loop_silence_limit_seconds")
    assert told_by_service(at_rest, "gleichfall_loop_failures_total") == loops
    providers = told_by_service(at_rest, "gleichfall_notify_messages_handed_over_total")
    assert told_by_service(at_rest, "gleichfall_notify_provider_errors_total") == providers


@pytest.mark.parametrize("panel", PANELS)
def test_at_rest_each_panel_finds_what_it_promises(at_rest: Watch, panel: Panel) -> None:
    hold(at_rest, panel)
    if panel.right is Right.ZERO:
        wait_until(lambda: is_zero(at_rest, panel))


@pytest.mark.parametrize("panel", PANELS)
def test_after_traffic_each_panel_finds_what_it_promises(
    after_traffic: Watch, panel: Panel
) -> None:
    hold(after_traffic, panel)


@pytest.mark.parametrize("panel", PANELS)
def test_a_page_says_what_prometheus_says(
    operator: Operator, after_traffic: Watch, panel: Panel
) -> None:
    for shown in panel.shows:
        if not isinstance(shown, Elsewhere | Silence):
            wait_until(partial(say_the_same, operator, after_traffic, panel, shown))


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_that_asks_for_a_metric_of_another_name_is_empty(
    after_traffic: Watch, panel: Panel
) -> None:
    assert not keeps_its_promise(after_traffic, renamed(panel))


@pytest.mark.parametrize("name", SHOWN)
def test_a_fault_shows_on_its_panel(after_faults: Watch, name: str) -> None:
    wait_until(lambda: not is_zero(after_faults, NAMED[name]))


@pytest.mark.parametrize("panel", PANELS)
def test_after_faults_each_panel_finds_what_it_promises(after_faults: Watch, panel: Panel) -> None:
    hold(after_faults, panel)


@pytest.mark.parametrize(("name", "fault"), SHOWN.items(), ids=SHOWN)
def test_once_a_fault_is_mended_its_panel_is_at_zero_again(
    operator: Operator, after_faults: Watch, name: str, fault: Fault
) -> None:
    fault.remove(operator)
    ids = fault.ids(operator)
    for line in runbook(fault.alert).does:
        operator.call(*words_of(line, {"ID": ids}))

    wait_until(lambda: is_zero(after_faults, NAMED[name]))
