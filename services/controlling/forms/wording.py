"""What forms and automatic answers say in words, read from `wording.yaml`."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_timedelta

from services.controlling.forms.criterion import AnsweredBy, Consequence, Texts
from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.events.vocabulary import Direction, Grade
from shared.web.pages.words import Language

PACKAGED = Path(__file__).with_name("wording.yaml")
_LOCALES = {Language.GERMAN: "de_DE", Language.ENGLISH: "en_GB"}
_NEVER = 1_000_000  # of a larger unit: days stay days


class Sentence(StrEnum):
    """Which sentence gives the reason."""

    COMPETENT_UNIT = "competent_unit"
    OTHER_UNIT = "other_unit"
    COMPETENCE_UNKNOWN = "competence_unknown"
    HEARD_AND_ANSWERED = "heard_and_answered"
    HEARD_AND_EXPIRED = "heard_and_expired"
    HEARING_CUT_SHORT = "hearing_cut_short"
    HEARING_ENDS_ON_DAY_OFF = "hearing_ends_on_day_off"
    HEARING_DEADLINE_PAST = "hearing_deadline_past"
    HEARING_WITHOUT_DEADLINE = "hearing_without_deadline"
    HEARD_AFTERWARDS = "heard_afterwards"
    NO_HEARING_COMPULSORY = "no_hearing_compulsory"
    NO_HEARING_DISPUTED = "no_hearing_disputed"
    DOCUMENTS_WITH_DEADLINE = "documents_with_deadline"
    DOCUMENTS_WITHOUT_DEADLINE = "documents_without_deadline"
    DOCUMENTS_DEADLINE_PAST = "documents_deadline_past"
    DOCUMENTS_CUT_SHORT = "documents_cut_short"
    DOCUMENTS_END_ON_DAY_OFF = "documents_end_on_day_off"
    DOCUMENTS_COMPLETE = "documents_complete"
    NO_DOCUMENTS_REQUESTED = "no_documents_requested"
    TOLD_IN_TIME = "told_in_time"
    TOLD_LATE = "told_late"
    TOLD_WITHOUT_MEASURE = "told_without_measure"
    NO_ACKNOWLEDGEMENT = "no_acknowledgement"
    NO_APPLICATION = "no_application"
    PARTICIPATION_COMPLETE = "participation_complete"
    PARTICIPATION_NOT_RECORDED = "participation_not_recorded"
    PARTICIPATION_UNANSWERED = "participation_unanswered"
    PARTICIPATION_TOO_LATE = "participation_too_late"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_UNKNOWN = "consent_unknown"
    NO_PARTICIPATION = "no_participation"
    SENT_ON_PAPER = "sent_on_paper"
    SENT_OTHERWISE = "sent_otherwise"
    NO_DISPATCH = "no_dispatch"
    REASONS_GIVEN = "reasons_given"
    REASONS_MISSING = "reasons_missing"
    REASONS_UNKNOWN = "reasons_unknown"
    INSTRUCTION_FITS = "instruction_fits"
    INSTRUCTION_OUTDATED = "instruction_outdated"
    INSTRUCTION_UNLISTED = "instruction_unlisted"
    INSTRUCTION_UNKNOWN = "instruction_unknown"
    DISCRETION_EXERCISED = "discretion_exercised"
    DISCRETION_NOT_EXERCISED = "discretion_not_exercised"
    DISCRETION_UNKNOWN = "discretion_unknown"
    DISCRETION_NOT_TYPICAL = "discretion_not_typical"
    DEPARTURE_WITHIN = "departure_within"
    DEPARTURE_TOO_SHORT = "departure_too_short"
    DEPARTURE_TOO_LONG = "departure_too_long"
    DEPARTURE_DEPENDS_ON_DAY = "departure_depends_on_day"
    DEPARTURE_UNKNOWN = "departure_unknown"
    BAN_LIMITED = "ban_limited"
    BAN_LIMITED_MONTHS = "ban_limited_months"
    BAN_LONGER_THAN_USUAL = "ban_longer_than_usual"
    BAN_NOT_LIMITED = "ban_not_limited"
    BAN_UNKNOWN = "ban_unknown"
    NOTIFIED_AS_COMPUTED = "notified_as_computed"
    NOTIFIED_TOO_EARLY = "notified_too_early"
    NOTIFIED_LATER = "notified_later"
    NOTIFICATION_WITHOUT_RULE = "notification_without_rule"
    NO_NOTIFICATION = "no_notification"
    DECIDED_IN_TIME = "decided_in_time"
    DECIDED_LATE = "decided_late"
    LIMIT_UNKNOWN = "limit_unknown"


class WordingInvalid(FileInvalid):
    """The words of forms can't be used."""


class Wording(Section):
    """Every word of a form that isn't in the catalogue, in every language."""

    grades: dict[Grade, Texts]
    untold: Texts
    consequences: dict[Consequence, Texts]
    answered_by: dict[AnsweredBy, Texts]
    directions: dict[Direction, Texts]
    sentences: dict[Sentence, Texts]

    def grade(self, grade: Grade | None) -> Texts:
        """Say an answer; None where the events can't tell."""
        return self.untold if grade is None else self.grades[grade]


@cache
def wording() -> Wording:
    """Read the words.

    Raises:
        WordingInvalid: with everything that is wrong, by line and field.
    """
    return load(PACKAGED, Wording, invalid=WordingInvalid)


def write(
    sentence: Sentence, values: Mapping[str, str | int | date | timedelta], language: Language
) -> str:
    """Write a sentence with its values, as people of that language write them."""
    shown = {name: _shown(value, language) for name, value in values.items()}
    return wording().sentences[sentence].in_language(language).format(**shown)


def _shown(value: str | int | date | timedelta, language: Language) -> str:
    if isinstance(value, date):
        return format_date(value, format="long", locale=_LOCALES[language])
    if isinstance(value, timedelta):
        return format_timedelta(
            value, granularity="day", threshold=_NEVER, locale=_LOCALES[language]
        )
    return str(value)
