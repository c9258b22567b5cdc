"""Steps of consumers: they consume, crash, freeze, race and lose what they committed."""

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from shared.crash_points import CrashPoint
from shared.kafka.records import Record
from tests.model.laboratory import Fate, Stall, start, until_stalled
from tests.model.log import PARTITIONS
from tests.model.world import PARTITION, SERVICE, World, Zombie, agree, step

CONSUMER_POINTS = (
    CrashPoint.AFTER_POLL, CrashPoint.AFTER_INBOX, CrashPoint.DEAD_LETTER,
    CrashPoint.BEFORE_COMMIT, CrashPoint.AFTER_COMMIT, CrashPoint.AFTER_OFFSETS,
)  # fmt: skip
SIZE = st.integers(1, 6)


class Consuming(World):
    """Controlling and notify consume."""

    @step(service=SERVICE, sizes=st.tuples(st.integers(0, 6), st.integers(0, 6)))
    def consume(self, service: str, sizes: tuple[int, int]) -> None:
        self.do_consume(service, sizes)

    def do_consume(self, service: str, sizes: tuple[int, int]) -> None:
        batches = self.poll(service, sizes)
        if not any(batches.values()):
            return
        self.lab.attempt(self.processes[service].consume(_together(batches)))
        self.settle(service, {at: self.allowed(service, at, batches)[-1:] for at in (0, 1)})
        for partition, batch in zip(PARTITIONS, batches.values(), strict=True):
            if batch:
                committed = self.log.committed[service, partition]
                agree(f"the offset of {service}", committed, batch[-1].offset + 1)

    @step(
        service=SERVICE,
        partition=PARTITION,
        size=SIZE,
        point=st.sampled_from(CONSUMER_POINTS),
        passes=st.integers(1, 3),
    )
    def consume_and_crash(
        self, service: str, partition: int, size: int, point: CrashPoint, passes: int
    ) -> None:
        batches = self.poll(service, self.only(partition, size))
        work = self.processes[service].consume(batches[partition])
        crashed = self.lab.attempt(work, Fate(point, passes))
        allowed = self.allowed(service, partition, batches)
        self.settle(service, {partition: allowed if crashed else allowed[-1:]})
        if crashed:
            self.processes[service] = self.start(service)

    @step(service=SERVICE, sizes=st.tuples(st.integers(0, 6), st.integers(0, 6)), away=PARTITION)
    def consume_while_the_database_goes_away(
        self, service: str, sizes: tuple[int, int], away: int
    ) -> None:
        batches = self.poll(service, sizes)
        records = _together(batches)
        self.lab.attempt(self.processes[service].consume(records), Fate(away_for=away))
        allowed = {at: self.allowed(service, at, batches)[-1:] for at in (0, 1)}
        allowed[away] = self.allowed(service, away, batches)
        self.settle(service, allowed)

    @step(service=SERVICE)
    def restart(self, service: str) -> None:
        self.processes[service] = self.start(service)

    @step(service=SERVICE, partition=PARTITION)
    def lose_offsets(self, service: str, partition: int) -> None:
        self.log.committed[service, PARTITIONS[partition]] = 0
        self.processes[service] = self.start(service)

    @step(
        service=SERVICE,
        partition=PARTITION,
        size=SIZE,
        at=st.sampled_from([Stall.POLLED, Stall.POSITIONS_READ, Stall.OFFSETS]),
    )
    def freeze(self, service: str, partition: int, size: int, at: Stall) -> None:
        """Freeze a consumer at its work; another one takes over."""
        if service in self.zombies:
            return
        process = self.processes[service]
        batches = self.poll(service, self.only(partition, size))
        if not batches[partition]:
            return
        fate = Fate(stall_at=at)

        async def begin() -> "asyncio.Task[None]":
            task = start(process.consume(batches[partition]), fate)
            await until_stalled(task, fate)
            return task

        task = self.lab.run(begin())
        self.zombies[service] = Zombie(at, fate, task, PARTITIONS[partition], batches[partition])
        process.member.replaced = True
        self.processes[service] = self.start(service)
        allowed = self.allowed(service, partition, batches)
        self.settle(service, {partition: allowed[-1:] if at is Stall.OFFSETS else allowed[:1]})

    @precondition(lambda self: self.zombies)
    @step(service=SERVICE)
    def wake(self, service: str) -> None:
        """Let the frozen consumer go on with what it believes to be its own."""
        self.do_wake(service)

    def do_wake(self, service: str) -> None:
        zombie = self.zombies.pop(service, None)
        if zombie is None:
            return
        zombie.fate.woken.set()
        self.lab.run(ended(zombie.task))
        partition = zombie.partition.partition
        batches = {partition: [] if zombie.at is Stall.OFFSETS else zombie.batch}
        self.settle(service, {partition: self.allowed(service, partition, batches)})

    @step(service=SERVICE, partition=PARTITION, size=SIZE, crash=st.booleans())
    def race(self, service: str, partition: int, size: int, *, crash: bool) -> None:
        """Let two consumers have the same batch; the slower one already holds the rows."""
        slower, faster = self.processes[service], self.start(service)
        batches = self.poll(service, self.only(partition, size))
        batch = batches[partition]
        again = faster.member.poll(PARTITIONS[partition], size)
        if not batch:
            return
        fate = Fate(CrashPoint.BEFORE_COMMIT if crash else None, stall_at=Stall.HANDLER)

        async def both() -> None:
            first = start(slower.consume(batch), fate)
            await until_stalled(first, fate)
            slower.member.replaced = True
            second = start(faster.consume(again), Fate())
            await self.lab.until_blocked(second)
            fate.woken.set()
            await asyncio.gather(first, second, return_exceptions=True)

        self.lab.run(both())
        self.processes[service] = self.start(service)
        self.settle(service, {partition: self.allowed(service, partition, batches)})
        # Who of the two came how far is chance, so the new owner reads it all once more.
        self.do_consume(service, self.only(partition, size))


async def ended(task: "asyncio.Task[None]") -> None:
    await task


def _together(batches: dict[int, list[Record]]) -> list[Record]:
    return [record for batch in batches.values() for record in batch]
