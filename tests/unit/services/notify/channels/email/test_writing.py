from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.email.calendar_file import CalendarFile
from services.notify.channels.email.writing import Mail, compose
from services.notify.messages.description import Method
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import Rendered
from services.notify.template.markup import escaped

AMT = Sender("Ausländerbehörde der Stadt Karlsruhe", "abh@example.org")
IDENTITY = UUID("20eac312-5fba-44d8-a3e5-1f658e55434f")
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=1)))
printable = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "))
lines = st.lists(printable).map("\n".join)


def mail(
    subject: str = "Termin",
    text: str = "Guten Tag,\n",
    sender: Sender = AMT,
    language: str = "de",
    calendar: CalendarFile | None = None,
) -> Mail:
    return compose(
        Rendered(language, subject, text, f"<p>{escaped(text)}</p>\n"),
        identity=IDENTITY,
        sender=sender,
        recipient="anna@example.org",
        dated=NOON,
        calendar=calendar,
    )


def read(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.content, policy=policy.default)


def test_the_headers_say_who_writes_and_that_nobody_should_answer() -> None:
    headers = read(mail())

    assert headers["From"] == "Ausländerbehörde der Stadt Karlsruhe <abh@example.org>"
    assert headers["To"] == "anna@example.org"
    assert headers["Date"].datetime == NOON
    assert headers["Message-ID"] == f"<{IDENTITY}@example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert headers["Content-Language"] == "de"
    assert headers.get_content_type() == "multipart/alternative"
    assert not headers.defects


def test_only_answers_that_are_read_elsewhere_have_an_address_of_their_own() -> None:
    elsewhere = Sender(AMT.name, AMT.address, answers_to="service@example.org")

    assert read(mail(sender=elsewhere)).get_all("Reply-To") == ["service@example.org"]
    assert "Reply-To" not in read(mail())


@pytest.mark.parametrize("method", Method)
def test_a_calendar_file_stands_beside_the_text_and_its_type_names_its_method(
    method: Method,
) -> None:
    content = b"BEGIN:VCALENDAR\r\n" + b"X" * 500 + b"\r\nEND:VCALENDAR\r\n"
    whole = read(mail(text="Guten Tag\n", calendar=CalendarFile(method, content)))
    text, file = whole.iter_parts()

    assert whole.get_content_type() == "multipart/mixed"
    assert text.get_content_type() == "multipart/alternative"
    plain, html = text.iter_parts()
    assert plain.get_content().strip() == "Guten Tag"
    assert html.get_content_type() == "text/html"
    assert file["Content-Type"].params["method"] == method
    assert file.get_filename() == "termin.ics"
    assert file.get_payload(decode=True) == content
    assert not [part.defects for part in whole.walk() if part.defects]


def test_a_repeat_is_the_same_to_the_last_byte() -> None:
    assert mail() == mail()


@given(printable.filter(str.strip), lines)
def test_subject_and_text_arrive_as_they_were_written(subject: str, text: str) -> None:
    arrived = read(mail(subject, text))

    assert " ".join(arrived["Subject"].split()) == " ".join(subject.split())
    plain, html = (part.get_content().replace("\r\n", "\n") for part in arrived.iter_parts())
    assert plain.rstrip() == text.rstrip()
    assert f"<p>{escaped(text)}</p>" in html
    assert f"<title>{escaped(subject)}</title>" in html


def test_a_subject_may_hold_the_narrow_spaces_of_a_ukrainian_date() -> None:
    arrived = read(mail("Ваш прийом перенесено: субота, 1 січня 2028\u202fr."))

    assert arrived["Subject"].endswith("2028\u202fr.")


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("uk", "ltr"), ("ar", "rtl")])
def test_the_page_tells_its_language_and_which_way_it_is_read(
    language: str, direction: str
) -> None:
    _, html = read(mail(language=language)).iter_parts()

    assert f'<html lang="{language}" dir="{direction}">' in html.get_content()


@given(lines)
def test_every_line_is_short_ascii_and_ends_as_smtp_wants_it(text: str) -> None:
    content = mail(text=text).content

    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("hostile", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85"])
def test_a_line_break_in_a_header_is_impossible(hostile: str) -> None:
    with pytest.raises(ValueError, match="Subject would hold a line break"):
        mail(subject=f"Termin{hostile}Bcc: all@example.org")
    with pytest.raises(ValueError, match=r"line break|CR or LF"):
        mail(sender=Sender(f"Amt{hostile}Bcc: all@example.org", "abh@example.org"))
    with pytest.raises(ValueError, match="To would hold a line break"):
        compose(
            Rendered("de", "Termin", "Text", "<p>Text</p>"),
            identity=IDENTITY,
            sender=AMT,
            recipient=f"anna@example.org{hostile}Bcc: all@example.org",
            dated=datetime.now(UTC),
        )
