"""One Apache Kafka node, broker and controller in one process, from its Maven artifacts."""

import os
import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from deploy.local import child, jars, java
from deploy.local.blocking import wait_for
from deploy.local.errors import ChildDied
from deploy.local.folder import CHECKOUT, Folder
from deploy.local.ports import HOST, is_listening
from shared.kafka.brokers import Brokers

# The ones that differ from Kafka's defaults, and why.
PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",  # a topic is declared or it is an error
    # After a power cut the node waits until its own old session is over: 9 s by default.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    # One node can't hold the usual three copies.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # 50 partitions each by default: seconds of start-up, of no use on one node.
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.num.partitions": "8",
}
_LOGGING = Path(__file__).with_name("kafka_log4j2.properties")
_JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    java.ONE_COMPILER,
    f"-Dlog4j2.configurationFile={_LOGGING}",
)
_READY_TIMEOUT = timedelta(seconds=60)


class Kafka:
    """The broker of the local stack.

    Args:
        folder: Where its data and log file are.
        port: Port for clients.
        controller_port: Port on which the node talks to itself.
        inherit: Descriptors that the process keeps open.
        environment: Where GLEICHFALL_JAVA may be set.
    """

    def __init__(
        self,
        folder: Folder,
        *,
        port: int,
        controller_port: int,
        inherit: Sequence[int],
        environment: Mapping[str, str],
    ) -> None:
        self._folder = folder
        self._port = port
        self._controller_port = controller_port
        self._inherit = inherit
        self._environment = environment
        self.process: child.Child | None = None

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self._port}"

    @property
    def brokers(self) -> Brokers:
        """The same for our own clients."""
        return Brokers(self.bootstrap_servers)

    def start(self) -> None:
        """Start the process; format its storage on the first time.

        Raises:
            JavaMissing, JavaTooOld: when there is no Java for it.
            NoNetwork, NoSpace, JarRejected: when its jars can't be had.
        """
        command = self._java()
        properties = self._write_properties()
        if not (self._data / "meta.properties").exists():
            self._format(command, properties)
        self.process = child.start(
            "kafka",
            [*command, "kafka.Kafka", properties],
            log=self._folder.log("kafka"),
            inherit=self._inherit,
            stop_signal=signal.SIGTERM,
        )

    def wait_until_ready(self) -> None:
        """Wait for a round trip of a real client.

        Raises:
            ChildDied, NotReady: when it doesn't come.
        """
        assert self.process is not None
        self.process.wait_until(self._answers, timeout=_READY_TIMEOUT)

    @property
    def _users(self) -> Sequence[str]:
        """Options that make users as the storage is formatted: here everybody is let in."""
        return ()

    @property
    def _data(self) -> Path:
        return self._folder.kafka / "data"

    def _java(self) -> list[str | Path]:
        binary = java.find(self._environment)
        class_path = os.pathsep.join(str(jar) for jar in jars.class_path(jars.KAFKA, CHECKOUT.jars))
        return [binary, *_JVM, "-cp", class_path]

    @property
    def _properties(self) -> Mapping[str, str]:
        controller = f"{HOST}:{self._controller_port}"
        listener = f"PLAINTEXT://{self.bootstrap_servers}"
        return PROPERTIES | {
            "listeners": f"{listener},CONTROLLER://{controller}",
            "advertised.listeners": listener,
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self._data),
        }

    def _write_properties(self) -> Path:
        path = self._folder.kafka / "server.properties"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{key}={value}\n" for key, value in self._properties.items()))
        return path

    def _format(self, command: Sequence[str | Path], properties: Path) -> None:
        log = self._folder.log("kafka-format")
        log.parent.mkdir(parents=True, exist_ok=True)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # One word: an id may begin with a hyphen, which would read as an option of its own.
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config"]
        with log.open("wb") as output:
            code = subprocess.run(
                [*command, *tool, properties, *self._users],
                stdout=output,
                stderr=output,
                check=False,
            ).returncode
        if code != 0:
            raise ChildDied("kafka's storage tool", code, child.last_words(log), log)

    def _answers(self) -> bool:
        if not is_listening(self._port):  # the client would log each refusal
            return False
        return wait_for(_round_trip(self.brokers))


async def _round_trip(brokers: Brokers) -> bool:
    """Whether a broker is there that takes part and coordinates groups, asked as any client would.

    The first group ever makes Kafka create a topic of its own; a consumer that comes before it is
    there complains in its log.
    """
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - keeps `--help` fast
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - keeps `--help` fast

    admin = AIOKafkaAdminClient(**brokers.arguments, request_timeout_ms=2_000)
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        await admin.find_coordinator("gleichfall")
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return bool(cluster["brokers"])
