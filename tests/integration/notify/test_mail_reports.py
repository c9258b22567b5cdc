"""Mails that come back, and mail servers that call instead of writing."""

from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import pytest

from deploy.local.loopback import PLAIN
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationBounced,
    NotificationDelivered,
    NotificationPlanned,
)
from shared.events.vocabulary import FailureReason
from shared.security.secrets import SecretName
from shared.security.webhooks import signature
from tests.integration.notify.service import Notify, application, contact, pseudonym, story, until

pytestmark = pytest.mark.stack


def report(mail: EmailMessage, action: str, status: str) -> bytes:
    """What a mail server writes to the address that a mail came from (RFC 3464)."""
    return f"""To: {mail["Return-Path"].strip("<>")}
From: MAILER-DAEMON@mx.example.org
Subject: Your mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; somebody@example.org
Action: {action}
Status: {status}

--b--
""".replace("\n", "\r\n").encode()


async def accepted(notify: Notify, address: str) -> tuple[str, EmailMessage]:
    """Give the case and the mail of somebody whose application was confirmed."""
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    await notify.register(contact(contact_ref, address))
    await notify.publish(story(case_ref, application(contact_ref)))
    (mail,) = await until(1, notify, address)
    return case_ref, mail


async def test_a_mail_that_comes_back_late_ends_as_bounced(notify: Notify) -> None:
    case_ref, mail = await accepted(notify, "gone@example.org")

    notify.mailbox.deliver(report(mail, "delayed", "4.4.1"), report(mail, "failed", "5.1.1"))
    planned, left, bounced = (event.data for event in await notify.published(case_ref, 3))

    assert isinstance(left, NotificationAccepted)
    assert isinstance(bounced, NotificationBounced)
    assert bounced.reason is FailureReason.ADDRESS_REFUSED
    assert isinstance(planned, NotificationPlanned)
    assert bounced.message_id == planned.message_id


async def post_report(notify: Notify, body: bytes, *, key: bytes | None = None) -> httpx.Response:
    right = notify.secrets.key(SecretName.MAIL_REPORT_KEY).get_secret_value()
    timestamp = str(int(datetime.now(UTC).timestamp()))
    async with httpx.AsyncClient(base_url=notify.url, verify=PLAIN) as client:
        return await client.post(
            "/v1/mail-reports",
            content=body,
            headers={
                "content-type": "message/rfc822",
                "webhook-id": "msg_1",
                "webhook-timestamp": timestamp,
                "webhook-signature": signature(key or right, "msg_1", timestamp, body),
            },
        )


async def test_a_mail_server_may_call_instead_of_writing(notify: Notify) -> None:
    case_ref, mail = await accepted(notify, "there@example.org")
    delivered = report(mail, "delivered", "2.0.0")

    forged = await post_report(notify, delivered, key=b"x" * 32)
    empty = await post_report(notify, b"Subject: Danke")
    answers = [await post_report(notify, delivered) for _ in range(2)]
    *_, last = await notify.published(case_ref, 3)

    assert (forged.status_code, forged.json()["title"]) == (
        401,
        "The call isn't signed by the mail server",
    )
    assert empty.status_code == 422
    assert [answer.status_code for answer in answers] == [204, 204]
    assert isinstance(last.data, NotificationDelivered)
