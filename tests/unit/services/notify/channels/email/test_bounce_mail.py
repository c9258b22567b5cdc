"""Reports as mail servers really write them, each about a mail of ours."""

from base64 import b64encode
from textwrap import dedent
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.email.bounce_mail import LONGEST, read_report
from services.notify.messages.materials import Sender
from services.notify.recipients.suppression import Hardness
from services.notify.reports.receipts import (
    ARRIVED,
    LOST_ON_THE_WAY,
    NO_SUCH_ADDRESS,
    NOT_THIS_TIME,
    ON_ITS_WAY,
    UNWELCOME,
    Receipt,
    Report,
)

AMT = Sender("Amt", "abh@example.org", bounces="zurueck@example.org")
OURS = UUID("20eac312-5fba-54d8-a3e5-1f658e55434f")
OTHER = UUID("11111111-5fba-54d8-a3e5-1f658e55434f")
VERP = f"zurueck+{OURS.hex}@example.org"


def notification(
    *recipients: str, to: str = VERP, returned: str = f"<{OURS}@example.org>", kind: str = ""
) -> bytes:
    """A delivery status notification, as RFC 3464 has it."""
    blocks = "\n".join(dedent(one).strip() + "\n" for one in recipients)
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system. 5.1.1 is in the words, but the fields count.

--b
Content-Type: message/{kind}delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Mon,  2 Mar 2026 12:00:00 +0100 (CET)

{blocks}
--b
Content-Type: text/rfc822-headers

Return-Path: <{to}>
Message-ID: {returned}
Subject: Termin

--b--
""".replace("\n", "\r\n").encode()


FAILED = """
    Final-Recipient: rfc822; anna@example.net
    Original-Recipient: rfc822;anna@example.net
    Action: failed
    Status: 5.1.1
    Remote-MTA: dns; mx.example.net
    Diagnostic-Code: smtp; 550 5.1.1 <anna@example.net>: Recipient address rejected:
     User unknown in virtual mailbox table
"""
FULL = """
    Final-Recipient: RFC822; anna@example.net
    Action: failed
    Status: 5.2.2 (mailbox full)
    Diagnostic-Code: X-Notes; Mailbox is over its quota
"""
NO_CODE = """
    Original-Recipient: rfc822; anna@example.net
    Final-Recipient: rfc822; anna@example.net
    Action: failed (giving up)
    Status: 5.0.0
    Diagnostic-Code: smtp; 550-5.7.26 This mail is unauthenticated
"""
NO_STATUS = """
    Final-Recipient: rfc822;anna@example.net
    Action: Failed
    Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found
"""
NOTHING_TOLD = """
    Final-Recipient: rfc822;anna@example.net
    Action: failed
    Status: 5.0.0
"""
DELAYED = """
    Final-Recipient: rfc822; anna@example.net
    Action: delayed
    Status: 4.4.1
    Will-Retry-Until: Sat, 7 Mar 2026 12:00:00 +0100
"""
DELIVERED = """
    Final-Recipient: rfc822; anna@example.net
    Action: delivered
    Status: 2.0.0
"""
RELAYED = """
    Final-Recipient: rfc822; anna@example.net
    Action: relayed
    Status: 2.0.0
"""


@pytest.mark.parametrize(
    ("recipients", "receipt"),
    [
        ([FAILED], NO_SUCH_ADDRESS),
        ([FULL], NOT_THIS_TIME),
        ([NO_CODE], UNWELCOME),
        ([NO_STATUS], NO_SUCH_ADDRESS),
        ([NOTHING_TOLD], LOST_ON_THE_WAY),
        ([DELAYED], ON_ITS_WAY),
        ([DELIVERED], ARRIVED),
        ([RELAYED], ON_ITS_WAY),
        # Sent on by the recipient to several addresses.
        ([FAILED, DELIVERED], ARRIVED),
        ([FAILED, DELAYED], ON_ITS_WAY),
        ([FAILED, FULL], NOT_THIS_TIME),
        ([FAILED, NOTHING_TOLD], LOST_ON_THE_WAY),
    ],
)
@pytest.mark.parametrize("kind", ["", "global-"])
def test_a_notification_says_what_became_of_a_mail(
    recipients: list[str], receipt: Receipt, kind: str
) -> None:
    assert read_report(notification(*recipients, kind=kind), AMT) == Report(OURS, receipt)


def test_the_address_it_came_back_to_is_surer_than_what_it_quotes() -> None:
    report = notification(FAILED, returned=f"<{OTHER}@example.org>")

    assert read_report(report, AMT) == Report(OURS, NO_SUCH_ADDRESS)


def test_a_server_that_knows_no_subaddresses_quotes_our_message_id() -> None:
    report = notification(FAILED, to="zurueck@example.org")

    assert read_report(report, AMT) == Report(OURS, NO_SUCH_ADDRESS)


@pytest.mark.parametrize(
    "forged",
    [
        notification(FAILED, to="zurueck@example.org", returned="<1234@example.org>"),
        notification(FAILED, to="zurueck@example.org", returned=f"<{OURS}@evil.example>"),
        notification(FAILED, to=f"zurueck+{OURS.hex}@evil.example", returned="<x@y>"),
        notification(FAILED, to=f"zurueck+{OURS.hex[:-1]}@example.org", returned="<x@y>"),
        notification(FAILED, to=f"{VERP}, zurueck+{OTHER.hex}@example.org"),
        notification(to=VERP),
    ],
    ids=["no-identity", "their-domain", "their-address", "guessed", "two-at-once", "says-nothing"],
)
def test_a_report_of_nothing_or_of_a_stranger_s_mail_is_none(forged: bytes) -> None:
    assert read_report(forged, AMT) is None


IN_WORDS = f"""To: {VERP}
From: MAILER-DAEMON@mx.example.net
Subject: Returned mail: see transcript for details
Content-Type: text/plain

   ----- The following addresses had permanent fatal errors -----
<anna@example.net>
    (reason: 550 5.1.1 <anna@example.net>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.example.net.:
"""
QMAIL = f"""To: abh@example.org
From: MAILER-DAEMON@qmail.example.net
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<anna@example.net>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <{OURS}@example.org>
Subject: Termin
"""
EXIM = f"""To: {VERP}
From: Mail Delivery System <Mailer-Daemon@exim.example.net>
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: anna@example.net

This message was created automatically by mail delivery software.
A message that you sent could not be delivered to all of its recipients.

  anna@example.net
    Unrouteable address
"""


@pytest.mark.parametrize(
    ("bounce", "receipt"),
    [(IN_WORDS, NO_SUCH_ADDRESS), (QMAIL, NO_SUCH_ADDRESS), (EXIM, LOST_ON_THE_WAY)],
    ids=["sendmail", "qmail", "exim"],
)
def test_a_bounce_that_follows_no_standard_is_read(bounce: str, receipt: Receipt) -> None:
    assert read_report(bounce.encode(), AMT) == Report(OURS, receipt)


@pytest.mark.parametrize(
    "answer",
    [
        f"To: {VERP}\nSubject: Re: Termin\nIn-Reply-To: <{OURS}@example.org>\n\nIch komme. 5.1.1!",
        f"To: {VERP}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack on 2 March.",
        f"To: {VERP}\nSubject: Buy!\n\nBuy!",
    ],
    ids=["a person", "a machine", "advertising"],
)
def test_answers_and_advertising_report_nothing(answer: str) -> None:
    assert read_report(answer.encode(), AMT) is None


@given(st.binary(max_size=500), st.integers(0, 900), st.integers(0, 60))
def test_whatever_comes_is_read_or_left(noise: bytes, at: int, cut: int) -> None:
    report = notification(FAILED)
    spoilt = report[:at] + noise + report[at + cut :]

    found = read_report(spoilt, AMT)

    assert found is None or found.message == OURS


def test_a_million_spaces_are_read_in_no_time() -> None:
    spaces = b" " * 1_000_000
    assert read_report(notification(FAILED).replace(b"User unknown", spaces), AMT) == Report(
        OURS, NO_SUCH_ADDRESS
    )
    assert read_report(QMAIL.encode() + spaces, AMT) is not None


def mail(*, sender: str, text: str, **headers: str) -> bytes:
    """A mail to the address that ours come back to."""
    told = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return (
        f"To: {VERP}\nFrom: {sender}\nSubject: Re: Termin\n{told}"
        f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    ).encode()


@pytest.mark.parametrize(
    "quoted",
    [
        "Ihre Mail kam zurück: 550 5.1.1 user unknown",
        "<anna@example.net>: host mx.example.net said: 550 5.1.1 User unknown",
        IN_WORDS.partition("\n\n")[2],
        QMAIL.partition("\n\n")[2],
        "Ihre Nachricht konnte nicht zugestellt werden. Empfänger unbekannt.",
    ],
)
@pytest.mark.parametrize("way_back", ["<anna@example.net>", None])
def test_who_answers_and_quotes_an_error_is_no_bounce(quoted: str, way_back: str | None) -> None:
    headers = {"Return_Path": way_back} if way_back else {}
    answer = mail(sender="Anna <anna@example.net>", text=quoted, **headers)

    assert read_report(answer, AMT) is None


@pytest.mark.parametrize(
    ("text", "receipt"),
    [
        (
            (
                "Leider konnte Ihre E-Mail nicht zugestellt werden.\n\nanna@web.de:\n"
                "550 Requested action not taken: mailbox unavailable"
            ),
            NO_SUCH_ADDRESS,
        ),
        (
            (
                "Ihre Nachricht konnte an folgende Empfänger nicht zugestellt werden:\n\n"
                "<anna@t-online.de>: host mx.t-online.de said: 550 5.1.1 User unknown"
            ),
            NO_SUCH_ADDRESS,
        ),
        ("Unzustellbar: Der Empfänger ist unbekannt.", NO_SUCH_ADDRESS),
        ("Die Nachricht ist unzustellbar: das Postfach des Empfängers ist voll.", NOT_THIS_TIME),
        ("Nicht zugestellt. Grund: 554 Reject due to policy restrictions", UNWELCOME),
        ("Die Zustellung Ihrer Nachricht ist fehlgeschlagen.", LOST_ON_THE_WAY),
        ("Ihre Nachricht wurde noch nicht zugestellt, es wird weiter versucht.", ON_ITS_WAY),
    ],
)
@pytest.mark.parametrize("coded", [False, True], ids=["plain", "base64"])
def test_german_providers_say_it_in_words(text: str, receipt: Receipt, *, coded: bool) -> None:
    bounce = mail(sender="mailer-daemon@example.net", text=text, Return_Path="<>")
    if coded:
        head, _, body = bounce.partition(b"\n\n")
        bounce = head + b"\nContent-Transfer-Encoding: base64\n\n" + b64encode(body)

    assert read_report(bounce, AMT) == Report(OURS, receipt)


@pytest.mark.parametrize("kind", ["", "global-"])
def test_a_report_in_base64_is_read(kind: str) -> None:
    plain = notification(FAILED, kind=kind)
    marker = f"Content-Type: message/{kind}delivery-status\n\n".encode()
    head, _, rest = plain.partition(marker)
    fields, _, tail = rest.partition(b"\n--b\n")
    coded = marker[:-1] + b"Content-Transfer-Encoding: base64\n\n" + b64encode(fields)

    assert read_report(head + coded + b"\n--b\n" + tail, AMT) == Report(OURS, NO_SUCH_ADDRESS)


@pytest.mark.parametrize(
    ("status", "diagnostic"),
    [
        ("5.1.8", "550 5.1.8 Sender address rejected: Domain not found"),
        ("5.1.7", "550 5.1.7 Bad sender's mailbox address syntax"),
        ("5.7.1", "550 5.7.1 Message refused"),
        ("5.1.1", "550 5.1.1 blocked by policy, see our reputation page"),
        ("5.0.0", "554 Service unavailable; host blocked using Spamhaus"),
    ],
)
def test_what_is_wrong_with_us_is_never_held_against_the_address(
    status: str, diagnostic: str
) -> None:
    report = notification(
        f"""
        Final-Recipient: rfc822; anna@example.net
        Action: failed
        Status: {status}
        Diagnostic-Code: smtp; {diagnostic}
        """
    )

    found = read_report(report, AMT)

    assert found is not None
    assert found.receipt.hardness is Hardness.NONE


def away(said: str, sender: str = "anna@example.net") -> bytes:
    """What somebody's mail program answers while they are away (RFC 3834): from nobody."""
    return f"""Return-Path: <>
From: {sender}
Delivered-To: {VERP}
Subject: Abwesenheit
Auto-Submitted: auto-replied (vacation)
Content-Type: text/plain; charset=utf-8

{said}
""".encode()


def test_whoever_is_away_may_quote_an_error_and_stays_reachable() -> None:
    said = "Ich bin verreist. Neulich kam zurück: 550 5.1.1 user unknown, nicht zustellbar."

    assert read_report(away(said), AMT) is None


def test_a_server_that_answers_in_its_own_name_is_believed_as_before() -> None:
    said = "Ihre Nachricht konnte nicht zugestellt werden: 550 5.1.1 user unknown"

    assert read_report(away(said, "MAILER-DAEMON@mx.example.net"), AMT) == Report(
        OURS, NO_SUCH_ADDRESS
    )


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_that_somebody_read_or_complained_is_no_report_of_delivery(kind: str) -> None:
    written = notification("Action: displayed").replace(
        b"report-type=delivery-status", f"report-type={kind}".encode()
    )
    said = written.replace(b"This is the mail system.", b"Ungelesen: nicht zugestellt.")

    assert read_report(said, AMT) is None


@pytest.mark.parametrize(
    ("pieces", "amount"),
    [("Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n", 21), ("--b\n\nx\n", 201)],
)
def test_a_mail_that_comes_apart_into_more_than_a_server_makes_is_not_read(
    pieces: str, amount: int
) -> None:
    report = notification("Action: failed\nStatus: 5.1.1")
    many = "".join(pieces.format(number) for number in range(amount)).encode()

    assert read_report(report, AMT) == Report(OURS, NO_SUCH_ADDRESS)
    assert read_report(report + b"\n" + many, AMT) is None


def test_a_word_without_end_costs_no_more_than_any_other() -> None:
    endless = "x" * 1_000_000
    report = notification(
        f"Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 user unknown {endless}"
    )

    assert read_report(report, AMT) == Report(OURS, NO_SUCH_ADDRESS)


def test_what_lies_behind_the_first_words_is_not_read() -> None:
    head, _, rest = notification("Action: failed\nStatus: 5.1.1").partition(b"--b\r\n")

    assert read_report(head + b"x" * LONGEST + b"\n--b\n" + rest, AMT) is None
