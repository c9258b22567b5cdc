"""Whatever strangers write as their name and officials as a text: no leak, no crash, no delay."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notify.channels.email.writing import Mail, compose
from services.notify.channels.sms.alphabet import as_sms
from services.notify.messages.errors import ValueMissing
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import Rendered, render
from tests.unit.services.notify.messages.test_rendering import KARLSRUHE, VALUES, message

SECRET = "Rumpelstilzchen"
PIECES = (
    *("((", "))", "??", "!!", "name", "<b>", "</p>", "<script>", "&lt;", "&#x3c;", '"', "'", "\\"),
    *("[a](", ")", "https://evil.example/", "www.evil.example", "\r\n", "\n\n", "# ", "- ", "{0}"),
    *("Bcc: all@example.org", "--", "=3D", "\u202e", "\u2028", "\x00", "%s"),
)
HOSTILE = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
)
LONG = (
    *((" ", 1_000_000), ("\u00a0", 1_000_000), ("((", 100_000), ("))", 100_000), ("<", 200_000)),
    *(("&", 200_000), ("[a](", 20_000), ("- ", 50_000), ("a.", 100_000), ("\n# ", 20_000)),
)
HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version")


class Structure(HTMLParser):
    """The elements of a page with their attributes, and where its links lead; no words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))


def written(name: str, body: str = "An ((name)): ((web))") -> Mail:
    rendered = render(message(body), "de", VALUES, KARLSRUHE, name)
    return compose(
        rendered,
        identity=UUID(int=1),
        sender=Sender("Amt", "amt@example.org"),
        recipient="anna@example.org",
        dated=datetime(2026, 3, 2, tzinfo=UTC),
    )


def pages(mail: Mail) -> Iterator[str]:
    for part in message_from_bytes(mail.content, policy=policy.default).iter_parts():
        yield part.get_content()


@given(HOSTILE)
@example("Anna\r\nBcc: all@example.org\r\n\r\n<h1>x</h1>")
@example("[a](https://evil.example)")
@example("0HTTP://0")
def test_a_name_changes_neither_the_headers_nor_the_structure_of_a_mail(name: str) -> None:
    try:
        mail = written(name)
    except ValueMissing:
        return  # a control character: the message is refused
    read, plain = message_from_bytes(mail.content, policy=policy.default), written("Anna")

    assert [header for header in read if header in HEADERS] == list(HEADERS)
    assert not read.defects
    assert "Bcc" not in read
    text, page = pages(mail)
    _, harmless = pages(plain)
    assert Structure(page).elements == Structure(harmless).elements
    assert "https://evil.example" not in text + page


@given(HOSTILE, HOSTILE)
def test_a_text_gives_away_only_what_it_asks_for(body: str, subject: str) -> None:
    asks = "name" in body or "name" in subject
    one_line = " ".join(subject.split()) or "x"
    try:
        rendered = render(message(body, one_line), "de", VALUES, KARLSRUHE, SECRET)
    except (ValueMissing, ValueError):
        return  # a text that can't be filled is refused

    assert asks or SECRET not in rendered.subject + rendered.text + rendered.html
    assert not {"script", "b"} & {tag for tag, _ in Structure(rendered.html).elements}


@given(st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=5, unique=True))
def test_no_name_reaches_another_s_message(names: list[str]) -> None:
    def to(name: str) -> Rendered | None:
        try:
            return render(message("An ((name)):"), "de", VALUES, KARLSRUHE, name)
        except ValueMissing:
            return None

    alone = {name: to(name) for name in names}
    assert [to(name) for name in reversed(names)] == [alone[name] for name in reversed(names)]


@pytest.mark.parametrize(("filler", "amount"), LONG)
def test_no_text_and_no_name_takes_long_to_write(filler: str, amount: int) -> None:
    long = filler * amount

    assert written(long).content
    rendered = render(message(f"A{long}Z"), "de", VALUES, KARLSRUHE, "Anna")
    assert as_sms(rendered.text).parts
