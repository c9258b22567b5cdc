import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.email.delivery_status import of_mail
from services.notify.channels.mailbox.event_log import of_submission
from services.notify.channels.mailbox.security_event import EVENTS, SecurityEvent, Stage
from services.notify.channels.sms.status_report import of_sms
from services.notify.recipients.suppression import Hardness
from services.notify.reports.receipts import (
    ARRIVED,
    LOST_ON_THE_WAY,
    NO_SUCH_ADDRESS,
    NOT_THIS_TIME,
    ON_ITS_WAY,
    UNWELCOME,
    Receipt,
)
from services.notify.states import REPORTS, State
from shared.events.vocabulary import Channel


@pytest.mark.parametrize(
    ("action", "status", "receipt"),
    [
        ("delivered", "2.0.0", ARRIVED),
        ("Delivered", "2.1.5", ARRIVED),
        ("delayed", "4.4.1", ON_ITS_WAY),
        ("relayed", "2.0.0", ON_ITS_WAY),
        ("expanded", "2.0.0", ON_ITS_WAY),
        ("failed", "5.1.1", NO_SUCH_ADDRESS),
        ("error", "5.1.1", NO_SUCH_ADDRESS),
        ("failed", "5.1.10 (null MX)", NO_SUCH_ADDRESS),
        ("failed", "5.2.1", NO_SUCH_ADDRESS),
        ("failed", "4.1.1", NOT_THIS_TIME),
        ("failed", "5.2.2", NOT_THIS_TIME),  # mailbox full
        ("failed", "4.2.2", NOT_THIS_TIME),
        ("failed", "5.1.8", LOST_ON_THE_WAY),  # our own address; never theirs
        ("failed", "5.7.1", UNWELCOME),
        ("failed", "5.3.4", UNWELCOME),  # too big
        ("failed", "5.6.0", UNWELCOME),
        ("failed", "4.4.7", LOST_ON_THE_WAY),  # servers on the way gave up
        ("failed", "", LOST_ON_THE_WAY),
        ("failed", "5.1", LOST_ON_THE_WAY),
        ("lost", "5.1.1", ON_ITS_WAY),
    ],
)
def test_a_notification_of_a_mail_server_is_read(
    action: str, status: str, receipt: Receipt
) -> None:
    assert of_mail(action, status) == receipt


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        (0x00, ARRIVED),
        (0x01, ON_ITS_WAY),  # forwarded, but unable to confirm
        (0x02, ON_ITS_WAY),
        (0x20, ON_ITS_WAY),  # congestion, still trying
        (0x3F, ON_ITS_WAY),
        (0x41, NO_SUCH_ADDRESS),
        (0x43, NO_SUCH_ADDRESS),
        (0x46, NOT_THIS_TIME),  # the phone was off until the message expired
        (0x62, NOT_THIS_TIME),
        (0x7F, NOT_THIS_TIME),
        (0x80, ON_ITS_WAY),
    ],
)
def test_a_status_report_of_a_mobile_network_is_read(status: int, receipt: Receipt) -> None:
    assert of_sms(status) == receipt


reports = st.one_of(
    st.builds(of_mail, st.sampled_from(["failed", "delayed", "delivered", "x"]), st.text()),
    st.builds(of_mail, st.text(), st.from_regex(r"[245]\.\d{1,3}\.\d{1,3}")),
    st.builds(of_sms, st.integers(-1, 300)),
)


@given(reports)
def test_every_report_is_a_step_with_a_reason_where_one_is_needed(receipt: Receipt) -> None:
    assert all(receipt.state in REPORTS[channel] for channel in Channel)
    assert (receipt.reason is not None) == (receipt.state is State.BOUNCED)
    assert receipt.hardness is Hardness.NONE or receipt.state is State.BOUNCED


def test_reading_a_long_status_takes_no_time() -> None:
    assert of_mail("failed", " " * 1_000_000) == LOST_ON_THE_WAY
    assert of_mail("failed", "5." * 500_000) == LOST_ON_THE_WAY


CREATED, SUBMITTED, ACCEPTED, DELETED = (
    SecurityEvent(stage)
    for stage in (Stage.CREATED, Stage.SUBMITTED, Stage.ACCEPTED, Stage.DELETED)
)


def rejected(*problems: str) -> SecurityEvent:
    return SecurityEvent(Stage.REJECTED, tuple(f"{EVENTS}problems/{name}" for name in problems))


@pytest.mark.parametrize(
    ("log", "receipt"),
    [
        ([], None),
        ([CREATED], None),
        ([CREATED, SecurityEvent(None)], None),
        ([CREATED, SUBMITTED], ON_ITS_WAY),
        ([CREATED, SUBMITTED, SecurityEvent(Stage.NOTIFIED)], ON_ITS_WAY),
        ([CREATED, SUBMITTED, ACCEPTED], ARRIVED),
        ([CREATED, SUBMITTED, ACCEPTED, DELETED], ARRIVED),
        ([ACCEPTED, SUBMITTED, CREATED], ARRIVED),
        ([SUBMITTED, rejected()], LOST_ON_THE_WAY),
        ([SUBMITTED, rejected("unheard-of")], LOST_ON_THE_WAY),
        ([SUBMITTED, rejected("schema-violation", "unheard-of")], UNWELCOME),
    ],
)
def test_the_event_log_of_a_submission_is_read(
    log: list[SecurityEvent], receipt: Receipt | None
) -> None:
    told = of_submission(log)

    assert (told and told[0]) == receipt
    assert told is None or told[1] in log


@given(st.lists(st.text(max_size=20)))
def test_no_rejection_blames_a_mailbox(problems: list[str]) -> None:
    told = of_submission([SUBMITTED, rejected(*problems)])

    assert told is not None
    assert told[0].hardness is Hardness.NONE
