"""`gleichfall criteria`: what reviews ask, checked, shown and tried on a case."""

from datetime import date, datetime, timedelta
from pathlib import Path
from textwrap import fill
from typing import Any

import click

from services.controlling.forms.automatic import answers
from services.controlling.forms.case_file import CaseFile, decisions_in
from services.controlling.forms.case_lines import read_case
from services.controlling.forms.catalogue import PACKAGED, Criteria, CriteriaInvalid
from services.controlling.forms.criteria_schema import schema
from services.controlling.forms.criterion import Criterion
from services.controlling.forms.evidence import Answer, Value
from services.controlling.forms.law import Law
from services.controlling.forms.questions import Form, form_for
from services.controlling.forms.wording import wording, write
from shared.configuration.yaml_file import nearest
from shared.console.options import DAY, FILE, json_option, language_option, organisation_option
from shared.console.screen import show_json
from shared.errors import PermanentError
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.web.pages.words import Language

_WIDTH, _INDENT = 100, " " * 5
criteria_option = click.option(
    "--criteria",
    "criteria_file",
    type=FILE,
    default=PACKAGED,
    help="The catalogue of criteria; without it, the one that comes with the system.",
)


class TypeUnknown(PermanentError):
    """The catalogue of decision types has no such type on that day."""

    def __init__(self, code: str, on: date, types: DecisionTypes) -> None:
        known = [kind.code for kind in types.in_force(on)]
        super().__init__(
            f"no decision type {code} is in force on {on}{nearest(code, known)}; "
            "shared/law/decision_types.yaml lists them, --on names another day"
        )


class NothingDecided(PermanentError):
    """The events of a case tell of no decision."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: no line is a decision.made; bring all events of the case")


@click.group(name="criteria")
def criteria() -> None:
    """See what reviews ask of which decision, and what a case's events answer by themselves.

    The criteria are a file that an authority may replace: docs/guide/criteria.md.
    """


@criteria.command()
@click.argument("file", metavar="[FILE]", type=FILE, envvar="GLEICHFALL_CRITERIA", default=PACKAGED)
def check(file: Path) -> None:
    """Check FILE and list everything that is wrong in it, by line and field.

    Refused is also a criterion that is asked of nothing, and a decision type of which nothing would
    be asked. Without FILE, the one that GLEICHFALL_CRITERIA names is checked, or what comes with
    the system. Leaves with 0 when the file can be used, with 1 when it can't.

    Example: gleichfall criteria check criteria.yaml
    """
    found = _read(file, DecisionTypes.load())
    click.echo(
        f"{file}: version {found.version}, digest {found.digest}, criteria: {len(found.criteria)}"
    )


@criteria.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of a file of criteria, for editors.

    Example: gleichfall criteria schema > criteria.schema.json
    """
    click.echo(schema())


@criteria.command()
@click.argument("type_code", metavar="TYPE")
@click.option(
    "--direction",
    type=click.Choice([one.value for one in Direction]),
    help="Only this direction; without it, each that the type has.",
)
@click.option("--on", type=DAY, help="The day of the decision, or today.")
@language_option
@criteria_option
@json_option
def show(
    *,
    type_code: str,
    direction: str | None,
    on: datetime | None,
    language: str,
    criteria_file: Path,
    as_json: bool,
) -> None:
    """Show the form of a decision of TYPE, as a reviewer will see it.

    Example: gleichfall criteria show AufenthG-18g --direction adverse --language en
    """
    types = DecisionTypes.load()
    found = _read(criteria_file, types)
    day = (on or datetime.now().astimezone()).date()
    kind = types.find(type_code, day)
    if kind is None:
        raise TypeUnknown(type_code, day, types)
    directions = kind.directions if direction is None else (Direction(direction),)
    forms = [
        form_for(found, types, type_code=type_code, direction=one, on=day) for one in directions
    ]
    if as_json:
        show_json({"forms": [_form(one, Language(language)) for one in forms]})
        return
    for form in forms:
        _print_form(form, kind.name, Language(language))


@criteria.command()
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
)
@organisation_option
@language_option
@criteria_option
@json_option
def answer(
    *, file: Path, organisation_file: Path, language: str, criteria_file: Path, as_json: bool
) -> None:
    """Answer what the events in FILE answer by themselves, for each decision of the case.

    FILE holds one case, a CloudEvent as JSON on each line; - reads standard input. Where an event
    is missing, the answer is that it can't be told.

    Example: gleichfall criteria answer case.jsonl --language en
    """
    law = Law.of(load_organisation(organisation_file))
    found = _read(criteria_file, law.types)
    with click.open_file(file, "rb") as lines:
        events = read_case(str(file), lines)
    decisions = decisions_in(events)
    if not decisions:
        raise NothingDecided(str(file))
    answered = [_try(CaseFile.of(events, one, law.calendar), found, law) for one in decisions]
    if as_json:
        show_json({"decisions": [_answered(*one, Language(language)) for one in answered]})
        return
    for one in answered:
        _print_answers(*one, Language(language))


def _try(case: CaseFile, found: Criteria, law: Law) -> tuple[CaseFile, Form, dict[str, Answer]]:
    form = form_for(
        found,
        law.types,
        type_code=case.decision.type_code,
        direction=case.decision.direction,
        on=case.day,
    )
    return case, form, answers(form.questions, case, law)


def _read(file: Path, types: DecisionTypes) -> Criteria:
    try:
        return Criteria.load(types, file)
    except CriteriaInvalid as error:
        for mistake in error.mistakes:
            click.echo(f"{file}, {mistake}", err=True)
        raise SystemExit(error.exit_code) from None


def _print_form(form: Form, name: str, language: Language) -> None:
    words = wording()
    click.echo(
        f"{form.type_code} {name} · {words.directions[form.direction].in_language(language)} · "
        f"{form.on} · {form.version} ({form.digest[:12]}) · {len(form.questions)}"
    )
    for one in form.questions:
        click.echo(f"\n{one.code:<5}{one.question.in_language(language)}")
        _indented(one.help.in_language(language))
        consequences = ", ".join(
            words.consequences[each].in_language(language) for each in one.consequence
        )
        answered_by = words.answered_by[one.answered_by].in_language(language)
        _indented(f"{one.citation} · {answered_by} · {consequences}")
        for grade in one.answers:
            click.echo(f"{_INDENT}( ) {words.grades[grade].in_language(language)}")
    click.echo()


def _print_answers(
    case: CaseFile, form: Form, answered: dict[str, Answer], language: Language
) -> None:
    direction = wording().directions[form.direction].in_language(language)
    click.echo(f"{case.decision.decision_id} · {form.type_code} · {direction} · {form.on}")
    for code, one in answered.items():
        click.echo(f"{code:<5}{wording().grade(one.grade).in_language(language)}")
        _indented(write(one.sentence, one.values, language))
        for evidence in one.evidence:
            click.echo(f"{_INDENT}- {evidence.day} {evidence.event_type}")
    click.echo()


def _indented(text: str) -> None:
    click.echo(fill(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT))


def _form(form: Form, language: Language) -> dict[str, Any]:
    return {
        "version": form.version,
        "digest": form.digest,
        "type_code": form.type_code,
        "direction": form.direction,
        "on": form.on,
        "questions": [_question(one, language) for one in form.questions],
    }


def _question(one: Criterion, language: Language) -> dict[str, Any]:
    return {
        "code": one.code,
        "question": one.question.in_language(language),
        "help": one.help.in_language(language),
        "norm": one.citation,
        "answered_by": one.answered_by,
        "consequence": one.consequence,
        "answers": one.answers,
    }


def _answered(
    case: CaseFile, form: Form, answered: dict[str, Answer], language: Language
) -> dict[str, Any]:
    return {
        "decision_id": case.decision.decision_id,
        "version": form.version,
        "digest": form.digest,
        "answers": [
            {
                "code": code,
                "grade": one.grade,
                "sentence": one.sentence,
                "text": write(one.sentence, one.values, language),
                "values": {name: _plain(value) for name, value in one.values.items()},
                "evidence": [{"type": each.event_type, "day": each.day} for each in one.evidence],
            }
            for code, one in answered.items()
        ],
    }


def _plain(value: Value) -> Value:
    """Write a length of time as its days."""
    return value.days if isinstance(value, timedelta) else value
