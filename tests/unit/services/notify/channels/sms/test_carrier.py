from datetime import UTC, datetime

from prometheus_client import generate_latest
from pydantic import SecretStr

from services.notify.channels.sms.carrier import Switchboard
from services.notify.channels.sms.gateway import Gateway
from services.notify.sending.failover import Provider
from services.notify.sending.rate_limit import Rate


async def test_gateways_are_weighed_before_they_are_asked() -> None:
    gateways = {
        Provider(name, weight, weight): (
            Gateway(name, "http://127.0.0.1:9/", SecretStr("t" * 20), report_to=""),
            Rate(60),
        )
        for name, weight in {"nearby": 70, "far-away": 30}.items()
    }
    board = Switchboard(gateways, started_at=datetime.now(UTC))
    await board.close()

    shown = generate_latest().decode()

    assert 'gleichfall_notify_provider_weight{provider="far-away"} 30.0' in shown
