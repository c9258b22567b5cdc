"""What a policy would have done with the decisions in the register."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.controlling.policies import store
from services.controlling.policies.errors import DaysReversed, NothingDecided
from services.controlling.sampling.forecast import Counted, Forecast, forecast
from services.controlling.sampling.policy import Policy
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """A forecast, and what to know when reading it.

    Attributes:
        forecast: What would have been drawn.
        merged: Units that decisions still name, and the units they were merged into.
        unknown: Decisions that were registered before their facts were kept; they count as `none`
            in the fields by which the policy splits.
    """

    forecast: Forecast
    merged: dict[str, str]
    unknown: int


class Register:
    """The register of decisions, as a forecast reads it."""

    def __init__(self, pool: Pool, types: DecisionTypes, organisation: Organisation) -> None:
        self._pool = pool
        self._types = types
        self._organisation = organisation

    async def preview(
        self,
        policy: Policy,
        first: date,
        last: date,
        progressed: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Preview:
        """Count decisions period by period, in the database, and foresee their draw.

        Decisions that name a unit that was merged into another count as this one's, because the
        policy is for periods to come.

        Args:
            policy: As leadership wrote it.
            first: The first day to look at.
            last: The last one.
            progressed: Is told how many of how many periods are counted.

        Raises:
            DaysReversed, NothingDecided: there is nothing to count.
        """
        if first > last:
            raise DaysReversed(first, last)
        zone = self._organisation.jurisdiction.time_zone
        between = (_midnight(first, zone), _midnight(last + _DAY, zone))
        rows: list[store.KindCount] = []
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            keys = await store.periods_between(connection, first, last)
            for number, key in enumerate(keys, start=1):
                rows += await store.count_kinds(connection, key, between, zone, policy.split_by)
                progressed(number, len(keys))
            experience = await store.experience(
                connection, policy.valid_from or date.max, policy.period.months
            )
        if not rows:
            raise NothingDecided(first, last)
        return Preview(
            forecast(policy, self._counted(rows), (last + _DAY - first).days, experience),
            self._merged(rows),
            sum(row.decisions for row in rows if not row.known) if policy.split_by else 0,
        )

    def _counted(self, rows: list[store.KindCount]) -> Iterator[Counted]:
        for row in rows:
            successor = self._organisation.successor_of(row.kind.unit)
            kind = row.kind if successor is None else row.kind._replace(unit=successor.key)
            yield Counted(kind, self._types.group_of(kind.type_code, kind.day), row.decisions)

    def _merged(self, rows: list[store.KindCount]) -> dict[str, str]:
        units = sorted({row.kind.unit for row in rows})
        return {
            unit: successor.key
            for unit in units
            if (successor := self._organisation.successor_of(unit)) is not None
        }


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
