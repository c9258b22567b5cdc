"""Steps that the real mechanism and the reference both take; after each, both must agree.

Hypothesis draws the steps. Those that fail are shortened until no step can be left out.
"""

import sys
from collections.abc import Callable

import hypothesis
from aiokafka import TopicPartition
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.dead_letters.errors import PlaceTaken
from shared.dead_letters.store import gaps
from shared.events.registry import Topic
from shared.kafka.burying import PREFIX
from tests.model.consuming import Consuming
from tests.model.laboratory import CONSUMERS, Laboratory, message_id
from tests.model.log import PARTITIONS, Content, partition_of
from tests.model.publishing import Publishing
from tests.model.reference import Case
from tests.model.settling import Settling
from tests.model.world import Disagreement, agree


class Spine(Publishing, Consuming, Settling):
    """Intake accepts and publishes; controlling and notify consume; an operator settles."""

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.come_to_rest()
                self.see_that_all_is_done()
        finally:
            self.abandon()

    def come_to_rest(self) -> None:
        """Let everything go on undisturbed, with the faults mended and the dead letters settled."""
        self.do_end(commit=True)
        for service in CONSUMERS:
            self.do_wake(service)
        self.settle_letters(lambda content: content in self.unreadable)
        self.refused.clear()
        self.settle_letters(lambda content: content in self.origins)
        for letter in self.letters():
            self.do_discard(letter, named=False)  # what a stranger wrote
        self.work_off()
        agree("the open dead letters", self.letters(), [])

    def settle_letters(self, concerned: Callable[[Content], bool]) -> None:
        for _ in range(50):
            self.work_off()
            letters = [one for one in self.letters() if concerned(Content.of(one.record))]
            if not letters:
                return
            for letter in letters:
                if self.do_replay(letter, repaired=True) is PlaceTaken:
                    self.do_discard(letter, named=True)
            self.check()
        raise Disagreement("dead letters never end")

    def work_off(self) -> None:
        for _ in range(20):
            self.sight = None
            self.relay_all("intake")
            for service in CONSUMERS:
                self.do_consume(service, (100, 100))
                self.relay_all(service)
            self.check()
            if not self.waits() and all(
                self.log.committed[service, at] == self.log.length(at)
                for service in CONSUMERS
                for at in PARTITIONS
            ):
                return
        raise Disagreement("the work never ends")

    def see_that_all_is_done(self) -> None:
        for subject, events in self.accepted.items():
            for service in CONSUMERS:
                book = self.books[service, partition_of(subject.encode())]
                case = book.cases.get(subject, Case())
                agree(f"how far {service} came in {subject}", case.last, len(events))
                agree(f"what {service} has parked of {subject}", case.waiting, {})
                left_out = {one.sequence for one in events if one.id not in case.applied}
                given_up = {number for name, number in self.discarded if name == subject}
                agree(f"what {service} lost of {subject}", left_out - given_up, set())
                agree(
                    f"what {service} published of {subject}",
                    self.published(service, subject),
                    [(n, message_id(service, one)) for n, one in enumerate(case.applied, 1)],
                )
        agree("the gaps", self.lab.run(gaps(self.lab.owner)), [])
        self.see_that_dead_letters_were_published()

    def published(self, service: str, subject: str) -> list[tuple[int, str]]:
        """Give what a service's own topic says of a case, without repeats."""
        found: dict[int, str] = {}
        records = self.log.records[TopicPartition(Topic.NOTIFICATION_EVENTS.value, 0)]
        for record in records:
            headers = dict(record.headers)
            if record.key == subject.encode() and headers["ce_source"] == (
                f"urn:gleichfall:{service}".encode()
            ):
                said = (record.value or b"").decode().split('"message_id":"')[1][:36]
                found.setdefault(int(headers["ce_sequence"] or b"0"), said)
        return sorted(found.items())  # a consumer brings into order what a failed send left out

    def see_that_dead_letters_were_published(self) -> None:
        about = (PREFIX + "consumer", PREFIX + "partition", PREFIX + "offset")
        records = self.log.records[TopicPartition(Topic.CASE_EVENTS.dead_letter, 0)]
        found = {
            tuple((dict(record.headers)[name] or b"").decode() for name in about)
            for record in records
        }
        wanted = {
            (service, str(partition), str(offset))
            for (service, partition), book in self.books.items()
            for offset in book.letters
        }
        agree("the published dead letters", found, wanted)


SETTINGS = settings(
    stateful_step_count=15,
    deadline=None,
    report_multiple_bugs=False,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


def explore(
    laboratory: Laboratory,
    how: settings,
    seed: int | None = None,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Draw steps and take them; `begun` hears of each sequence.

    Raises:
        Disagreement: with the shortest steps found that lead to it in its notes.
    """

    class Drawn(Spine):
        def __init__(self) -> None:
            begun()
            super().__init__(laboratory)

    Drawn.__name__ = Spine.__name__
    machine = Drawn if seed is None else hypothesis.seed(seed)(Drawn)
    run_state_machine_as_test(machine, settings=how)
