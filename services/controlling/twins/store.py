"""Decisions that were not yet compared, those that can have twins, and the rounds of pairs."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from pydantic_core import from_json, to_json

from services.controlling.policy.policy import Twins
from services.controlling.twins.distance import Case, Pair
from services.controlling.twins.likeness import Uncompared
from services.controlling.twins.pairs import Drawn
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


class Known(NamedTuple):
    """A decision that can have twins; `features` is JSON."""

    decision_id: str
    case_ref: str
    block: str
    direction: str
    decided_at: datetime
    features: str
    period: str = ""

    def case(self, rule: Twins) -> Case:
        """Give it as a half of a pair."""
        features = from_json(self.features)
        values = tuple(features.get(feature.field) for feature in rule.features)
        return Case(self.decision_id, self.case_ref, self.decided_at, values)


class Period(NamedTuple):
    """A period; `policy` is a document as JSON."""

    key: str
    policy: str
    sealed_seed: bytes
    witness: str | None


class Waiting(NamedTuple):
    """A pair that waits for its round, and the period of the decision whose twin was sought."""

    decision_id: str
    twin: str
    distance: Decimal
    period: str


class Round(NamedTuple):
    """What a round is drawn by, and the Monday of its week."""

    week: date
    policy_version: str
    budget: int
    among: int


class Held(NamedTuple):
    """A round that was drawn."""

    number: int
    week: date
    policy_version: str
    budget: int
    among: int
    drawn: int
    drawn_at: datetime


class Recorded(NamedTuple):
    """What is recorded of a pair.

    Attributes:
        closing: Holds its period's seed once that is public.
        witness: What entered that seed, if it was witnessed.
    """

    decision_id: str
    twin: str
    distance: Decimal
    ticket: str
    chance: Decimal
    period: str
    closing: str | None
    witness: str | None
    drawn: bool


async def uncompared(connection: Connection, limit: int) -> dict[int, list[str]]:
    """Give about so many decisions that may not yet have been compared, by batch."""
    rows = await connection.fetch(QUERIES["uncompared"], limit)
    return {row["batch"]: row["decision_ids"] for row in rows}


async def take_uncompared(connection: Connection, decisions: Sequence[str]) -> list[Uncompared]:
    """Give those that were not yet compared; they count as compared from now on."""
    rows = await connection.fetch(QUERIES["take_uncompared"], decisions)
    return [Uncompared(*row) for row in rows]


async def forget_uncompared(connection: Connection, batches: Collection[int]) -> None:
    """Forget batches whose decisions are all compared, or held."""
    if batches:
        await connection.execute(QUERIES["forget_uncompared"], list(batches))


async def periods_of(connection: Connection, decisions: Sequence[str]) -> dict[str, str]:
    """Give the periods of decisions."""
    rows = await connection.fetch(QUERIES["periods_of"], decisions)
    return {row["decision_id"]: row["period"] for row in rows}


async def await_again(connection: Connection, period: str, size: int) -> None:
    """Let a period's decisions wait that were not yet compared, in batches of some size."""
    await connection.execute(QUERIES["await_again"], period, size)


async def periods(connection: Connection, keys: Sequence[str]) -> list[Period]:
    """Give with which policies periods opened, and their seeds."""
    rows = await connection.fetch(QUERIES["periods"], keys)
    return [Period(**row) for row in rows]


async def enter_twin_cases(connection: Connection, rule: Twins, new: Sequence[Uncompared]) -> None:
    """Enter decisions that can have twins."""
    await connection.execute(
        QUERIES["enter_twin_cases"],
        [one.decision_id for one in new],
        [one.case_ref for one in new],
        [one.block(rule) for one in new],
        [one.direction for one in new],
        [one.decided_at for one in new],
        [to_json(one.features(rule)).decode() for one in new],
    )


async def unsought(connection: Connection, limit: int) -> list[str]:
    """Give some decisions that can have twins, which weren't looked for yet."""
    rows = await connection.fetch(QUERIES["unsought"], limit)
    return [row["decision_id"] for row in rows]


async def seeking(connection: Connection, decisions: Sequence[str]) -> list[Known]:
    """Give those of some decisions whose twins weren't looked for yet."""
    rows = await connection.fetch(QUERIES["seeking"], decisions)
    return [Known(*row) for row in rows]


async def twin_cases(
    connection: Connection,
    rule: Twins,
    direction: str,
    near: Sequence[Known],
    *,
    lonely: bool = False,
) -> list[Known]:
    """Give known cases of a direction in the blocks of others, and in the window around them."""
    if not near:
        return []
    window = timedelta(days=rule.within_days)
    rows = await connection.fetch(
        QUERIES["twin_cases"],
        list({one.block for one in near}),
        direction,
        min(one.decided_at for one in near) - window,
        max(one.decided_at for one in near) + window,
        lonely,
    )
    return [
        Known(decision_id, case_ref, block, direction, decided_at, features)
        for decision_id, case_ref, block, decided_at, features in rows
    ]


async def hold_twin_cases(connection: Connection, decisions: Collection[str]) -> None:
    """Lock them until the transaction ends."""
    await connection.execute(QUERIES["hold_twin_cases"], list(decisions))


async def note_sought(connection: Connection, decisions: Sequence[str]) -> None:
    """Note that the twins of decisions were looked for."""
    await connection.execute(QUERIES["note_sought"], decisions)


async def pair_twins(connection: Connection, pairs: Sequence[Pair], now: datetime) -> None:
    """Note twins that were found, of decisions that have none yet."""
    await connection.execute(
        QUERIES["pair_twins"],
        [one.decision_id for one in pairs],
        [one.twin for one in pairs],
        [one.distance for one in pairs],
        now,
    )


async def undrawn_before(connection: Connection, moment: datetime) -> bool:
    """Tell whether pairs wait for their round that were found before a moment."""
    return bool(await connection.fetchval(QUERIES["undrawn_before"], moment))


async def hold_rounds(connection: Connection) -> None:
    """Let nobody else draw until the transaction ends."""
    await connection.execute(QUERIES["hold_rounds"])


async def candidates(connection: Connection, before: datetime) -> list[Waiting]:
    """Give the pairs that wait for their round since before a moment."""
    rows = await connection.fetch(QUERIES["candidates"], before)
    return [Waiting(**row) for row in rows]


async def drawn_in_week(connection: Connection, week: date) -> int:
    """Tell how many pairs were drawn for a week."""
    return int(await connection.fetchval(QUERIES["drawn_in_week"], week))


async def enter_round(
    connection: Connection, held: Round, found: Sequence[Drawn], now: datetime
) -> None:
    """Enter a round with all that took part in it."""
    number = await connection.fetchval(
        QUERIES["open_round"],
        held.week,
        held.policy_version,
        held.budget,
        held.among,
        sum(one.drawn for one in found),
        now,
    )
    await connection.execute(
        QUERIES["note_round"],
        number,
        [one.candidate.decision_id for one in found],
        [one.candidate.ticket for one in found],
        [one.chance for one in found],
    )


async def rounds(connection: Connection) -> list[Held]:
    """Give all rounds, the last first."""
    return [Held(**row) for row in await connection.fetch(QUERIES["rounds"])]


async def round_of(connection: Connection, number: int) -> list[Recorded]:
    """Give what is recorded of the pairs of a round, ranked."""
    return [Recorded(**row) for row in await connection.fetch(QUERIES["round_of"], number)]
