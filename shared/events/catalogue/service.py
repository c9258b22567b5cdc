"""What controlling sees of the service: what runs out, what isn't there for people."""

from datetime import date
from functools import partial

from pydantic import Field

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import CaseRef, ClockKind, Code, CounterAlarm

service_fact = partial(fact, topic=Topic.REVIEW_EVENTS, subject=SubjectKind.REVIEW)


@service_fact("clock.alarm_raised")
class ClockAlarmRaised(Facts):
    """A statutory time limit of a case comes near, or is over."""

    case_ref: CaseRef
    clock: ClockKind
    last_day: date = Field(description="The last day on which a decision or paper is in time.")
    days_left: int = Field(ge=-36_600, le=36_600, description="Below 0 once the day has passed.")
    unit: Code | None = Field(default=None, description="Whose case it is, where that is known.")


@service_fact("emergency_window.alarm_raised")
class EmergencyWindowAlarmRaised(Facts):
    """An emergency counter didn't open by its hour, or more was booked than it has slots."""

    office: Code
    day: date
    alarm: CounterAlarm
