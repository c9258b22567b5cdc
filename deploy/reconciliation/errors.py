"""What can be wrong between Kafka, intake's ledger and what consumers applied."""

from collections.abc import Sequence

from deploy.reconciliation.places import Balance
from deploy.reconciliation.strays import Unknown
from deploy.reconciliation.topic import Overrun
from shared.errors import PermanentError

_RUNBOOK = "docs/operations/restore.md"


class EventsUnaccounted(PermanentError):
    """Databases, Kafka and what was read of it don't tell the same."""

    def __init__(
        self, wrong: Sequence[Balance], unknown: Sequence[Unknown], overruns: Sequence[Overrun]
    ) -> None:
        told = [
            f"{one.service}, {one.topic}: {len(one.missing):,} missing, "
            f"{len(one.surplus):,} with surplus"
            for one in wrong
        ]
        if unknown:
            events = sum(len(one.strays) for one in unknown)
            way_out = "renumber" if all(one.rivals for one in unknown) else "adopt"
            told.append(
                f"{events:,} events of {len(unknown):,} cases are in Kafka and unknown to intake: "
                "its database is older than Kafka, and gives numbers to new events that are taken, "
                f"so that consumers drop them. Stop intake, then 'gleichfall reconcile {way_out}'"
            )
        if overruns:
            told.append(
                f"{len(overruns):,} partitions end before what was read of them: Kafka is older "
                "than the databases"
            )
        super().__init__(f"not everything is accounted for: {'; '.join(told)}. See {_RUNBOOK}")


class EventsNotAdopted(PermanentError):
    """Some of what Kafka holds can't be taken into the ledger by itself."""

    def __init__(self, left: Sequence[Unknown]) -> None:
        rivals = sum(bool(one.rivals) for one in left)
        super().__init__(
            f"{len(left):,} cases could not be adopted whole: in {rivals:,} intake has given the "
            "numbers to other events meanwhile ('gleichfall reconcile renumber'), in the others an "
            "event can't be read, has another number in the ledger, stands behind a gap, or a new "
            "one came just now. "
            f"'gleichfall reconcile' names them; see {_RUNBOOK}"
        )


class NumbersStayDoubled(PermanentError):
    """Of some cases it isn't clear which event belongs where."""

    def __init__(self, left: Sequence[Unknown]) -> None:
        super().__init__(
            f"{len(left):,} cases were left as they are: a number was given three times, an event "
            "can't be read, is in Kafka no more or there under two numbers, there is a gap behind, "
            "or a new one came just now. 'gleichfall reconcile' names them; see "
            f"{_RUNBOOK}#numbers-given-twice"
        )


class EventsNotInKafka(PermanentError):
    """What a consumer misses isn't in the topic any more."""

    def __init__(self, lost: int) -> None:
        super().__init__(
            f"{lost:,} missing events are not in Kafka, so that they can't be sent again: "
            "'gleichfall reconcile ask-again' lets their senders do it, 'give-up' ends the "
            f"waiting; see {_RUNBOOK}"
        )
