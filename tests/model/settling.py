"""Steps of an operator, who replays and discards dead letters."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from shared.dead_letters import settlement
from shared.dead_letters.errors import NeverNumbered, PlaceTaken, PlaceUnknown, StillPoison
from shared.dead_letters.settlement import Operator, Outcome, Repair
from shared.dead_letters.store import Filter, State, find
from tests.model.log import Content, partition_of
from tests.model.reference import Case
from tests.model.world import Letter, World, agree, step

OPERATOR = Operator("ops-1", "the model")


class Settling(World):
    """An operator settles what consumers gave up on."""

    @precondition(lambda self: self.refused)
    @step()
    def mend_the_handlers(self) -> None:
        self.refused.clear()

    @precondition(lambda self: self.letters())
    @step(nth=st.integers(0, 9), repaired=st.booleans())
    def replay(self, nth: int, *, repaired: bool) -> None:
        letters = self.letters()
        self.do_replay(letters[nth % len(letters)], repaired=repaired)

    @precondition(lambda self: self.letters())
    @step(nth=st.integers(0, 9), named=st.booleans())
    def discard(self, nth: int, *, named: bool) -> None:
        letters = self.letters()
        self.do_discard(letters[nth % len(letters)], named=named)

    def do_replay(self, letter: Letter, *, repaired: bool) -> object:
        content = Content.of(letter.record)
        origin = self.origins.get(content)
        repair = Repair()
        if origin is not None and repaired:
            headers = {n: (v or b"").decode() for n, v in origin.clean.headers}
            repair = Repair(origin.clean.value, headers)
        expected: object = Outcome.REPLAYED
        # The key is the subject, so nobody has to repair it.
        broken = content in self.unreadable and content.key is not None
        if origin is None or (broken and not repaired):
            expected = StillPoison
        elif self.reached(letter, origin.event.subject) >= origin.event.sequence:
            expected = PlaceTaken
        return self.command(letter, expected, State.REPLAYED, sends=True, repair=repair)

    def do_discard(self, letter: Letter, *, named: bool) -> object:
        origin = self.origins.get(Content.of(letter.record))
        headers = dict(letter.record.headers)
        subject = (letter.record.key or headers["ce_subject"] or b"").decode()
        readable = headers.get("ce_sequence")
        sequence = int(readable) if readable else None
        if sequence is None and named and origin is not None:
            sequence = origin.event.sequence
        reached = self.reached(letter, subject)
        expected: object = Outcome.DISCARDED
        if sequence is None and reached < len(self.accepted[subject]):
            expected = PlaceUnknown
        sends = sequence is not None and reached < sequence
        if expected is Outcome.DISCARDED and sequence is not None:
            self.discarded.add((subject, sequence))
        return self.command(letter, expected, State.DISCARDED, sends=sends, sequence=sequence)

    def reached(self, letter: Letter, subject: str) -> int:
        partition = partition_of(subject.encode())
        return min(
            self.books[service, partition].cases.get(subject, Case()).last
            for service in letter.services
        )

    def command(
        self,
        letter: Letter,
        expected: object,
        state: State,
        *,
        sends: bool,
        repair: Repair | None = None,
        sequence: int | None = None,
    ) -> object:
        """Let the operator settle a letter, and see that just what was expected happened."""
        waiting = len(self.seen().outbox["intake"])

        async def work() -> object:
            name, offset = letter.services[0], letter.record.offset
            found = await find(self.lab.owner, Filter(state=State.OPEN), [name])
            [one] = [
                one
                for one in found
                if (one.record.partition, one.record.offset) == (letter.partition.partition, offset)
            ]
            try:
                if repair is None:
                    return await settlement.discard(
                        self.lab.owner, one.id, OPERATOR, sequence=sequence
                    )
                return await settlement.replay(self.lab.owner, one.id, repair, OPERATOR)
            except (StillPoison, PlaceTaken, PlaceUnknown, NeverNumbered) as refusal:
                return type(refusal)

        outcome = self.lab.run(work())
        agree("what the command says", outcome, expected)
        done = isinstance(outcome, Outcome)
        if done:
            for service in letter.services:
                self.books[service, letter.partition.partition].letters[letter.record.offset] = (
                    state
                )
        sent = len(self.look().outbox["intake"]) - waiting
        agree("how many records the command sent", sent, int(done and sends))
        return outcome
