from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.errors import ValueMissing
from services.notify.messages.description import Description
from services.notify.messages.rendering import MessageType, compile_text, render
from shared.organisation.file import load_organisation
from shared.service.settings import ROOT

KARLSRUHE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
VALUES: dict[str, str | None] = {"starts": "2026-03-02T13:30:00Z", "office": "kaiserallee"}

EARLIEST, LATEST = datetime(1970, 1, 2), datetime(2100, 1, 1)  # noqa: DTZ001 - in UTC below


def message(body: str, subject: str = "Termin", *, optional: bool = False) -> MessageType:
    description = Description.model_validate(
        {
            "cause": "gleichfall.appointment.booked.v1",
            "legal_class": "information",
            "channels": ["email"],
            "placeholders": {
                "starts": {"type": "moment", "example": "x", "optional": optional},
                "office": {"type": "office", "example": "x"},
            },
        }
    )
    return MessageType(
        "news", description, {"de": compile_text("de", f"Betreff: {subject}\n\n{body}", "Gruß")}
    )


@pytest.mark.parametrize("absent", ["starts", "office"])
def test_a_missing_value_refuses_the_message(absent: str) -> None:
    with pytest.raises(ValueMissing, match=f"{absent} is not given"):
        render(message("Am {{ starts.date }}"), "de", VALUES | {absent: None}, KARLSRUHE)


def test_a_value_that_nobody_described_refuses_the_message() -> None:
    with pytest.raises(ValueMissing, match="'case_ref' is undefined"):
        render(message("Fall {{ case_ref }}"), "de", VALUES | {"case_ref": "x"}, KARLSRUHE)


def test_an_optional_value_may_be_absent() -> None:
    kind = message("{% if starts %}Am {{ starts.date }}{% else %}Bald{% endif %}", optional=True)

    assert render(kind, "de", VALUES | {"starts": None}, KARLSRUHE).text == "Bald\n\nGruß\n"


def test_an_office_that_nobody_configured_refuses_the_message() -> None:
    with pytest.raises(ValueMissing, match="no office atlantis"):
        render(message("{{ office }}"), "de", VALUES | {"office": "atlantis"}, KARLSRUHE)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ authority.__class__ }}",
        "{{ authority.name.model_dump.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(attack: str) -> None:
    with pytest.raises(ValueMissing):
        render(message(attack), "de", VALUES, KARLSRUHE)


@pytest.mark.parametrize("character", ["\\r", "\\n", "\\x00", "\\x1b", "\\u2028"])
def test_no_control_character_reaches_a_subject(character: str) -> None:
    kind = message("Text", subject=f"A{{{{ '{character}' }}}}Bcc: all@example.org")

    with pytest.raises(ValueMissing, match="control character"):
        render(kind, "de", VALUES, KARLSRUHE)


@given(st.lists(st.datetimes(EARLIEST, LATEST), max_size=5))
def test_no_message_keeps_anything_of_another(moments: list[datetime]) -> None:
    kind = message("{{ starts.date }} {{ starts.time }}")
    values = [VALUES | {"starts": f"{moment.isoformat()}Z"} for moment in moments]

    forwards = [render(kind, "de", one, KARLSRUHE) for one in values]
    backwards = [render(kind, "de", one, KARLSRUHE) for one in reversed(values)]

    assert forwards == backwards[::-1]
