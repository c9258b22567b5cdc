"""SMS, wired: one or two gateways take them, and report over HTTP."""

from collections.abc import Mapping

from services.notify.channels.sms.carrier import Switchboard
from services.notify.channels.sms.gateway import Gateway
from services.notify.channels.sms.gateway_keys import GatewayKeys, read_gateway_keys
from services.notify.channels.sms.settings import Settings
from services.notify.channels.sms.webhook import SmsReports, router
from services.notify.channels.sms.writing import SmsWriter, write
from services.notify.messages.materials import Materials
from services.notify.parts import Parts, Way, Wired, utc_now
from services.notify.sending.dispatcher import Outlet
from services.notify.sending.failover import Provider
from services.notify.sending.rate_limit import Rate
from services.notify.sending.simulation import Simulation
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.security.secrets import SecretMissing, SecretName, SecretStore


class Wiring:
    """SMS; carried if gateways are set."""

    def __init__(self, secrets: SecretStore, materials: Materials) -> None:  # noqa: ARG002 - a way's
        """Read settings and secrets.

        Raises:
            SecretMissing, SecretMalformed: The secret of the gateways can't be used.
        """
        self._settings = Settings()
        self._keys = _keys(self._settings, secrets)

    @property
    def is_carried(self) -> bool:
        """Whether any gateway is set."""
        return bool(self._settings.sms_gateways)

    def wire(self, parts: Parts) -> Wired:
        """Put the loops together."""
        report_keys = {name: keys.report_key for name, keys in self._keys.items()}
        parts.state.sms_reports = SmsReports(report_keys, parts.reports)
        if not self.is_carried:
            return Wired({})
        switchboard = self._switchboard()
        carrier = Simulation(Channel.SMS, switchboard, parts.reports)
        outlet = Outlet(
            Channel.SMS,
            "SMS gateway",
            switchboard.claim,
            SmsWriter(
                parts.opening, parts.materials, utc_now, quiet=self._settings.sms_quiet_hours
            ).prepare,
            [carrier] * self._settings.sms_connections,
            [one.name for one in self._settings.sms_gateways],
        )
        loops = {Loop.SMS_DELIVERY: parts.dispatcher(outlet, Loop.SMS_DELIVERY)}
        return Wired(loops, [switchboard.rebalance])

    def _switchboard(self) -> Switchboard:
        gateways = {
            Provider(one.name, one.weight, one.weight): (
                Gateway(
                    one.name,
                    one.url,
                    self._keys[one.name].token,
                    report_to=f"{self._settings.url}/v1/sms-reports/{one.name}",
                ),
                Rate(one.parts_per_minute),
            )
            for one in self._settings.sms_gateways
        }
        return Switchboard(gateways, started_at=utc_now())


def _keys(settings: Settings, secrets: SecretStore) -> Mapping[str, GatewayKeys]:
    """Give the secrets of the gateways that are set; others are nobody's."""
    if not settings.sms_gateways:
        return {}
    known = read_gateway_keys(secrets.text(SecretName.SMS_GATEWAYS))
    names = [gateway.name for gateway in settings.sms_gateways]
    if missing := [name for name in names if name not in known]:
        raise SecretMissing(f"the secret sms_gateways has nothing for {', '.join(missing)}")
    return {name: known[name] for name in names}


WAY = Way(Channel.SMS, write, Wiring, router)
