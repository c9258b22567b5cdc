"""An SMS costs one part in German and at most two in translation, whatever it has to say."""

from dataclasses import replace

import pytest

from services.notify.channels.sms.alphabet import as_sms
from services.notify.messages.catalogue import Messages, load_messages
from services.notify.messages.examples import examples
from services.notify.messages.rendering import REFERENCE, render_short
from services.notify.messages.text import MessageType
from services.notify.preview.brevity import too_long
from services.notify.template.passages import parse
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

MESSAGES = load_messages()
HERE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
BY_SMS = [kind for kind in MESSAGES.by_name.values() if Channel.SMS in kind.description.channels]


def alone(kind: MessageType) -> Messages:
    return Messages({kind.name: kind}, {}, {})


def test_every_shipped_sms_is_short_enough() -> None:
    assert list(too_long(MESSAGES, HERE)) == []


@pytest.mark.parametrize("kind", BY_SMS, ids=lambda kind: kind.name)
def test_every_message_that_goes_by_sms_has_a_text_of_its_own_and_says_who_writes(
    kind: MessageType,
) -> None:
    for language, text in kind.texts.items():
        assert text.brief
        for values in examples(kind).values():
            sms = as_sms(render_short(kind, language, {**values, REFERENCE: "K7M4-2XQP"}, HERE))
            assert "Ausländerbehörde Karlsruhe" in sms.text
            assert "115" in sms.text
            assert "K7M4-2XQP" in sms.text
            assert "((" not in sms.text


@pytest.mark.parametrize(("language", "allowed"), [("de", 1), ("uk", 2)])
def test_a_text_that_grows_is_named_with_its_parts(language: str, allowed: int) -> None:
    kind = MESSAGES.by_name["documents_requested"]
    longer = replace(kind.texts[language], short=parse("x" * 300))
    texts = {**kind.texts, language: longer}

    found = {
        (one.language, one.allowed) for one in too_long(alone(replace(kind, texts=texts)), HERE)
    }

    assert found == ({("de", 1)} if language == "de" else set())
    cyrillic = {**texts, language: replace(longer, short=parse("ж" * 135))}
    (*_, last) = too_long(alone(replace(kind, texts=cyrillic)), HERE)
    assert (last.language, last.parts, last.allowed) == (language, 3, allowed)


def test_the_longest_office_and_reference_count_not_the_examples() -> None:
    kind = MESSAGES.by_name["appointment_booked"]
    office = HERE.offices[0]
    name = office.name.model_copy(
        update={"de": "Bürgerhaus Nordost, Konrad-Adenauer-Allee 115-117"}
    )
    far = office.model_copy(update={"key": "far", "name": name})
    there = HERE.model_copy(update={"offices": (office, far)})

    assert {one.language for one in too_long(alone(kind), there)} >= {"de"}
