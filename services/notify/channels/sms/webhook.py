"""Reports of delivery from SMS gateways, over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretBytes, ValidationError

from services.notify.channels.sms.status_report import of_sms
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import Report
from shared.events.errors import MOST_FIELDS
from shared.events.vocabulary import Channel
from shared.postgres.errors import TRANSIENT, DatabaseUnreachable
from shared.security.webhooks import is_authentic
from shared.web.access import Access, requires
from shared.web.problems import Problem
from shared.web.strangers import refusal

BATCH_LIMIT = 1_000

router = APIRouter(prefix="/v1", dependencies=[requires(Access.PUBLIC)])


class SmsReport(BaseModel):
    """What the network says of one message.

    Attributes:
        message: Its identity, which the gateway got as its key.
        status: TP-Status of its status report (3GPP TS 23.040, 9.2.3.15).
    """

    message: UUID
    status: Annotated[int, Field(ge=0, le=255)]


class _Body(BaseModel):
    reports: Annotated[tuple[SmsReport, ...], Field(max_length=BATCH_LIMIT)]


@dataclass(frozen=True, slots=True)
class SmsReports:
    """What the route needs.

    Attributes:
        keys: By gateway: its calls are signed with it.
        reports: Takes what they say.
    """

    keys: Mapping[str, SecretBytes]
    reports: Reports


@router.post("/sms-reports/{gateway}", status_code=HTTPStatus.NO_CONTENT)
async def post_sms_reports(gateway: str, request: Request) -> None:
    """Take what a gateway reports of its messages, in a signed call; answers after the commit.

    Open to all, because a signature tells who calls. A gateway tells of messages that it was asked
    to carry, and of no others. A call that comes twice, or late, changes nothing.
    """
    here = request.app.state.sms_reports
    assert isinstance(here, SmsReports)
    body, key = await request.body(), here.keys.get(gateway)
    if key is None or not is_authentic(
        key.get_secret_value(), request.headers, body, datetime.now(UTC)
    ):
        problem = Problem(
            HTTPStatus.UNAUTHORIZED,
            "unsigned",
            "The call isn't signed by this gateway",
            "Sign it as Standard Webhooks says, with its key in sms_gateways, and send it now.",
        )
        raise refusal(request, problem)
    try:
        told = _Body.model_validate_json(body).reports
    except ValidationError as error:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-reports",
            "The reports can't be read; none was taken",
            "; ".join(
                f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
                for found in error.errors()[:MOST_FIELDS]
            ),
        ) from None
    reports = [Report(one.message, of_sms(one.status)) for one in told]
    try:
        await here.reports.take(Channel.SMS, reports, gateway)
    except TRANSIENT as error:
        raise DatabaseUnreachable("DATABASE_URL", error) from error
