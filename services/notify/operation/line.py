"""What became of one message, as a line of time, and what can be done with it now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.operation.written import Action, Intervention, Written
from services.notify.states import STOPPABLE, State


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a message, or is to happen.

    Attributes:
        what: As the catalogues name it, behind `line.`.
        done: What a person did, if it is that.
    """

    what: str
    at: datetime
    done: Intervention | None = None


def line_of(one: Written) -> Sequence[Moment]:
    """Give what happened to a message, the earliest first, and when it goes on."""
    line = [Moment("entered", one.entered_at or one.planned_at)]
    line += [Moment(done.action, done.at, done) for done in one.interventions]
    if one.accepted_at is not None:
        line.append(Moment("left", one.accepted_at))
    if one.provided_at is not None:
        line.append(Moment("provided", one.provided_at))
    elif one.ended_at is not None and one.state is not State.ACCEPTED:
        line.append(Moment(one.state.value, one.ended_at))
    line.sort(key=lambda moment: moment.at)
    if one.next_at is not None and one.state is not State.SENDING:
        line.append(Moment("report_by" if one.state is State.ACCEPTED else "next", one.next_at))
    return line


def stands(one: Written) -> str:
    """Give how a message that has no reason stands, as the catalogues say it in a sentence."""
    if one.awaits_contact:
        return "awaits_contact"
    if one.state is State.ACCEPTED:
        return "accepted.silent" if one.next_at is None else "accepted.owed"
    return one.state.value


def acts_on(one: Written) -> Sequence[Action]:
    """Give what may be done with a message as it stands; each is checked again when it is done."""
    done = {intervention.action for intervention in one.interventions}
    acts = []
    if one.to_tell:
        acts.append(Action.TOLD)
    if one.next_at is not None and one.state in STOPPABLE:
        acts.append(Action.STOPPED)
    if one.next_at is None and one.kept and not one.untrue and Action.RESENT not in done:
        acts.append(Action.RESENT)
    return acts
