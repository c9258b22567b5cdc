from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.messages.catalogue import load_messages
from services.notify.messages.description import Description
from services.notify.messages.errors import ValueMissing
from services.notify.messages.examples import examples
from services.notify.messages.rendering import render, render_short, render_whole
from services.notify.messages.text import Frame, MessageType, read_text
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

MESSAGES = load_messages()
KARLSRUHE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
VALUES: dict[str, str | None] = {"starts": "2026-03-02T13:30:00Z", "office": "kaiserallee"}

ADDRESS = {
    "de": "Adresse",
    "en": "address",
    "fr": "votre adresse",
    "tr": "adresiniz",
    "uk": "наприклад адреса",
    "ar": "عنوانك",
}
EARLIEST, LATEST = datetime(1970, 1, 2), datetime(2100, 1, 1)


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
        "news",
        description,
        {"de": read_text("de", f"Betreff: {subject}\n\n{body}", Frame("Hallo", "Gruß", "Amt"))},
    )


def test_an_office_is_named_with_its_room() -> None:
    (office,) = KARLSRUHE.offices
    here = KARLSRUHE.model_copy(
        update={"offices": (office.model_copy(update={"room": "Zimmer 12"}),)}
    )

    assert "Kaiserallee 8, Zimmer 12" in render(message("Wo: ((office))"), "de", VALUES, here).text


@pytest.mark.parametrize("language", MESSAGES.by_name["still_working"].texts)
def test_a_letter_does_not_ask_whether_the_address_has_changed(language: str) -> None:
    kind = MESSAGES.by_name["still_working"]
    mail, letter = (
        render(kind, language, {}, KARLSRUHE, way=way).text
        for way in (Channel.EMAIL, Channel.LETTER)
    )

    asked = ADDRESS[language]
    assert asked in mail
    assert asked not in letter


@pytest.mark.parametrize("absent", ["starts", "office"])
def test_a_missing_value_refuses_the_message(absent: str) -> None:
    with pytest.raises(ValueMissing, match=f"{absent} is not given"):
        render(message("Am ((starts day))"), "de", VALUES | {absent: None}, KARLSRUHE)


def test_a_value_that_nobody_described_refuses_the_message() -> None:
    with pytest.raises(ValueMissing, match="no value for case_ref, age"):
        render(message("Fall ((case_ref)) ((age))"), "de", VALUES | {"case_ref": "x"}, KARLSRUHE)


def test_an_optional_value_may_be_absent() -> None:
    kind = message("((has starts??Am ((starts day))))((has starts!!Bald))", optional=True)

    assert render(kind, "de", VALUES | {"starts": None}, KARLSRUHE).text == (
        "Hallo\n\nBald\n\nGruß\n"
    )


def test_an_office_that_nobody_configured_refuses_the_message() -> None:
    with pytest.raises(ValueMissing, match="no office atlantis"):
        render(message("((office))"), "de", VALUES | {"office": "atlantis"}, KARLSRUHE)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f"])
def test_no_control_character_reaches_a_subject(character: str) -> None:
    kind = message("Text", subject="Für ((name))")

    with pytest.raises(ValueMissing, match="control character"):
        render(kind, "de", VALUES, KARLSRUHE, f"A{character}Bcc: all@example.org")


@pytest.mark.parametrize(
    ("name", "text", "html"),
    [
        ("Anna", "Anna", "Anna"),
        ("<b>&amp;</b>", "<b>&amp;</b>", "&lt;b&gt;&amp;&lt;/b&gt;"),
        ("**A** [x](y)", "**A** [x](y)", "**A** [x](y)"),
        ("Gewinn! https://evil.example/x", "Gewinn!", "Gewinn!"),
        ("www.evil.example", "", ""),
        ("Dr.Maier", "Dr. Maier", "Dr. Maier"),
        ("((starts day))", "((starts day))", "((starts day))"),
        ("# Nachricht", "# Nachricht", "# Nachricht"),
        ("A\r\nBcc: all@b.de", "A Bcc: all@b. de", "A Bcc: all@b. de"),
        ("A\u2028B\u200bC\u00a0D", "ABC D", "ABC D"),
    ],
)
def test_what_a_stranger_wrote_is_read_as_it_is_and_nothing_more(
    name: str, text: str, html: str
) -> None:
    rendered = render(message("An ((name)):"), "de", VALUES, KARLSRUHE, name)

    assert rendered.text.startswith(f"Hallo\n\nAn {text}:\n")
    assert rendered.html.startswith(f"<p>Hallo</p>\n<p>An {html}:</p>\n")


def test_the_authority_s_own_address_is_a_link() -> None:
    html = render(message("((web))"), "de", VALUES, KARLSRUHE).html

    assert '<p><a href="https://www.karlsruhe.de">https://www.karlsruhe.de</a></p>' in html


@given(st.lists(st.datetimes(EARLIEST, LATEST), max_size=5))
def test_no_message_keeps_anything_of_another(moments: list[datetime]) -> None:
    kind = message("((starts day)) ((starts time))")
    values = [VALUES | {"starts": f"{moment.isoformat()}Z"} for moment in moments]

    forwards = [render(kind, "de", one, KARLSRUHE) for one in values]
    backwards = [render(kind, "de", one, KARLSRUHE) for one in reversed(values)]

    assert forwards == backwards[::-1]


PHONE = KARLSRUHE.authority.contact.phone


@pytest.mark.parametrize("name", ["appointment_booked", "documents_requested", "case_closed"])
def test_in_a_text_from_right_to_left_numbers_and_addresses_keep_their_direction(name: str) -> None:
    kind = MESSAGES.by_name[name]
    contact = KARLSRUHE.authority.contact
    found = render(kind, "ar", examples(kind)[""], KARLSRUHE)

    for value in (contact.phone, contact.email, contact.web, KARLSRUHE.authority.name.de):
        assert f"\u2066{value}\u2069" in found.text
    assert f"\u2066{contact.phone}\u2069" in found.html
    assert f'\u2066<a href="{contact.web}">{contact.web}</a>\u2069' in found.html
    assert found.text.count("\u2066") == found.text.count("\u2069")
    assert "\u2066" not in render(kind, "uk", examples(kind)[""], KARLSRUHE).text
    if Channel.SMS in kind.description.channels:
        assert f"\u2066{PHONE}\u2069" in render_short(kind, "ar", examples(kind)[""], KARLSRUHE)


def test_arabic_months_stand_in_both_families_of_names() -> None:
    kind = MESSAGES.by_name["appointment_booked"]

    found = render(
        kind, "ar", {"starts": "2026-03-02T13:30:00Z", "office": "kaiserallee"}, KARLSRUHE
    )

    assert "2 مارس/آذار 2026" in found.text


@pytest.mark.parametrize("language", ["en", "fr", "tr", "uk", "ar"])
@pytest.mark.parametrize("way", [Channel.EMAIL, Channel.LETTER, Channel.MAILBOX])
def test_the_binding_text_stands_below_every_translation(language: str, way: Channel) -> None:
    kind = MESSAGES.by_name["appointment_booked"]
    values = examples(kind)[""]

    whole = render_whole(kind, language, values, KARLSRUHE, "Anna", way=way)
    own = render(kind, language, values, KARLSRUHE, "Anna", way=way)
    german = render(kind, "de", values, KARLSRUHE, "Anna", way=way)

    assert whole.subject == own.subject
    assert whole.text.startswith(own.text.rstrip())
    assert whole.text.endswith(german.text)
    assert german.subject in whole.text
    assert (
        f'<div lang="de" dir="ltr">\n<h2>{german.subject}</h2>\n{german.html}</div>' in whole.html
    )
    assert render_whole(kind, "de", values, KARLSRUHE, "Anna", way=way) == german


def test_a_stranger_s_name_turns_no_text_around() -> None:
    kind = MESSAGES.by_name["case_closed"]

    found = render(kind, "de", {}, KARLSRUHE, "An\u202ena \u2067B\u2069")

    assert found.text.startswith("Guten Tag Anna B,")


def test_a_deadline_at_midnight_is_the_day_that_ends() -> None:
    kind = MESSAGES.by_name["application_received"]

    midnight = render(kind, "de", {"due": "2026-05-29T22:00:00Z"}, KARLSRUHE)
    noon = render(kind, "de", {"due": "2026-05-29T10:00:00Z"}, KARLSRUHE)

    assert "bis Freitag, 29. Mai 2026" in midnight.text
    assert "bis Freitag, 29. Mai 2026" in noon.text
