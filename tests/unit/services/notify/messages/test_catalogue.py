"""The shipped messages, read as an applicant reads them."""

import re
from pathlib import Path

import pytest

from services.intake.simulation.assumptions import load_assumptions
from services.notify.messages.catalogue import load_messages
from services.notify.messages.description import Audience, LegalClass
from services.notify.messages.errors import MessageInvalid
from services.notify.messages.examples import examples
from services.notify.messages.file import Texts
from services.notify.messages.rendering import Rendered, render, render_short
from services.notify.messages.text import BINDING_LANGUAGE, MessageType
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

MESSAGES = load_messages()
KARLSRUHE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
EVERY = pytest.mark.parametrize("kind", MESSAGES.by_name.values(), ids=MESSAGES.by_name.keys())
APPLICANTS = [
    kind for kind in MESSAGES.by_name.values() if kind.description.audience is Audience.APPLICANT
]
FOR_APPLICANTS = pytest.mark.parametrize("kind", APPLICANTS, ids=lambda kind: kind.name)
OFFICIALESE = ("bezüglich", "gemäß", "hiermit", "seitens", "ggf.", "i. d. R.", "unter Bezugnahme")
LONGEST_SENTENCE = 20


def example(kind: MessageType) -> Rendered:
    values = {name: value.example for name, value in kind.description.placeholders.items()}
    return render(kind, BINDING_LANGUAGE, values, KARLSRUHE)


def test_these_messages_are_shipped() -> None:
    assert set(MESSAGES.by_name) == {
        "appeal_decided",
        "appeal_forwarded",
        "appeal_received",
        "application_received",
        "application_withdrawn",
        "appointment_booked",
        "appointment_cancelled",
        "appointment_missed",
        "appointment_reminder",
        "appointment_rescheduled",
        "card_ready",
        "case_closed",
        "case_transferred",
        "decision_corrected",
        "decision_dispatched",
        "decision_notified",
        "decision_withdrawn",
        "delivery_failed",
        "documents_deadline_extended",
        "documents_overdue",
        "documents_received",
        "documents_requested",
        "emergency_slot_booked",
        "hearing_deadline_extended",
        "hearing_sent",
        "measures_due",
        "measures_overdue",
        "participation_delayed",
        "permit_expiring",
        "provisional_paper_expiring",
        "provisional_paper_issued",
        "reviews_due",
        "reviews_overdue",
        "still_working",
    }


@EVERY
def test_every_message_is_written_in_plain_german(kind: MessageType) -> None:
    text = example(kind).text
    sentences = re.split(r"(?<=[a-zäöüß)][.?!:])\s|\n\n|\n- ", text)

    assert max(len(sentence.split()) for sentence in sentences) <= LONGEST_SENTENCE
    assert not [word for word in OFFICIALESE if word in text.lower()]
    assert "Sie" in text.split()


@FOR_APPLICANTS
def test_every_message_says_who_writes_and_where_to_ask(kind: MessageType) -> None:
    text = example(kind).text

    assert text.startswith("Guten Tag,\n")
    assert "Ausländerbehörde der Stadt Karlsruhe" in text
    assert "Telefon: 115" in text
    assert "E-Mail: abh@oa.karlsruhe.de" in text


@pytest.mark.parametrize("name", ["decision_notified", "decision_dispatched", "appeal_decided"])
def test_a_message_about_a_decision_says_only_that_there_is_one(name: str) -> None:
    kind = MESSAGES.by_name[name]
    text = example(kind).text.lower()

    assert kind.description.placeholders == {}
    for word in ("ablehnung", "abgelehnt", "erteilt", "bewilligt", "bescheid", "ausreise"):
        assert word not in text


@pytest.mark.parametrize(
    "name", ["reviews_due", "reviews_overdue", "measures_due", "measures_overdue"]
)
def test_a_mail_about_reviews_has_no_place_for_anything_but_its_words(name: str) -> None:
    kind = MESSAGES.by_name[name]

    assert kind.description.placeholders == {}
    assert {text.names for text in kind.texts.values()} == {frozenset({"authority"})}


REQUEST = MESSAGES.by_name["documents_requested"]
IN_THE_LETTER = "Welche Unterlagen fehlen, steht in unserem Brief an Sie."


def test_missing_documents_are_not_named_where_others_read() -> None:
    values = examples(REQUEST)[""]

    mail = render(REQUEST, "de", values, KARLSRUHE)
    short = render_short(REQUEST, "de", values, KARLSRUHE)

    assert "bis Montag, 2. März 2026" in mail.text
    assert "bis Mo., 2.3.2026. Welche, steht im Brief." in short
    for text in (mail.text, mail.html):
        assert IN_THE_LETTER in text
    for text in (mail.text, mail.html, short):
        assert "Pass" not in text
        assert "Mietvertrag" not in text


def test_missing_documents_are_named_in_a_mailbox_one_under_the_other() -> None:
    told = render(REQUEST, "de", examples(REQUEST)[""], KARLSRUHE, way=Channel.MAILBOX)

    assert "Diese Unterlagen fehlen:\n\n- Pass\n- Mietvertrag\n\nBrauchen Sie" in told.text
    assert "<ul>\n<li>Pass</li>\n<li>Mietvertrag</li>\n</ul>" in told.html
    assert IN_THE_LETTER not in told.text


def test_a_list_with_a_document_that_has_no_name_is_not_told_at_all() -> None:
    values = {"items": ["passport", "something-new"]}

    told = render(REQUEST, "de", values, KARLSRUHE, way=Channel.MAILBOX).text

    assert IN_THE_LETTER in told
    assert "Pass" not in told
    assert "something-new" not in told


def test_documents_have_a_name_in_every_language() -> None:
    names = {language: text.documents for language, text in REQUEST.texts.items()}

    assert len({frozenset(one) for one in names.values()}) == 1
    assert names["de"].keys() >= load_assumptions().documents.items.keys()
    assert all(one.strip() for named in names.values() for one in named.values())
    assert all(len(set(named.values())) == len(named) for named in names.values())


def test_an_appointment_is_told_in_the_authority_s_own_time() -> None:
    kind = MESSAGES.by_name["appointment_booked"]
    winter = render(
        kind, "de", {"starts": "2026-03-02T23:30:00Z", "office": "kaiserallee"}, KARLSRUHE
    )
    summer = render(
        kind, "de", {"starts": "2026-07-06T12:05:00Z", "office": "kaiserallee"}, KARLSRUHE
    )

    assert winter.subject == "Ihr Termin am Dienstag, 3. März 2026"
    assert "Wann: Dienstag, 3. März 2026, 00:30 Uhr" in winter.text
    assert "Wann: Montag, 6. Juli 2026, 14:05 Uhr" in summer.text
    assert "Wo: Kaiserallee 8, Karlsruhe" in summer.text


def test_e_mails_inform_and_never_serve_a_notice() -> None:
    classes = {kind.description.legal_class for kind in MESSAGES.by_name.values()}

    assert classes <= {LegalClass.INFORMATION, LegalClass.REQUEST}


DESCRIPTION = """
cause: gleichfall.appointment.booked.v1
legal_class: information
channels: [email]
placeholders:
  starts: {type: moment, example: "2026-03-02T13:30:00Z"}
"""
DECISION = """
cause: gleichfall.decision.notified.v1
legal_class: information
channels: [email]
placeholders:
  notified_on: {type: date, example: 2026-03-02}
"""
TEXT = "Betreff: Termin\n\nAm ((starts day)).\n"


def folder(path: Path, description: str = DESCRIPTION, text: str | None = TEXT) -> Path:
    (path / "news").mkdir()
    (path / "news" / "message.yaml").write_text(description)
    (path / "opening.de.md").write_text("Hallo")
    (path / "closing.de.md").write_text("Gruß")
    (path / "signature.de.md").write_text("Amt")
    if text is not None:
        (path / "news" / "de.md").write_text(text)
    return path


def test_a_new_message_is_a_new_folder_and_no_code(tmp_path: Path) -> None:
    messages = load_messages(Texts(folder(tmp_path)))

    (kind,) = messages.by_cause["gleichfall.appointment.booked.v1"]
    rendered = render(kind, "de", {"starts": "2026-03-02T13:30:00Z"}, KARLSRUHE)
    assert (rendered.subject, rendered.text) == (
        "Termin",
        "Hallo\n\nAm Montag, 2. März 2026.\n\nGruß\n",
    )


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        (DESCRIPTION.replace("booked.v1", "dreamt.v1"), "not in the catalogue of events"),
        (DESCRIPTION.replace("starts:", "began:"), "has no field began"),
        (DESCRIPTION.replace("information", "decision_notice"), "never travels by e-mail or SMS"),
        (DESCRIPTION.replace("information", "gossip"), "legal_class"),
        (DESCRIPTION + "of_use_until: began\n", "has no field began; nor is it inaction"),
        (DESCRIPTION + "leaves: {days: 2, before: began}\n", "has no field began"),
        (DESCRIPTION + "leaves: {days: 0, before: starts}\n", "greater than or equal to 1"),
        (DESCRIPTION + "superseded_by: gleichfall.dream.v1\n", "not in the catalogue of events"),
        (
            DESCRIPTION + "superseded_by: {event: gleichfall.case.closed.v1, when: {no: it}}\n",
            "has no field no",
        ),
        (
            DECISION.replace("notified_on: {type: date, example: 2026-03-02}", "").replace(
                "placeholders:", "placeholders: {}"
            )
            + "calendar: CANCEL\n",
            "only a message about an appointment has a calendar file",
        ),
        (DESCRIPTION.replace("[email]", "[]"), "channels"),
        (DESCRIPTION.replace("moment", "documents"), "they must be optional"),
        (DESCRIPTION.replace("cause:", "reason:"), "cause"),
        ("cause: [", "is not YAML"),
        (
            DECISION,
            "takes no values",
        ),
    ],
)
def test_a_description_that_breaks_a_rule_stops_the_service(
    tmp_path: Path, description: str, reason: str
) -> None:
    with pytest.raises(MessageInvalid, match=reason):
        load_messages(Texts(folder(tmp_path, description=description)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "the text de.md is missing"),
        ("Guten Tag\n\nText", "the first line must be the subject"),
        ("Betreff:\n\nText", "the first line must be the subject"),
        ("Betreff: A\nB\n\nText", "the first line must be the subject"),
        ("Betreff: A\n\n((age)) ((name))", "takes unknown values: age"),
    ],
)
def test_a_text_that_cannot_be_read_stops_the_service(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    with pytest.raises(MessageInvalid, match=reason):
        load_messages(Texts(folder(tmp_path, text=text)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("# für alle\n".encode("cp1252"), "message.yaml: is not UTF-8 text"),
        (b"cause: \x07\n", "message.yaml: is not YAML: .*character"),
        (b"cause: &a [*a]\n", "message.yaml: line 1: .*a stands for nothing before it"),
        (None, "message.yaml: Is a directory"),
    ],
    ids=["Windows-1252", "a control character", "an alias", "a folder"],
)
def test_a_description_that_cannot_be_read_stops_the_service(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = folder(tmp_path) / "news" / "message.yaml"
    file.unlink()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(MessageInvalid, match=reason):
        load_messages(Texts(tmp_path))


LANGUAGES = ("ar", "de", "en", "fr", "tr", "uk")


@FOR_APPLICANTS
def test_every_message_is_there_in_every_language(kind: MessageType) -> None:
    assert tuple(sorted(kind.texts)) == LANGUAGES


def test_staff_are_written_to_in_german_and_english_without_an_applicant_s_name() -> None:
    for kind in MESSAGES.by_name.values():
        if kind.description.audience is Audience.STAFF:
            text = example(kind).text
            assert set(kind.texts) == {"de", "en"}
            assert text.startswith("Guten Tag,\n")
            assert "Ausländerbehörde der Stadt Karlsruhe" in text
            assert "name" not in kind.texts["de"].names


@FOR_APPLICANTS
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_says_that_the_german_text_is_the_binding_one(
    kind: MessageType, language: str
) -> None:
    values = {name: value.example for name, value in kind.description.placeholders.items()}
    note = ROOT / "services" / "notify" / "messages" / f"binding.{language}.md"
    text = render(kind, language, values, KARLSRUHE).text

    if language == BINDING_LANGUAGE:
        assert not note.exists()
    else:
        assert text.endswith(note.read_text(encoding="utf-8"))


@FOR_APPLICANTS
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_without_its_optional_values_leaves_no_gap(
    kind: MessageType, language: str
) -> None:
    for values in examples(kind).values():
        rendered = render(kind, language, values, KARLSRUHE, "Anna Öz")

        assert "((" not in rendered.text + rendered.html
        assert "\n\n\n" not in rendered.text
        assert "<p></p>" not in rendered.html
        assert "Anna Öz" in rendered.text


@pytest.mark.parametrize(
    ("translation", "reason"),
    [
        ("Subject: Appointment\n\nOn a day.", r"the value \(\(startsday\)\) is missing"),
        ("Subject: A\n\nOn ((starts day)) at 5.", "the German text has no number 5"),
        ("Subject: A\n\n- On ((starts day)).", "the German text has no item of a list -"),
        ("Subject: A\n\n((has name??On ((starts day))))", r"no value \(\(hasname\?\?\)\)"),
        (
            "Subject: A\n\nOn ((starts day)), https://example.org",
            "the German text has no link https://example.org",
        ),
    ],
)
def test_a_translation_that_says_something_else_stops_the_service(
    tmp_path: Path, translation: str, reason: str
) -> None:
    folder(tmp_path)
    for part in ("opening", "closing", "signature", "binding"):
        (tmp_path / f"{part}.en.md").write_text("Hello")
    (tmp_path / "news" / "en.md").write_text(translation)

    with pytest.raises(MessageInvalid, match=reason):
        load_messages(Texts(tmp_path))


@pytest.mark.parametrize(
    ("german", "english", "reason"),
    [
        ("photo: Foto", "picture: Photo", r"documents\.en\.yaml.*check photo, picture"),
        ("photo: Foto", None, r"documents\.en\.yaml.*check photo"),
        ("[photo]", "photo: Photo", r"documents\.de\.yaml.*must give each code a name"),
        ("photo: [", "photo: Photo", r"documents\.de\.yaml.*must give each code a name"),
    ],
)
def test_documents_without_a_name_in_some_language_stop_the_service(
    tmp_path: Path, german: str, english: str | None, reason: str
) -> None:
    folder(tmp_path)
    for part in ("opening", "closing", "signature", "binding"):
        (tmp_path / f"{part}.en.md").write_text("Hello")
    (tmp_path / "news" / "en.md").write_text("Subject: A\n\nOn ((starts day)).")
    (tmp_path / "documents.de.yaml").write_text(german)
    if english is not None:
        (tmp_path / "documents.en.yaml").write_text(english)

    with pytest.raises(MessageInvalid, match=reason):
        load_messages(Texts(tmp_path))


def test_a_translation_without_the_note_on_what_is_binding_stops_the_service(
    tmp_path: Path,
) -> None:
    folder(tmp_path)
    for part in ("opening", "closing", "signature"):
        (tmp_path / f"{part}.en.md").write_text("Hello")
    (tmp_path / "news" / "en.md").write_text("Subject: A\n\nOn ((starts day)).")

    with pytest.raises(MessageInvalid, match=r"binding\.en\.md"):
        load_messages(Texts(tmp_path))


@pytest.mark.parametrize(
    ("short", "reason"),
    [
        ("de: Am ((starts day))", r"sms\.yaml.*check en"),
        ("de: Am ((starts day))\nen: On a day", "en takes other values than de"),
        ("de: Am ((starts day)), ((age))\nen: On ((starts day)), ((age))", "unknown values: age"),
        ("[Am]", "must give each language a text"),
    ],
)
def test_short_texts_that_lack_a_language_or_a_value_stop_the_service(
    tmp_path: Path, short: str, reason: str
) -> None:
    folder(tmp_path)
    for part in ("opening", "closing", "signature", "binding"):
        (tmp_path / f"{part}.en.md").write_text("Hello")
    (tmp_path / "news" / "en.md").write_text("Subject: A\n\nOn ((starts day)).")
    (tmp_path / "news" / "sms.yaml").write_text(short)

    with pytest.raises(MessageInvalid, match=reason):
        load_messages(Texts(tmp_path))


def test_without_a_short_text_an_sms_says_all_and_that_the_german_text_is_binding(
    tmp_path: Path,
) -> None:
    folder(tmp_path)
    for part in ("opening", "closing", "signature", "binding"):
        (tmp_path / f"{part}.en.md").write_text(part)
    (tmp_path / "news" / "en.md").write_text("Subject: A\n\nOn ((starts day)).")
    values = {"starts": "2026-03-02T13:30:00Z"}

    (kind,) = load_messages(Texts(tmp_path)).by_name.values()
    whole = render_short(kind, "en", values, KARLSRUHE)
    (tmp_path / "news" / "sms.yaml").write_text("de: ((starts day))\nen: ((starts day))")
    (kind,) = load_messages(Texts(tmp_path)).by_name.values()

    assert whole == "On Monday, 2 March 2026.\n\nsignature\n\nbinding\n"
    assert render_short(kind, "en", values, KARLSRUHE) == "Mon, 02/03/2026\nsignature\n"
