"""Automatic answers: which check answers which criterion, and what a case's events say."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.checks import (
    competence,
    content,
    documents,
    duration,
    hearing,
    notice,
    taking_part,
)
from services.controlling.forms.criterion import AnsweredBy, Criterion
from services.controlling.forms.evidence import Answer
from services.controlling.forms.law import Law


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that answers one criterion from events.

    Attributes:
        rule: Looks at the case; pure, and the same for every authority.
        reads: The settings of the criterion without which it can't tell.
    """

    rule: Callable[[CaseFile, Law, Criterion], Answer]
    reads: frozenset[str] = frozenset()


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "Z1": Check(competence.competent),
        "V1": Check(hearing.heard),
        "V2": Check(documents.named_with_deadline),
        "V3": Check(duration.told_soon, frozenset({"within_days"})),
        "V4": Check(taking_part.took_part),
        "F1": Check(notice.in_writing),
        "F2": Check(notice.reasoned),
        "F4": Check(notice.instructed, frozenset({"instructions"})),
        "M1": Check(content.discretion_exercised),
        "N2": Check(content.time_to_leave, frozenset({"feature"})),
        "N3": Check(content.ban_limited, frozenset({"feature"})),
        "B1": Check(notice.notified),
        "T1": Check(duration.decided_soon),
    }
)


def answers(questions: Iterable[Criterion], case: CaseFile, law: Law) -> dict[str, Answer]:
    """Answer what the case's events answer, by the criterion's code, in the form's order."""
    return {
        one.code: CHECKS[one.code].rule(case, law, one)
        for one in questions
        if one.answered_by is not AnsweredBy.HUMAN
    }
