"""What happened to cases is kept beside the register, and a review reads both as one file."""

from datetime import date, timedelta

import pytest

from services.controlling.case_files import store
from services.controlling.case_files.store import events_of_case
from services.controlling.forms import store as catalogues
from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.store import CatalogueMissing
from shared.events.catalogue.case import (
    ApplicationReceived,
    DecisionMade,
    DecisionNotified,
    HearingSent,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import IntakeChannel
from shared.law.decision_types import DecisionTypes
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from shared.postgres.retention import Janitor, declared_retention
from tests.integration.controlling_helpers import (
    MAY,
    ZONE,
    about,
    apply,
    case_events,
    decided,
    decision_id,
    policy,
)

pytestmark = pytest.mark.stack

ALL, NONE = "1", "0"
RULES = declared_retention().of("controlling")


@pytest.fixture(autouse=True)
async def nothing_kept(pool: Pool) -> None:
    await pool.execute("DELETE FROM case_event")


def happened(number: int, sequence: int, facts: Facts, days: int) -> Event:
    return about(number, facts, MAY + timedelta(days=days))._replace(sequence=sequence)


def received() -> ApplicationReceived:
    return ApplicationReceived(
        channel=IntakeChannel.ONLINE, service_key="99010001001012", unit="unit-2"
    )


def file(number: int) -> list[Event]:
    return [
        happened(number, 1, received(), -60),
        happened(number, 2, HearingSent(due=date(2026, 4, 20)), -40),
        decided(number, dataref="vis:4711")._replace(sequence=3),
        happened(
            number,
            4,
            DecisionNotified(decision_id=decision_id(number), notified_on=date(2026, 5, 8)),
            4,
        ),
    ]


async def read(pool: Pool, number: int) -> list[Event]:
    async with pool.acquire() as connection:
        return await events_of_case(connection, decision_id(number))


async def test_a_review_sees_what_happened_before_and_after_and_never_who_decided(
    pool: Pool,
) -> None:
    given = file(1)
    await apply(pool, case_events(policy(ALL)), *given[:2])
    await apply(pool, case_events(policy(ALL)), *given[2:])
    found = CaseFile.of(await read(pool, 1), decision_id(1), Calendar("DE-BW", ZONE))
    assert [one.data.event_type for one in found.before] == [
        ApplicationReceived.event_type,
        HearingSent.event_type,
    ]
    assert [one.data.event_type for one in found.after] == [DecisionNotified.event_type]
    told = given[2].data
    assert isinstance(told, DecisionMade)
    assert found.decision.decider != told.decider
    assert found.decision.model_copy(update={"decider": told.decider}) == told


async def test_another_decision_of_the_case_bounds_what_belongs_to_this_one(pool: Pool) -> None:
    earlier = decided(2, MAY - timedelta(days=50))._replace(subject=file(1)[0].subject)
    await apply(pool, case_events(policy(ALL)), earlier, *file(1))
    found = CaseFile.of(await read(pool, 1), decision_id(1), Calendar("DE-BW", ZONE))
    assert [one.data.event_type for one in found.before] == [HearingSent.event_type]


async def test_what_is_sent_again_is_kept_once(pool: Pool) -> None:
    await apply(pool, case_events(policy(NONE)), *file(1))
    await apply(pool, case_events(policy(NONE)), *file(1)[:2])
    assert await pool.fetchval("SELECT count(*) FROM case_event") == 3


async def test_nothing_is_known_of_a_decision_that_isnt_registered(pool: Pool) -> None:
    assert await read(pool, 9) == []


async def test_old_events_go_unless_a_decision_of_their_case_waits_for_its_review(
    pool: Pool,
) -> None:
    await apply(pool, case_events(policy(ALL)), *file(1))
    await apply(pool, case_events(policy(NONE)), *file(1001))
    await pool.execute("DELETE FROM draw WHERE decision_id = $1", decision_id(1001))
    await pool.execute("UPDATE case_event SET at = at - interval '4 years'")
    janitor = Janitor(pool, {"case_event": RULES["case_event"]}, {"case_event": store.EMPTY})
    assert await janitor.enforce("case_event") == 3
    assert await janitor.enforce("case_event") == 0
    assert len(await read(pool, 1)) == 4


async def test_a_catalogue_is_found_again_as_it_was(pool: Pool) -> None:
    criteria = Criteria.load(DecisionTypes.load())
    async with pool.acquire() as connection:
        await catalogues.keep(connection, criteria)
        await catalogues.keep(connection, criteria)
        assert await catalogues.kept(connection, criteria.digest) == criteria
        with pytest.raises(CatalogueMissing):
            await catalogues.kept(connection, "0" * 64)
