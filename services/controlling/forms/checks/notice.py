"""F1, F2, F4, B1: the notice itself, and when it counts as notified."""

from datetime import date

from services.controlling.forms.case_file import CaseFile, Seen
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, Value, answer
from services.controlling.forms.law import Law
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import DecisionDispatched, DecisionNotified
from shared.events.vocabulary import Grade
from shared.law.notification_rules import NotificationRule


def in_writing(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Whether the notice was given on paper; other ways don't show written form by themselves."""
    sent = case.naming_it(DecisionDispatched)
    if not sent:
        return answer(None, Sentence.NO_DISPATCH, case.decided)
    for one in sent:
        rule = law.notification_rule(one.data.channel, one.day)
        if rule is not None and rule.on_paper:
            return answer(
                Grade.CORRECT, Sentence.SENT_ON_PAPER, one, sent=one.day, channel=rule.channel
            )
    last = sent[-1]
    channel = last.data.channel or "?"
    return answer(None, Sentence.SENT_OTHERWISE, last, sent=last.day, channel=channel)


def reasoned(case: CaseFile, _: Law, __: Criterion) -> Answer:
    """Whether the decision says that it gives reasons; how good they are, a person judges."""
    match case.decision.reasons_given:
        case True:
            return answer(Grade.CORRECT, Sentence.REASONS_GIVEN, case.decided)
        case False:
            return answer(Grade.SIGNIFICANT, Sentence.REASONS_MISSING, case.decided)
    return answer(None, Sentence.REASONS_UNKNOWN, case.decided)


def instructed(case: CaseFile, _: Law, criterion: Criterion) -> Answer:
    """Whether the template of the instruction on remedies was the right one that day."""
    template = case.decision.remedy_instruction
    if template is None:
        return answer(None, Sentence.INSTRUCTION_UNKNOWN, case.decided)
    known = [one for one in criterion.check.instructions if one.template == template]
    if not known:
        return answer(None, Sentence.INSTRUCTION_UNLISTED, case.decided, template=template)
    fits = any(one.in_force(case.day) for one in known)
    return answer(
        Grade.CORRECT if fits else Grade.MINOR,
        Sentence.INSTRUCTION_FITS if fits else Sentence.INSTRUCTION_OUTDATED,
        case.decided,
        template=template,
        decided=case.day,
    )


def notified(case: CaseFile, law: Law, _: Criterion) -> Answer:
    """Compare the day of notification with the one computed from the dispatch (§ 41 VwVfG)."""
    sent, told = case.naming_it(DecisionDispatched), case.naming_it(DecisionNotified)
    if not sent:
        return answer(None, Sentence.NO_DISPATCH, case.decided)
    if not told:
        return answer(None, Sentence.NO_NOTIFICATION, sent[-1])
    last = told[-1]
    day = last.data.notified_on
    dispatch = next((one for one in reversed(sent) if one.day <= day), sent[0])
    rule = law.notification_rule(dispatch.data.channel, dispatch.day)
    if rule is None:
        return answer(
            None,
            Sentence.NOTIFICATION_WITHOUT_RULE,
            dispatch,
            last,
            sent=dispatch.day,
            notified=day,
        )
    return _compared(dispatch, last, rule, day)


def _compared(
    dispatch: Seen[DecisionDispatched],
    told: Seen[DecisionNotified],
    rule: NotificationRule,
    day: date,
) -> Answer:
    computed = rule.notified_on(dispatch.day)
    known: dict[str, Value] = {
        "sent": dispatch.day,
        "channel": rule.channel,
        "notified": day,
        "citation": rule.citation,
    }
    if day == computed:
        return answer(Grade.CORRECT, Sentence.NOTIFIED_AS_COMPUTED, dispatch, told, **known)
    if day < computed:
        grade, sentence = Grade.MINOR, Sentence.NOTIFIED_TOO_EARLY
        return answer(grade, sentence, dispatch, told, **known, computed=computed)
    return answer(None, Sentence.NOTIFIED_LATER, dispatch, told, **known, computed=computed)
