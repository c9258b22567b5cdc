"""Automatic answers rest on events: without them nothing is ever correct."""

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.forms.automatic import CHECKS, answers
from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.evidence import Answer
from services.controlling.forms.questions import form_for
from services.controlling.forms.wording import wording, write
from shared.events.catalogue.case import (
    ApplicationAcknowledged,
    ApplicationReceived,
    DecisionDispatched,
    DecisionMade,
    DecisionNotified,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingSent,
    ParticipationAnswered,
    ParticipationRequested,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import Direction, Grade, IntakeChannel
from shared.web.pages.words import Language
from tests.unit.services.controlling.forms.cases import (
    CRITERIA,
    DECIDED,
    DECISION,
    LAW,
    Dated,
    decided,
    event,
    events,
)

NEEDED: Mapping[str, tuple[type[Facts], ...]] = {
    "Z1": (DecisionMade,),
    "V1": (HearingSent,),
    "V2": (DocumentsRequested,),
    "V3": (ApplicationReceived, ApplicationAcknowledged),
    "V4": (ParticipationRequested, ParticipationAnswered),
    "F1": (DecisionDispatched,),
    "F2": (DecisionMade,),
    "F4": (DecisionMade,),
    "M1": (DecisionMade,),
    "N2": (DecisionMade,),
    "N3": (DecisionMade,),
    "B1": (DecisionDispatched, DecisionNotified),
    "T1": (ApplicationReceived,),
}
"""Without one of each kind the answer must not be correct."""
DAYS = st.integers(-120, 40).map(lambda days: DECIDED + timedelta(days=days))
BODIES = st.sampled_from(["bamf", "employment-agency", "security"])
APPLIED = ApplicationReceived(channel=IntakeChannel.POST, service_key="x", unit="unit-2")
FACTS: st.SearchStrategy[Facts] = st.one_of(
    st.just(APPLIED),
    st.builds(ApplicationAcknowledged, complete=st.none() | st.booleans()),
    st.builds(DocumentsRequested, items=st.just(("passport",)), due=st.none() | DAYS),
    st.builds(DocumentsReceived),
    st.builds(HearingSent, due=st.none() | DAYS),
    st.builds(HearingAnswered),
    st.builds(ParticipationRequested, body=BODIES),
    st.builds(ParticipationAnswered, body=BODIES, agreed=st.none() | st.booleans()),
    st.builds(
        DecisionDispatched,
        decision_id=st.just(DECISION),
        channel=st.sampled_from([None, "post", "mailbox", "handed-over", "email"]),
    ),
    st.builds(DecisionNotified, decision_id=st.just(DECISION), notified_on=DAYS),
)
UNKNOWN = st.none() | st.booleans()
MADE = st.builds(
    decided,
    type_code=st.sampled_from(
        ["AufenthG-18b", "AufenthG-25(3)", "AufenthG-25(5)", "AufenthG-53", "FreizuegG/EU-7", "x"]
    ),
    direction=st.sampled_from(Direction),
    unit=st.sampled_from(["unit-2", "unit-4"]),
    discretion_exercised=UNKNOWN,
    reasons_given=UNKNOWN,
    remedy_instruction=st.sampled_from([None, "rb-widerspruch-1", "own"]),
    features=st.dictionaries(
        st.sampled_from(["departure-days", "entry-ban"]),
        st.one_of(st.booleans(), st.integers(-1, 400), st.just("none")),
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> list[Event]:
    facts: list[Dated] = draw(st.lists(st.tuples(DAYS, FACTS), max_size=8))
    return events(facts, draw(MADE))


def every_answer(line: list[Event]) -> dict[str, Answer]:
    """What all checks say, whether or not a form asks."""
    case = CaseFile.of(line, DECISION, LAW.calendar)
    asked = [one for one in CRITERIA.criteria if one.code in CHECKS]
    return answers(asked, case, LAW)


@given(cases())
def test_nothing_is_correct_when_an_event_that_it_needs_is_missing(line: list[Event]) -> None:
    for code, answer in every_answer(line).items():
        for kind in NEEDED[code]:
            if not any(isinstance(one.data, kind) for one in line):
                assert answer.grade is not Grade.CORRECT, code


@given(cases(), st.sampled_from(sorted(NEEDED)), st.data())
def test_taking_away_a_kind_of_event_takes_away_what_was_correct_by_it(
    line: list[Event], code: str, data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(NEEDED[code]))
    if kind is DecisionMade:
        return
    rest = [one for one in line if not isinstance(one.data, kind)]

    assert every_answer(rest)[code].grade is not Grade.CORRECT


@given(cases(), st.randoms())
def test_neither_order_nor_repetition_changes_an_answer(line: list[Event], chance: object) -> None:
    mixed = [*line, *line[:3]]
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert every_answer(mixed) == every_answer(line)


@given(cases())
def test_every_answer_can_be_read_in_every_language_and_points_to_its_events(
    line: list[Event],
) -> None:
    known = {(one.data.event_type, LAW.calendar.day_of(one.time)) for one in line}
    for answer in every_answer(line).values():
        for language in Language:
            assert "{" not in write(answer.sentence, answer.values, language)
            assert wording().grade(answer.grade).in_language(language)
        assert answer.evidence
        assert {(each.event_type, each.day) for each in answer.evidence} <= known


def test_a_decision_alone_is_correct_in_nothing_but_what_it_says_itself() -> None:
    found = every_answer([event(DECIDED, decided())])

    assert {code for code, one in found.items() if one.grade is Grade.CORRECT} == {"Z1"}
    assert not any(one.grade in (Grade.MINOR, Grade.SIGNIFICANT) for one in found.values())


def test_only_what_the_form_asks_is_answered_in_its_order() -> None:
    line = [event(DECIDED, decided())]
    form = form_for(
        CRITERIA,
        LAW.types,
        type_code="AufenthG-18g",
        direction=Direction.FAVOURABLE,
        on=date(2026, 6, 17),
    )
    found = answers(form.questions, CaseFile.of(line, DECISION, LAW.calendar), LAW)

    assert list(found) == ["Z1", "V2", "V3", "V4", "B1", "T1"]
