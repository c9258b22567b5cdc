import ssl
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.email.carrier import (
    Security,
    SmtpAddress,
    SmtpConnection,
    Stage,
    meaning,
)
from services.notify.channels.email.client import MailboxAddress
from services.notify.channels.email.errors import MailboxUrlInvalid, SmtpUrlInvalid
from services.notify.channels.email.writing import Mail
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable
from shared.observe.metrics import PROVIDER_ERRORS, ProviderName
from tests.mail_host import CUT_OFF, MailHost


@pytest.mark.parametrize(
    ("stage", "code", "answer"),
    [
        (Stage.RECIPIENT, 550, Answer.ADDRESS_REFUSED),
        (Stage.RECIPIENT, 553, Answer.ADDRESS_REFUSED),
        (Stage.RECIPIENT, 450, Answer.LATER),
        (Stage.RECIPIENT, 421, Answer.LATER),
        (Stage.RECIPIENT, 530, Answer.LATER),
        (Stage.CONTENT, 554, Answer.CONTENT_REFUSED),
        (Stage.CONTENT, 552, Answer.CONTENT_REFUSED),
        (Stage.CONTENT, 451, Answer.LATER),
        (Stage.CONTENT, -1, Answer.LATER),
        (Stage.SENDER, 550, Answer.LATER),
        (Stage.SENDER, 535, Answer.LATER),
    ],
)
def test_what_a_refusal_means(stage: Stage, code: int, answer: Answer) -> None:
    assert meaning(stage, code) is answer


@given(st.sampled_from(Stage), st.integers(-1, 499))
def test_a_temporary_refusal_never_costs_a_message(stage: Stage, code: int) -> None:
    assert meaning(stage, code) is Answer.LATER


@pytest.mark.parametrize(
    ("url", "security", "port", "username", "password"),
    [
        ("smtp://127.0.0.1:2525", Security.OPPORTUNISTIC, 2525, None, None),
        ("smtp://mail.example.org", Security.OPPORTUNISTIC, 587, None, None),
        ("smtp+starttls://amt:p%40ss@mail.example.org", Security.STARTTLS, 587, "amt", "p@ss"),
        ("smtps://amt:geheim@mail.example.org", Security.TLS, 465, "amt", "geheim"),
    ],
)
def test_the_url_says_where_and_how(
    url: str, security: Security, port: int, username: str | None, password: str | None
) -> None:
    address = SmtpAddress.parse(url)

    assert (address.security, address.port, address.username) == (security, port, username)
    assert (address.password and address.password.get_secret_value()) == password


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://mail", "smtp://", "smtp://h:port"])
def test_a_url_of_something_else_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SmtpUrlInvalid, match="smtp://host:port"):
        SmtpAddress.parse(url)


@pytest.mark.parametrize(
    "url", ["smtp//u:geheim@h", "smtps://u:[geheim@h", "smtps://u:geheim\u2100@h"]
)
@pytest.mark.parametrize(
    ("kind", "refused"),
    [(SmtpAddress, SmtpUrlInvalid), (MailboxAddress, MailboxUrlInvalid)],
)
def test_a_url_that_cannot_be_read_is_not_quoted(
    kind: type[SmtpAddress | MailboxAddress], refused: type[Exception], url: str
) -> None:
    with pytest.raises(refused) as refusal:
        kind.parse(url.replace("smtp", "imap") if kind is MailboxAddress else url)
    assert "geheim" not in str(refusal.value)


def test_the_password_is_in_no_representation() -> None:
    address = SmtpAddress.parse("smtps://amt:geheim@mail.example.org")

    assert "geheim" not in f"{address} {address!r}"


async def test_a_server_that_hangs_up_or_is_away_is_counted_as_at_fault() -> None:
    host = MailHost()
    await host.start()
    connection = SmtpConnection(host.address, ssl.create_default_context())
    mail = Mail(uuid4(), "amt@example.org", "anna@example.org", b"Message-ID: <1>\r\n\r\nHello\r\n")
    errors = PROVIDER_ERRORS.of(ProviderName("email"))
    before = errors._value.get()

    host.content_answers = [CUT_OFF]
    assert await connection.send(mail) is Answer.LATER
    assert await connection.send(mail) is Answer.ACCEPTED
    assert errors._value.get() == before + 1
    host.stop()
    with pytest.raises(ProviderUnreachable):
        await connection.send(mail)

    assert errors._value.get() == before + 2
