"""What can be wrong with Kafka."""

from shared.failure.errors import PermanentError, TransientError


class KafkaUnreachable(TransientError):
    """No broker answers."""

    def __init__(self, bootstrap_servers: str, cause: BaseException) -> None:
        super().__init__(
            f"Kafka at {bootstrap_servers} does not answer ({cause}); "
            "is it running, and is KAFKA_BOOTSTRAP_SERVERS right?"
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
