"""The option of commands that speak with Kafka."""

from typing import Any

import click

from shared.kafka.brokers import Brokers
from shared.kafka.settings import KafkaSettings


class _Servers(click.ParamType[Brokers]):
    """Where Kafka is; how it is spoken with stands in the environment."""

    name = "host:port"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,  # noqa: ARG002 - click's
        ctx: click.Context | None,  # noqa: ARG002 - click's
    ) -> Brokers:
        """Give both.

        Raises:
            KafkaSettingsDisagree: settings of the environment contradict each other.
        """
        return KafkaSettings(kafka_bootstrap_servers=value).brokers


brokers_option = click.option(
    "--bootstrap-servers",
    "brokers",
    type=_Servers(),
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    required=True,
    help="Address of a broker, several separated by commas. Who we are there is said by "
    "KAFKA_SECURITY_PROTOCOL and others: docs/operations/kafka.md.",
)
