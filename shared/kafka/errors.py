"""What can be wrong with Kafka."""

from collections.abc import Sequence
from datetime import timedelta

from shared.errors import PermanentError, TransientError
from shared.observe.reasons import kind_of


class KafkaUnreachable(TransientError):
    """No broker answers."""

    def __init__(self, bootstrap_servers: str, cause: BaseException) -> None:
        super().__init__(
            f"Kafka at {bootstrap_servers} does not answer ({cause}); "
            "is it running, and is KAFKA_BOOTSTRAP_SERVERS right?"
        )


class KafkaSettingsDisagree(PermanentError):
    """Settings of Kafka contradict each other, can't be read, or name a file that can't be used."""

    def __init__(self, setting: str, why: str) -> None:
        super().__init__(f"{setting} can't be used: {why}; see docs/operations/kafka.md")


class KafkaRefuses(PermanentError):
    """Kafka is there, and doesn't want us as we come: nothing that waiting would change."""

    def __init__(self, bootstrap_servers: str, why: str, setting: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap_servers} refuses us: {why}. Look at {setting}; "
            "docs/operations/kafka.md says what it must be"
        )


class LoginRefused(KafkaRefuses):
    """The user is unknown or the password is wrong; Kafka doesn't say which."""

    def __init__(self, bootstrap_servers: str, who: str) -> None:
        super().__init__(
            bootstrap_servers,
            f"{who} is unknown or the password is another",
            "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE",
        )


class MechanismRefused(KafkaRefuses):
    """The broker takes no password that is proved in our way."""

    def __init__(self, bootstrap_servers: str, mechanism: str) -> None:
        super().__init__(
            bootstrap_servers, f"{mechanism} is not enabled there", "KAFKA_SASL_MECHANISM"
        )


class BrokerNotBelieved(KafkaRefuses):
    """The broker's certificate isn't signed by whom we believe, or is for another name."""

    def __init__(self, bootstrap_servers: str, why: str) -> None:
        super().__init__(
            bootstrap_servers,
            f"its certificate doesn't convince us ({why})",
            "KAFKA_SSL_CA_FILE and the names in KAFKA_BOOTSTRAP_SERVERS",
        )


class CertificateRefused(KafkaRefuses):
    """The broker wants a certificate of ours, or another one."""

    def __init__(self, bootstrap_servers: str, why: str) -> None:
        super().__init__(
            bootstrap_servers,
            f"it wants another certificate of ours ({why})",
            "KAFKA_SSL_CERTIFICATE_FILE and KAFKA_SSL_KEY_FILE",
        )


class ProtocolRefused(KafkaRefuses):
    """The broker's listener is spoken with in another way."""

    def __init__(self, bootstrap_servers: str, protocol: str) -> None:
        super().__init__(
            bootstrap_servers,
            f"it breaks off as soon as it is spoken to as {protocol}",
            "KAFKA_SECURITY_PROTOCOL",
        )


class RightsMissing(PermanentError):
    """Kafka's access control doesn't let us do what we are there for."""

    def __init__(self, who: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"Kafka doesn't let {who} {', '.join(missing)}: 'gleichfall topics acl apply' grants "
            "what deploy/kafka/access.yaml declares; docs/operations/kafka.md"
        )


class AccessFileInvalid(PermanentError):
    """The file that declares who may do what in Kafka can't be used."""


class AccessDiffers(PermanentError):
    """Kafka's access control isn't as declared."""

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__(
            f"Kafka's access control is not as declared: {'; '.join(differences)}. "
            "Run 'gleichfall topics acl apply' to mend it"
        )


class AccessNotControlled(PermanentError):
    """This Kafka lets everybody do everything: it has no authorizer."""

    def __init__(self, bootstrap_servers: str) -> None:
        super().__init__(
            f"Kafka at {bootstrap_servers} has no access control: set authorizer.class.name on "
            "its brokers; docs/operations/kafka.md"
        )


class AccessChangeRefused(PermanentError):
    """Kafka did not accept a change of its access control."""


class KafkaConfirmsNothing(TransientError):
    """Kafka doesn't say that it has kept what was sent."""

    def __init__(self, waited: timedelta) -> None:
        super().__init__(
            f"Kafka has not confirmed within {waited.total_seconds():.0f} s that it keeps records: "
            "it is away, or can't write; its log says which, and whether its disk is full"
        )


class RowUnreadable(PermanentError):
    """What waits in the outbox was damaged: no record can be made of it."""

    def __init__(self, row: int, cause: BaseException) -> None:
        super().__init__(f"outbox row {row} can't be read ({kind_of(cause)}): restore its headers")


class RecordTooLarge(PermanentError):
    """Kafka will never take a record as large as this one."""

    def __init__(self, topic: str, size: int) -> None:
        super().__init__(
            f"Kafka takes no record of {size:,} bytes on {topic}: raise max_message_bytes of "
            "that topic, then 'gleichfall topics apply'"
        )


class BatchTooLarge(TransientError):
    """Kafka refuses a batch for its size; one by one its records may go."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"Kafka takes no batch as large as ours on {topic}; records go alone")


class PublishingHeldUp(TransientError):
    """The relay's last attempt failed."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            f"the last attempt to publish failed ({kind_of(cause)}); events wait in the outbox and "
            "leave by themselves"
        )


class ConsumerSilent(TransientError):
    """A consumer neither reads nor hears that there is nothing to read."""

    def __init__(self, silence: timedelta) -> None:
        super().__init__(
            f"Kafka has sent neither records nor word that there are none for "
            f"{silence.total_seconds():.0f} s or longer; they wait there and are read when it does"
        )


class ReadingEnded(TransientError):
    """A client of Kafka has ended by itself; another one takes its place."""

    def __init__(self) -> None:
        super().__init__("a routine of the Kafka client has ended; a new client reads on")


class RecordsHeldUp(TransientError):
    """Records can't be applied now; they are read again, or still worked at."""

    def __init__(self, topic: str, cause: BaseException) -> None:
        super().__init__(
            f"records of {topic} can't be applied now ({kind_of(cause)}); they are read again"
        )


class BatchSlow(TransientError):
    """A batch takes longer than a healthy database needs."""

    def __init__(self, records: int, duration: timedelta) -> None:
        super().__init__(
            f"a batch of {records:,} records has been worked at for "
            f"{duration.total_seconds():.0f} s: the database is slow, or another session holds a "
            "lock that it needs"
        )


class TopicsDiffer(PermanentError):
    """A topic is missing or not as declared."""

    def __init__(self, differences: list[str]) -> None:
        super().__init__(
            f"topics are not as declared: {'; '.join(differences)}. "
            "Run 'gleichfall topics apply' to see and mend it"
        )


class TopicsFileInvalid(PermanentError):
    """The file that declares the topics can't be used."""


class TopicChangeRefused(PermanentError):
    """Kafka did not accept a change of a topic."""
