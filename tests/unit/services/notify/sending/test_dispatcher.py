import pytest
from prometheus_client import generate_latest

from services.notify.channels.email.writing import Mail
from services.notify.message import Claim
from services.notify.sending.dispatcher import Outlet
from services.notify.sending.opening import Prepared
from services.notify.sending.outcomes import Outcome
from shared.events.vocabulary import Channel


async def no_claims(*_: object) -> list[Claim]:
    raise NotImplementedError


async def nothing(_: Claim) -> Prepared[Mail] | Outcome:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("channel", "gateways", "providers"),
    [
        (Channel.LETTER, (), ["letter"]),
        (Channel.SMS, ("nearby", "far-away"), ["nearby", "far-away"]),
    ],
)
def test_what_leaves_is_counted_and_timed_from_the_start(
    channel: Channel, gateways: tuple[str, ...], providers: list[str]
) -> None:
    Outlet(channel, "", no_claims, nothing, (), gateways).expect()

    shown = generate_latest().decode()

    for metric in ("send_duration_seconds", "handover_duration_seconds"):
        assert f'gleichfall_notify_{metric}_count{{channel="{channel}"}}' in shown
    for provider in providers:
        labels = f'channel="{channel}",provider="{provider}"'
        assert f"gleichfall_notify_messages_handed_over_total{{{labels}}} " in shown
        assert f'gleichfall_notify_provider_errors_total{{provider="{provider}"}} ' in shown
