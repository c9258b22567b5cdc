"""Peers' cases of delivery: states, tries, two providers, limits, scenarios, times.

Peers have words, providers and codes of their own. They are translated here, as an adapter would
do, into our states and into what the standards call the same cause.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from services.notify.cases.standing import Following
from services.notify.channels.email.delivery_status import of_mail
from services.notify.channels.sms.status_report import of_sms
from services.notify.lanes import PATIENCE, Lane
from services.notify.messages.catalogue import load_messages
from services.notify.messages.duties import Duties
from services.notify.planning.expiry import Times
from services.notify.planning.plan import plan
from services.notify.recipients.preferences import Wishes
from services.notify.recipients.suppression import Hardness
from services.notify.reports.receipts import Receipt
from services.notify.sending.errors import WeightsInvalid
from services.notify.sending.failover import (
    Change,
    Pair,
    Provider,
    Speed,
    after_calm,
    after_errors,
    after_slowness,
)
from services.notify.sending.rate_limit import Rate
from services.notify.sending.retry import BackOff
from services.notify.states import MISSED, TRANSITIONS, State, reported_steps
from shared.events.catalogue.case import DecisionMade, ParticipationRequested
from shared.events.event import new_event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, Direction
from shared.organisation.calendar import Calendar
from tests.cases.case import Case, DecidedAgainst

LATE_DELIVERY_COUNTS = (
    "an SMS that came back may still be reported as delivered, as at the VA: the phone was off"
)
DELIVERED_STAYS = (
    "what a phone reported as delivered stays so: a report of failure after it is an older one"
)
NO_SUCH_STATE = "a state that has no counterpart: where a message stands is always known"
NO_FIXED_DELAY = (
    "pauses double, with jitter, for as long as the message is of use, not for a number of times"
)
NO_CALLBACKS = (
    "we call nobody back: states are events on Kafka, which keeps them until they are read"
)
NO_SECOND_SMS = (
    "an SMS isn't sent again after the network gave up: it tried for the whole validity period, "
    "and the next way is taken"
)
NO_SUCH_GATEWAY = "a code of a gateway that none of our adapters speaks to"
NO_FEEDBACK_LOOP = "complaints to mail providers aren't read: we send no mail that nobody asked for"
WEIGHTS_HAVE_BOUNDS = "a weight is from 0 to 100; another one is refused before it can be used"
ONE_EVENT_PER_STEP = (
    "each step of a case is an event type of its own; there is no general change of state to tell"
)

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_LONG_AGO = _NOW - timedelta(days=1)
_LONDON = Calendar("GB-ENG", ZoneInfo("Europe/London"))

_TRANSIENT = "status update"
"""The VA's subject; GOV.UK's goes on with "by provider callback"."""

_STATES = {
    "created": State.PLANNED,
    "pending-virus-check": State.PLANNED,
    "sending": State.SENDING,
    "pending": State.ACCEPTED,
    "accepted": State.ACCEPTED,
    "received": State.ACCEPTED,
    "sent": State.ACCEPTED,
    "delivered": State.DELIVERED,
    "temporary-failure": State.BOUNCED,
    "permanent-failure": State.BOUNCED,
    "returned-letter": State.BOUNCED,
    "technical-failure": State.FAILED,
    "validation-failed": State.FAILED,
    "virus-scan-failed": State.FAILED,
    "failed": State.FAILED,
    "cancelled": State.SUPERSEDED,
    "preferences-declined": State.SUPPRESSED,
}
_OUR_OWN_STEPS = frozenset({State.SENDING, State.FAILED, State.SUPERSEDED, State.SUPPRESSED})
_LETTERS_ONLY = frozenset({"pending-virus-check", "virus-scan-failed", "returned-letter"})


def _state(word: str, case: Case) -> State:
    """Give our state for a peer's word.

    A temporary failure is an end at GOV.UK, and at the VA it isn't: the carrier is still tried.
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word).lower()
    if name == "temporary-failure" and case.subject == _TRANSIENT:
        return State.ACCEPTED
    if name not in _STATES:
        raise DecidedAgainst(NO_SUCH_STATE)
    return _STATES[name]


def _transition(case: Case) -> bool:
    words = case.input["current"], case.input["incoming"]
    before, incoming = (_state(word, case) for word in words)
    channel = Channel.LETTER if _LETTERS_ONLY & set(words) else Channel.SMS
    after = incoming if (before, incoming) in reported_steps(channel) else before
    if incoming in _OUR_OWN_STEPS and incoming in TRANSITIONS[before]:
        after = incoming
    expected = case.expected.get("resulting")
    wanted = (
        _state(expected, case) if expected else incoming if case.expected["allowed"] else before
    )
    if after is wanted:
        return True
    if (before, after, channel) == (State.BOUNCED, State.DELIVERED, Channel.SMS):
        raise DecidedAgainst(LATE_DELIVERY_COUNTS)
    if before is after is State.DELIVERED:
        raise DecidedAgainst(DELIVERED_STAYS)
    return False


def _feedback(case: Case) -> bool:
    state = _state(case.input["status"], case)
    told = "Failure" if state in MISSED else "Success" if state is State.DELIVERED else "Info"
    return bool(told == case.expected)


# What British gateways call by numbers of their own, as TP-Status (3GPP TS 23.040).
_FIRETEXT_RECEIPTS = {"0": 0x00, "1": 0x43, "2": 0x20}
_FIRETEXT_CAUSES = {
    "000": 0x7F,  # no cause told
    "101": 0x43,
    "102": 0x62,
    "103": 0x61,
    "104": 0x65,
    "201": 0x43,
    "301": 0x41,
    "302": 0x64,
    "401": 0x42,
    "900": 0x60,
}
_MMG = {"2": 0x43, "3": 0x00, "4": 0x46, "5": 0x42}
_SES = {
    "Delivery": ("delivered", "2.0.0"),
    "Permanent": ("failed", "5.1.1"),
    "Temporary": ("failed", "4.2.2"),
    "Transient": ("failed", "4.2.2"),
}


def _provider_map(case: Case) -> bool:
    receipt = _receipt(case.input)
    expected = {
        State.ACCEPTED: {"pending", "sending", "sent"},
        State.DELIVERED: {"delivered"},
        State.BOUNCED: {
            "permanent-failure" if receipt.hardness is Hardness.HARD else "temporary-failure"
        },
    }
    return case.expected in expected[receipt.state]


def _receipt(told: Mapping[str, Any]) -> Receipt:
    if told.get("type") == "Complaint":
        raise DecidedAgainst(NO_FEEDBACK_LOOP)
    match told:
        case {"type": str(kind)} if kind in _SES:
            return of_mail(*_SES[kind])
        case {"provider": "mmg", "status": str(code)} if code in _MMG:
            return of_sms(_MMG[code])
        case {"provider": "firetext", "status": str(code)} if code in _FIRETEXT_RECEIPTS:
            return of_sms(_FIRETEXT_RECEIPTS[code])
        case {"provider": "firetext", "code": str(code)} if code in _FIRETEXT_CAUSES:
            return of_sms(_FIRETEXT_CAUSES[code])
    raise DecidedAgainst(NO_SUCH_GATEWAY)


def _timeout(case: Case) -> bool:
    """GOV.UK's "sending" is what we call accepted: handed over, and its report is owed."""
    passed = timedelta(seconds=case.input["age_s"])
    expected = MISSED if passed >= PATIENCE[Lane.BULK] else {State.SENDING, State.ACCEPTED}
    return _state(case.expected, case) in expected


def _back_off(case: Case) -> bool:
    """A peer counts retries from 0, we count attempts from 1."""
    back_off = BackOff(timedelta(seconds=25), timedelta(seconds=52_000), case.input["base"])
    ceiling = back_off.ceiling(case.input["retries"] + 1)
    return ceiling == timedelta(seconds=case.expected)


def _schedule(case: Case) -> bool:
    back_off = BackOff(timedelta(seconds=25), timedelta(seconds=52_000), 4)
    pauses = [back_off.ceiling(one) for one in range(1, case.input["attempt"] + 1)]
    expected = case.expected
    return (pauses or [timedelta()])[-1] == timedelta(seconds=expected["delay_s"]) and sum(
        pauses, timedelta()
    ) == timedelta(seconds=expected["elapsed_s"])


def _policy(case: Case) -> bool:
    if "callback" in case.subject:
        raise DecidedAgainst(NO_CALLBACKS)
    if "carrier" in case.subject:
        raise DecidedAgainst(NO_SECOND_SMS)
    if "task" in case.input:
        raise DecidedAgainst(NO_FIXED_DELAY)
    return False


def _pair(weights: Mapping[str, int], resting: Mapping[str, int] | None = None) -> Pair:
    try:
        one, other = (
            Provider(name, weight, (resting or {}).get(name, 50))
            for name, weight in weights.items()
        )
    except WeightsInvalid:
        raise DecidedAgainst(WEIGHTS_HAVE_BOUNDS) from None
    return Pair((one, other), changed_at=_LONG_AGO, troubled_at=_LONG_AGO)


def _weights(change: Change | None, before: Pair) -> dict[str, int]:
    pair = change.pair if change else before
    return {one.name: one.weight for one in pair.providers}


def _priority(case: Case) -> bool:
    if "starting_priorities" in case.input:
        pair = _pair(case.input["starting_priorities"])
        failing = pair.providers[0].name
        change = after_errors(pair, {failing: 51}, _NOW)
    else:
        told = re.findall(r"(\w+) (\d+)", case.subject.partition("fixture")[2])
        pair = _pair(case.input, {name: int(weight) for name, weight in told})
        change = after_calm(pair, _NOW)
    return bool(_weights(change, pair) == case.expected)


def _trigger(case: Case) -> bool:
    told, expected = case.input, case.expected if isinstance(case.expected, dict) else {}
    names = ("mmg", "firetext") if "errors" in told else tuple(told)
    pair = _pair(dict.fromkeys(names, 50))
    change = _triggered(pair, told)
    by = expected.get("reduce_priority_by", expected.get("by", 0))
    if change is None or not by:
        return change is None and not by
    pause = timedelta(minutes=expected["not_if_changed_within_min"])
    fresh = replace(pair, changed_at=_NOW - pause + timedelta(seconds=1))
    older = replace(pair, changed_at=_NOW - pause)
    return (
        change.troubled == expected.get("reduce", names[0])
        and min(_weights(change, pair).values()) == 50 - by
        and _triggered(fresh, told) is None
        and _triggered(older, told) is not None
    )


def _triggered(pair: Pair, told: Mapping[str, Any]) -> Change | None:
    """Errors are the first provider's; else shares of late messages by provider."""
    if "errors" in told:
        return after_errors(pair, {pair.providers[0].name: told["errors"]}, _NOW)
    speeds = {name: Speed(1_000, round(1_000 * share)) for name, share in told.items()}
    return after_slowness(pair, speeds, _NOW)


def _limit(case: Case) -> bool:
    rate = Rate(case.input["rate_limit_per_min"])
    expected = case.expected
    return (rate.per_second, rate.capacity) == (
        expected["replenish_per_s"],
        expected["bucket_max"],
    )


# A peer's scenario, and the event that asks for the message of the same meaning.
_SCENARIOS: Mapping[str, str] = MappingProxyType(
    {
        "CaseCreated": "gleichfall.application.received.v1",
        "CaseClosed": "gleichfall.case.closed.v1",
        "TaskAssigned": "gleichfall.documents.requested.v1",
        "DecisionMade": "gleichfall.decision.notified.v1",
    }
)
_DECISION = DecisionMade(
    decision_id="decision-" + "a" * 26,
    type_code="permit",
    direction=Direction.ADVERSE,
    unit="unit-1",
    decider="decider-" + "a" * 26,
)


def _scenario(case: Case) -> bool:
    """A peer lists what may be told; with us that is what has a message in the folder.

    Nothing is told of what isn't there, and of a decision only that it was notified.
    """
    messages = load_messages()
    if str(case.expected).startswith("abort"):
        decision = "decision" in case.subject
        return _tells_nobody(_DECISION if decision else ParticipationRequested(body="bamf"))
    if case.expected not in _SCENARIOS:
        raise DecidedAgainst(ONE_EVENT_PER_STEP)
    return _SCENARIOS[case.expected] in messages.by_cause


def _tells_nobody(facts: Facts) -> bool:
    case_ref, contact_ref = "case-" + "a" * 26, "contact-" + "a" * 26
    event = new_event("urn:gleichfall:test", case_ref, facts, time=_NOW)
    reachable = {contact_ref: Wishes("de", frozenset(Channel))}
    times = Times.of(Calendar("DE-BW", ZoneInfo("Europe/Berlin")))
    planned = plan(
        [event],
        {case_ref: contact_ref},
        reachable,
        load_messages(),
        times,
        following=Following(Duties.load(), times.limits, times.calendar),
        standings={},
        parties={},
        now=_NOW,
        passed=_NOW,
    )
    return not planned.messages


def _zone(case: Case) -> bool:
    told = _moment(next(iter(case.input.values())))
    expected = _moment(case.expected)
    if case.subject.endswith("to_utc"):
        return _LONDON.moment(told.date(), told.time()) == expected.replace(tzinfo=UTC)
    moment = told.replace(tzinfo=UTC)
    local = moment.astimezone(_LONDON.zone).replace(tzinfo=None)
    return (local, _LONDON.day_of(moment)) == (expected, expected.date())


def _moment(text: str) -> datetime:
    found = re.fullmatch(r"datetime\(([\d, ]+)\)", text)
    if found is None:
        return datetime.fromisoformat(text)
    year, month, day, hour, minute = (*map(int, found[1].split(",")), 0)[:5]
    return datetime.combine(date(year, month, day), time(hour, minute))


CHECKS: dict[str, Callable[[Case], bool]] = {
    "state.transition": _transition,
    "state.feedback": _feedback,
    "state.provider_map": _provider_map,
    "state.timeout": _timeout,
    "retry.backoff": _back_off,
    "retry.schedule": _schedule,
    "retry.policy": _policy,
    "failover.priority": _priority,
    "failover.trigger": _trigger,
    "ratelimit": _limit,
    "event.scenario": _scenario,
    "time.zone": _zone,
}
