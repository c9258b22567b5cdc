"""Z1: did the unit decide that the organisation gives this group of decisions to?"""

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, answer
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.vocabulary import Grade


def competent(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Compare the unit that decided with the organisation in force that day.

    Another unit of the same authority breaks its own order, not § 71 AufenthG: a minor error.
    """
    decision, organisation = case.decision, law.organisation
    group = law.types.group_of(decision.type_code, case.day)
    owner = organisation.unit_of(group) if organisation.valid_from <= case.day else None
    if owner is None:
        return answer(None, Sentence.COMPETENCE_UNKNOWN, case.decided, group=group, day=case.day)
    if owner.key == organisation.unit_now(decision.unit, group):
        return answer(
            Grade.CORRECT, Sentence.COMPETENT_UNIT, case.decided, unit=decision.unit, group=group
        )
    return answer(
        Grade.MINOR,
        Sentence.OTHER_UNIT,
        case.decided,
        unit=decision.unit,
        group=group,
        owner=owner.key,
    )
