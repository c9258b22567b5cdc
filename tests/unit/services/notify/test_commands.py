"""`gleichfall messages` as an editor meets it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.secrets.files import create_missing
from services.notify.channels.email.errors import ReportUnreadable
from services.notify.commands import messages
from services.notify.errors import TextUnavailable
from services.notify.messages.catalogue import load_messages
from services.notify.messages.file import Texts
from services.notify.preview import commands
from services.notify.preview.errors import MessageUnknown
from shared.configuration.places import ROOT
from shared.postgres.errors import DatabaseUnreachable

KARLSRUHE = str(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
DESCRIPTION = """
cause: gleichfall.documents.requested.v1
legal_class: request
channels: [email]
placeholders:
  due: {type: date, example: 2026-03-02, optional: true}
"""


def call(*arguments: str) -> Result:
    environment = {"GLEICHFALL_ORGANISATION": KARLSRUHE}
    return CliRunner(env=environment).invoke(messages, arguments)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one message; its text is left to the test."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "message.yaml").write_text(DESCRIPTION)
    (tmp_path / "opening.de.md").write_text("Hallo")
    (tmp_path / "closing.de.md").write_text("Freundliche Grüße")
    (tmp_path / "signature.de.md").write_text("Amt")
    monkeypatch.setattr(commands, "load_messages", lambda *_: load_messages(Texts(tmp_path)))
    return tmp_path / "news" / "de.md"


def test_the_list_names_every_message_whole() -> None:
    output = call("list").output

    for name, kind in load_messages().by_name.items():
        assert name in output
        assert all(cause.event in output for cause in kind.description.cause)


def test_a_preview_shows_what_the_recipient_reads() -> None:
    arguments = ("preview", "appointment_booked", "--language", "de", "--channel", "email")

    lines = call(*arguments).output.splitlines()

    assert lines[:3] == ["Ihr Termin am Montag, 2. März 2026", "", "Guten Tag,"]
    assert "Wo: Kaiserallee 8, Karlsruhe" in lines


def test_a_preview_can_be_kept_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "preview.txt"

    result = call("preview", "application_received", "--out", str(file))

    assert (result.exit_code, result.output) == (0, "")
    assert file.read_text(encoding="utf-8") == call("preview", "application_received").output


def test_a_preview_can_be_the_page_of_the_e_mail_or_that_with_marks() -> None:
    arguments = ("preview", "documents_requested", "--language", "ar", "--as")

    html, marked = call(*arguments, "html").output, call(*arguments, "marked").output

    assert '<html lang="ar" dir="rtl">' in html
    assert "2026" in html
    assert "placeholder" not in html
    assert "<span class='placeholder'>&#40;&#40;due&#41;&#41;</span>" in marked
    assert "<span class='placeholder-conditional'>&#40;&#40;has due!!</span>" in marked


@pytest.mark.parametrize(
    ("arguments", "refusal", "offer"),
    [
        (("birthday",), MessageUnknown, "there are appeal_decided, appeal_forwarded, "),
        (
            ("application_received", "--language", "tlh"),
            TextUnavailable,
            "only ar, de, en",
        ),
        (("hearing_sent", "--channel", "letter", "--out", "x.pdf"), TextUnavailable, "only email"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    arguments: tuple[str, ...], refusal: type[Exception], offer: str
) -> None:
    result = call("preview", *arguments)

    assert isinstance(result.exception, refusal)
    assert offer in str(result.exception)


@pytest.mark.parametrize(
    ("language", "begins", "told"),
    [("de", "Wir haben Ihren Antrag", "GSM_7, "), ("uk", "Ми ", "UCS_2, ")],
)
def test_an_sms_is_shown_with_the_parts_that_are_paid_for(
    language: str, begins: str, told: str
) -> None:
    result = call("preview", "application_received", "--channel", "sms", "--language", language)

    assert result.stdout.startswith(begins)
    assert result.stderr.startswith(told)
    assert result.stderr.endswith(" to pay for, class home\n")


@pytest.mark.parametrize(
    ("country", "told"), [("DE", "home"), ("Österreich", "EU and EEA"), ("UA", "world")]
)
def test_what_a_part_costs_depends_on_where_it_goes(country: str, told: str) -> None:
    result = call("preview", "application_received", "--channel", "sms", "--to", country)

    assert result.stderr.endswith(f", class {told}\n")


def test_a_country_that_nobody_knows_has_no_class() -> None:
    result = call("preview", "application_received", "--channel", "sms", "--to", "Atlantis")

    assert result.exit_code == 2
    assert "no country is called Atlantis" in result.output


def test_a_letter_is_a_pdf_whose_file_must_be_named(tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"

    named = call("preview", "application_received", "--channel", "letter", "--out", str(file))
    nowhere = call("preview", "application_received", "--channel", "letter")

    assert (named.exit_code, named.output) == (0, f"1 page(s) in {file}\n")
    assert file.read_bytes().startswith(b"%PDF-1.7")
    assert nowhere.exit_code == 2
    assert "--out letter.pdf" in nowhere.output


def test_the_shipped_texts_are_plain() -> None:
    result = call("check")

    assert result.exit_code == 0, result.output
    assert "documents_requested without due" in result.output
    assert result.output.count("failed") == result.output.count("delivery_failed")


def test_a_hard_text_fails_with_what_to_change(written: Path) -> None:
    written.write_text("Betreff: Antrag\n\nIhr Antrag wird geprüft. Bitte warten Sie ggf. auf uns.")

    result = call("check")

    assert result.exit_code == 1
    assert "news: passive: „Ihr Antrag wird geprüft.“ Sagen Sie, wer etwas tut" in result.output
    assert "news: abbreviation: „ggf.“ Schreiben Sie das Wort aus. (wenn nötig)" in result.output


def test_a_translation_that_others_have_and_this_one_lacks_is_named(written: Path) -> None:
    written.write_text("Betreff: Antrag\n\nWir arbeiten daran.")
    other = written.parents[1] / "other"
    other.mkdir()
    (other / "message.yaml").write_text(DESCRIPTION)
    (other / "de.md").write_text("Betreff: Antrag\n\nWir arbeiten daran.")
    (other / "tr.md").write_text("Konu: Dosya\n\nBir.")
    for part in ("opening", "closing", "signature", "binding"):
        (written.parents[1] / f"{part}.tr.md").write_text("Merhaba")

    result = call("check")

    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "news: tr.md is missing"


def test_a_text_is_checked_without_its_optional_values_too(written: Path) -> None:
    written.write_text("Betreff: Antrag\n\n((has due??Bis ((due)).))((has due!!Hiermit gilt das.))")

    lines = call("check").output.splitlines()

    assert [line for line in lines if "officialese" in line] == [
        "news without due: officialese: „Hiermit“ Nehmen Sie ein Wort aus dem Alltag. (weglassen)"
    ]


def test_a_mail_that_came_back_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "returned.eml"
    identity = "20eac312-5fba-54d8-a3e5-1f658e55434f"
    file.write_text(
        "To: abh@oa.karlsruhe.de\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at example.net.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        "<somebody@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n"
        f"Message-ID: <{identity}@oa.karlsruhe.de>\n"
    )

    told = call("bounce", str(file)).output
    file.write_text("Subject: Danke\n\nIch komme.\n")
    nothing = call("bounce", str(file))

    assert told.startswith(f"{identity}  bounced\n")
    assert "Diese Adresse ist falsch" in told
    assert "somebody" not in told
    assert isinstance(nothing.exception, ReportUnreadable)


def test_texts_are_checked_wherever_the_command_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GLEICHFALL_ORGANISATION", raising=False)

    result = CliRunner().invoke(messages, ["check"])

    assert result.exit_code == 0, result.output


def test_the_record_for_signatures_needs_the_key_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_missing(tmp_path)
    alone(monkeypatch, GLEICHFALL_SECRETS_DIR=str(tmp_path))

    result = call("dkim", "march")

    assert result.output.startswith("march._domainkey."), result.exception


@pytest.mark.parametrize(
    "command", [("audit",), ("show", "case-" + "a" * 26), ("tasks",)], ids=lambda one: one[0]
)
def test_what_is_looked_up_needs_the_database_alone(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_missing(tmp_path)
    server = "postgresql://127.0.0.1:9/none"
    alone(monkeypatch, GLEICHFALL_SECRETS_DIR=str(tmp_path), DATABASE_URL=server)

    result = call(*command)

    assert isinstance(result.exception, DatabaseUnreachable), "it went as far as to ask for it"


def alone(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """Let a command see these settings, and none of a service's others."""
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "SMTP_URL", "GLEICHFALL_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
