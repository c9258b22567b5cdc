"""What is lost, doubled or out of order: the findings beside the oracle."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shared.events.catalogue.notification import NotificationAccepted, NotificationPlanned
from shared.events.catalogue.review import DecisionDrawn, ReviewCompleted
from shared.events.errors import Defect
from shared.events.registry import Topic
from shared.events.vocabulary import DrawReason
from shared.kafka.consumer import ATTEMPTS
from tests.chaos.findings import CONSUMERS, Findings, Letter, Stream, Wait
from tests.chaos.load import DEFECTS, GAP_KIND, Load
from tests.chaos.oracle import Expected, drawn


@dataclass
class Verdict:
    """Counts by what was wrong; all zero when nothing was."""

    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    disordered: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    mails_repeated: int = 0
    records_repeated: int = 0
    dead_letters_expected: int = 0
    dead_letters_found: int = 0

    @property
    def clean(self) -> bool:
        """Whether the storm did no harm."""
        counts = (self.lost, self.doubled, self.disordered, self.wrong)
        return not any(+one for one in counts)


def judge(expected: Expected, found: Findings) -> Verdict:
    """Compare everything."""
    verdict = Verdict()
    _judge_ledger(expected, found, verdict)
    _judge_consumers(expected, found, verdict)
    _judge_register(expected, found, verdict)
    _judge_messages(expected, found, verdict)
    _judge_topics(expected, found, verdict)
    _judge_dead_letters(found, verdict)
    return verdict


def _judge_ledger(expected: Expected, found: Findings, verdict: Verdict) -> None:
    names = {name for order in expected.order.values() for name in order}
    verdict.lost["acknowledged, not in intake's ledger"] = len(names - found.ledger.keys())
    miscounted = (expected.counted - found.counted) + (found.counted - expected.counted)
    verdict.wrong["decisions that intake counted wrongly"] = miscounted.total()
    verdict.wrong["in intake's ledger, never acknowledged"] = len(found.ledger.keys() - names)
    verdict.disordered["numbered with a gap or out of the sender's order"] = sum(
        [found.ledger.get(name) for name in order] != list(range(1, len(order) + 1))
        for order in expected.order.values()
    )


def _judge_consumers(expected: Expected, found: Findings, verdict: Verdict) -> None:
    for name in CONSUMERS:
        applied = found.applied[name]
        for case, order in expected.order.items():
            difference = applied.get(case, 0) - len(order)
            verdict.lost[f"not applied by {name}"] += max(0, -difference)
            verdict.wrong[f"applied by {name}, never sent"] += max(0, difference)
        gaps = {case for kind, case in found.poison.values() if kind == GAP_KIND}
        strangers = found.parked[name] ^ gaps
        verdict.wrong[f"parked by {name} without a gap, or not parked"] = len(strangers)
    verdict.disordered["decisions registered out of order"] = found.unordered


def _judge_register(expected: Expected, found: Findings, verdict: Verdict) -> None:
    verdict.lost["decisions"] = len(expected.decisions.keys() - found.decisions.keys())
    verdict.wrong["decisions nobody made"] = len(found.decisions.keys() - expected.decisions.keys())
    [seed] = found.seeds.values()
    for name in expected.decisions.keys() & found.decisions.keys():
        decision = found.decisions[name]
        due = drawn(name, seed, expected.rates[name])
        verdict.wrong["decisions of another case"] += decision.case != expected.decisions[name]
        verdict.wrong["draws that replay differently"] += decision.drawn != due
        verdict.lost["draws"] += due and not decision.reviewed
        verdict.wrong["draws nobody drew"] += decision.reviewed and not due


def _judge_messages(expected: Expected, found: Findings, verdict: Verdict) -> None:
    verdict.lost["messages"] = (expected.messages - found.messages).total()
    verdict.doubled["messages"] = (found.messages - expected.messages).total()
    verdict.lost["messages without an end"] = found.unsent
    verdict.lost["mails"] = max(0, expected.messages.total() - len(found.mails))
    verdict.doubled["mails"] = max(0, len(found.mails) - expected.messages.total())
    verdict.mails_repeated = found.mails.total() - len(found.mails)


def _judge_topics(expected: Expected, found: Findings, verdict: Verdict) -> None:
    published = found.streams[Topic.CASE_EVENTS]
    for case, order in expected.order.items():
        verdict.lost["events not on case-events"] += len({*order} - {*published.names[case]})
        verdict.disordered["cases out of order on case-events"] += published.names[case] != order
    for topic, stream in found.streams.items():
        verdict.records_repeated += stream.repeats
        verdict.disordered[f"subjects with a gap or out of order on {topic}"] = sum(
            numbers != list(range(1, len(numbers) + 1)) for numbers in stream.numbers.values()
        )
    drawn_facts = Counter(
        str(fact.data["decision_id"])
        for fact in found.streams[Topic.REVIEW_EVENTS].facts.values()
        if fact.kind == DecisionDrawn.event_type and fact.data["reasons"] == [DrawReason.RANDOM]
    )
    due = Counter(name for name, decision in found.decisions.items() if decision.drawn)
    verdict.lost["decision.drawn facts"] = (due - drawn_facts).total()
    verdict.doubled["decision.drawn facts"] = (drawn_facts - due).total()
    _judge_announcements(expected, found.streams[Topic.NOTIFICATION_EVENTS], verdict)


def _judge_announcements(expected: Expected, stream: Stream, verdict: Verdict) -> None:
    planned: dict[str, list[object]] = defaultdict(list)
    for fact in stream.facts.values():
        if fact.kind == NotificationPlanned.event_type:
            planned[fact.subject].append(fact.data["message_id"])
    verdict.disordered["cases whose messages were planned out of order"] = sum(
        planned[case] != order for case, order in expected.announced.items()
    )
    for kind in (NotificationPlanned, NotificationAccepted):
        facts = _count(stream, kind, "message_id")
        name = f"{kind.event_type} facts"
        verdict.lost[name] = max(0, expected.messages.total() - len(facts))
        verdict.doubled[name] = facts.total() - len(facts)


def _count(stream: Stream, kind: type, name: str) -> Counter[str]:
    wanted = kind.event_type  # type: ignore[attr-defined] # every kind of facts has one
    return Counter(str(one.data[name]) for one in stream.facts.values() if one.kind == wanted)


def _judge_dead_letters(found: Findings, verdict: Verdict) -> None:
    poison = {
        Letter(at, DEFECTS[kind], attempts=1)
        for at, (kind, _) in found.poison.items()
        if kind != GAP_KIND
    }
    refused = {
        Letter(at, Defect.HANDLER_REFUSED, ATTEMPTS): name for at, name in found.refused.items()
    }
    for name in CONSUMERS:
        buried, letters = found.buried[name], found.letters[name]
        # A refused event that the relay sent twice is given up once or twice, never not at all.
        may = poison | refused.keys() if name == "controlling" else poison
        due = set(refused.values()) if name == "controlling" else set()
        given_up = {refused[letter] for letter in buried & refused.keys()}
        verdict.dead_letters_expected += len(poison) + len(due)
        verdict.dead_letters_found += len(poison & buried & letters) + len(due & given_up)
        verdict.lost[f"poison not buried by {name}"] += len(poison - buried)
        verdict.lost[f"refused events not given up by {name}"] += len(due - given_up)
        verdict.wrong[f"good records buried by {name}, or with a wrong reason"] = len(buried - may)
        verdict.lost[f"dead letters of {name} not published"] = len(buried - letters)
        verdict.wrong[f"dead letters of {name} about nothing"] = len(letters - buried)


def completed(found: Findings) -> set[str]:
    """Name the decisions of which a completed review was published."""
    facts = found.streams[Topic.REVIEW_EVENTS].facts.values()
    return {str(one.data["decision_id"]) for one in facts if one.kind == ReviewCompleted.event_type}


def judge_waiting(
    load: Load, ledger: Mapping[str, int], waits: Mapping[str, Wait]
) -> Iterator[str]:
    """Name the cases of refused events that don't stand right before it with the rest parked."""
    numbers: dict[str, int] = Counter(
        event.subject for event in [*load.stream, *load.last_wave] if event.id in ledger
    )
    for identity, event in load.repairs.items():
        place, case = ledger[identity], event.subject
        due = Wait(place - 1, list(range(place + 1, numbers[case] + 1)))
        if waits.get(case) != due:
            yield f"{case} must wait for its event {place}, and is {waits.get(case)}"
