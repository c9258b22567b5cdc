"""Decisions that were not yet compared, and those that can have twins."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic_core import from_json, to_json

from services.controlling.policy.policy import Twins
from services.controlling.policy.strata import FEATURE, Stratum
from services.controlling.twins.distance import Case, Pair
from shared.events.vocabulary import FeatureValue
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


class Uncompared(NamedTuple):
    """A decision that was not yet compared with others; `facts` is what its event said, as JSON."""

    decision_id: str
    case_ref: str
    period: str
    type_code: str
    stratum: str
    decided_at: datetime
    facts: str | None

    @property
    def direction(self) -> str:
        """Which way it was decided."""
        return Stratum.parse(self.stratum).direction.value

    def case(self, rule: Twins) -> Case:
        """Give it as a half of a pair."""
        return _case(self.decision_id, self.case_ref, self.decided_at, self.features(rule), rule)

    def block(self, rule: Twins) -> str:
        """Give what must be the same in its twin, as one text."""
        values = self._values(rule.alike_in)
        return to_json(sorted(values.items())).decode()

    def features(self, rule: Twins) -> dict[str, FeatureValue | None]:
        """Give in what it is compared."""
        return self._values([feature.field for feature in rule.features])

    def _values(self, fields: Collection[str]) -> dict[str, FeatureValue | None]:
        facts = {"features": {}, **from_json(self.facts or "{}"), "type_code": self.type_code}
        return {
            field: facts["features"].get(field.removeprefix(FEATURE))
            if field.startswith(FEATURE)
            else facts.get(field)
            for field in fields
        }


def _case(
    decision_id: str,
    case_ref: str,
    decided_at: datetime,
    features: Mapping[str, FeatureValue | None],
    rule: Twins,
) -> Case:
    values = tuple(features.get(feature.field) for feature in rule.features)
    return Case(decision_id, case_ref, decided_at, values)


async def hold_twins(connection: Connection) -> None:
    """Let nobody else look for twins until the transaction ends."""
    await connection.execute(QUERIES["hold_twins"])


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


async def policies(connection: Connection, periods: Sequence[str]) -> dict[str, str]:
    """Give the policies with which periods opened, as documents."""
    rows = await connection.fetch(QUERIES["policies"], periods)
    return {row["key"]: row["policy"] for row in rows}


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


async def twin_cases(
    connection: Connection,
    rule: Twins,
    direction: str,
    blocks: Collection[str],
    new: Sequence[Uncompared],
    *,
    lonely: bool = False,
) -> dict[str, list[Case]]:
    """Give known cases of some blocks and one direction in the window around new ones."""
    found: dict[str, list[Case]] = defaultdict(list)
    if not blocks:
        return found
    window = timedelta(days=rule.within_days)
    rows = await connection.fetch(
        QUERIES["twin_cases"],
        list(blocks),
        direction,
        min(one.decided_at for one in new) - window,
        max(one.decided_at for one in new) + window,
        lonely,
    )
    for decision_id, case_ref, block, decided_at, features in rows:
        found[block].append(_case(decision_id, case_ref, decided_at, from_json(features), rule))
    return found


async def pair_twins(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Note twins that were found."""
    await connection.execute(
        QUERIES["pair_twins"],
        [one.decision_id for one in pairs],
        [one.twin for one in pairs],
        [one.distance for one in pairs],
    )
