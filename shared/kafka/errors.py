"""What can be wrong with Kafka."""

from datetime import timedelta

from shared.errors import GleichfallError, PermanentError, TransientError


class KafkaUnreachable(TransientError):
    """No broker answers."""

    def __init__(self, bootstrap_servers: str, cause: BaseException) -> None:
        super().__init__(
            f"Kafka at {bootstrap_servers} does not answer ({cause}); "
            "is it running, and is KAFKA_BOOTSTRAP_SERVERS right?"
        )


class PublishingHeldUp(TransientError):
    """The relay's last attempt failed."""

    def __init__(self) -> None:
        super().__init__(
            "the last attempt to publish failed, Kafka or the database doesn't answer (the log "
            "says which); events wait in the outbox and leave by themselves"
        )


class ConsumerSilent(TransientError):
    """A consumer neither reads nor hears that there is nothing to read."""

    def __init__(self, silence: timedelta) -> None:
        super().__init__(
            f"Kafka has not answered since {silence.total_seconds():.0f} s or longer; records wait "
            "there and are read when it does"
        )


class ReadingEnded(TransientError):
    """A client of Kafka has ended by itself; another one takes its place."""

    def __init__(self) -> None:
        super().__init__("a routine of the Kafka client has ended; a new client reads on")


class RecordsHeldUp(TransientError):
    """Records can't be applied now; they are read again, or still worked at."""

    def __init__(self, topic: str, cause: BaseException) -> None:
        known = isinstance(cause, GleichfallError)
        why = str(cause) if known else type(cause).__name__
        super().__init__(f"records of {topic} can't be applied now ({why}); they are read again")


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
