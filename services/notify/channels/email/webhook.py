"""Reports of delivery over HTTP, for mail servers and providers that call instead of writing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request

from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.errors import ReportUnreadable
from services.notify.messages.materials import Sender
from services.notify.reports.entering import Reports
from shared.events.vocabulary import Channel
from shared.postgres.errors import TRANSIENT, DatabaseUnreachable
from shared.security.key_ring import KeyRing
from shared.security.webhooks import is_authentic
from shared.web.access import Access, requires
from shared.web.problems import Problem
from shared.web.strangers import refusal

router = APIRouter(prefix="/v1", dependencies=[requires(Access.PUBLIC)])


@dataclass(frozen=True, slots=True)
class MailReports:
    """What the route needs.

    Attributes:
        sender: Whose mails are reported on.
        keys: Calls are signed with one of them.
        reports: Takes what they say.
    """

    sender: Sender
    keys: KeyRing
    reports: Reports


@router.post("/mail-reports", status_code=HTTPStatus.NO_CONTENT)
async def post_mail_report(request: Request) -> None:
    """Take a mail that came back, as it is (message/rfc822), in a signed call.

    Open to all, because a signature tells who calls: its key belongs to the mail server alone.
    """
    here = request.app.state.mail_reports
    assert isinstance(here, MailReports)
    body = await request.body()
    now = datetime.now(UTC)
    if not any(is_authentic(key, request.headers, body, now) for key in here.keys.every):
        problem = Problem(
            HTTPStatus.UNAUTHORIZED,
            "unsigned",
            "The call isn't signed by the mail server",
            "Sign it as Standard Webhooks says, with the key in mail_report_key, and send it now.",
        )
        raise refusal(request, problem)
    report = read_report(body, here.sender)
    if report is None:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "no-report",
            "The mail reports nothing",
            str(ReportUnreadable()),
        )
    try:
        await here.reports.take(Channel.EMAIL, [report])
    except TRANSIENT as error:
        raise DatabaseUnreachable("DATABASE_URL", error) from error
