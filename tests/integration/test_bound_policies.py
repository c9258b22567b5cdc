"""What a version of the policy and a period's catalogue say stays, whatever a file says later."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.app import create_app
from services.controlling.handlers import CaseEvents
from services.controlling.periods.opening import Periods
from services.controlling.policy.announcing import schedule
from services.controlling.policy.binding import digest_of
from services.controlling.policy.errors import VersionTaken
from services.controlling.policy.groups import TypeGroups
from services.controlling.policy.policy import Policy
from services.controlling.policy.store import require_bound
from services.controlling.settings import Settings
from shared.configuration.places import law_file
from shared.law.decision_types import FILE, DecisionTypes
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import FRAME, SEED_KEY, ZONE, apply, decided

pytestmark = pytest.mark.stack

NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)


def policy(rate: str = "0.1", version: str = "one", valid_from: date | None = None) -> Policy:
    return Policy(version=version, default_rate=Decimal(rate), valid_from=valid_from)


async def test_a_service_starts_with_what_its_version_meant_and_refuses_anything_else(
    pool: Pool,
) -> None:
    await require_bound(pool, policy())
    await require_bound(pool, policy())
    with pytest.raises(VersionTaken) as refused:
        await require_bound(pool, policy("0.2"))
    for one in (policy(), policy("0.2")):
        assert digest_of(one) in str(refused.value)
    await require_bound(pool, policy("0.2", "two"))


async def test_controlling_refuses_at_its_start_before_it_reads_an_event(
    pool: Pool, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text('version: "one"\ndefault_rate: 0.25\n')
    await require_bound(pool, policy())
    settings = Settings(
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        secrets_directory=secrets,
    )
    app = create_app(settings.model_copy(update={"policy_file": file}))
    with pytest.raises(VersionTaken, match="policy one means one content"):
        async with app.router.lifespan_context(app):
            pytest.fail("it started")


async def test_a_version_that_was_in_use_is_not_scheduled_with_another_content(pool: Pool) -> None:
    await require_bound(pool, policy())
    later = policy("0.2", valid_from=date(2026, 7, 1))
    with pytest.raises(VersionTaken):
        await schedule(pool, later, first=policy(version="two"), zone=ZONE, now=NOW)
    assert await pool.fetchval("SELECT count(*) FROM policy") == 0


async def test_a_scheduled_policy_that_was_changed_in_its_table_is_found_at_the_next_start(
    pool: Pool,
) -> None:
    first = policy(version="first")
    await schedule(pool, policy(valid_from=date(2026, 7, 1)), first=first, zone=ZONE, now=NOW)
    await require_bound(pool, first)
    await pool.execute("UPDATE policy SET document = replace(document, '\"0.1\"', '\"0.2\"')")
    with pytest.raises(VersionTaken):
        await require_bound(pool, first)


async def test_a_catalogue_that_changes_in_mid_period_moves_no_decision_of_it(
    pool: Pool, tmp_path: Path
) -> None:
    await apply(pool, CaseEvents(FRAME, Periods(SEED_KEY, policy())), decided(1))
    file = tmp_path / "decision_types.yaml"
    text = law_file(FILE).read_text(encoding="utf-8")
    head, found, rest = text.partition("code: AufenthG-18b")
    assert found
    file.write_text(head + found + rest.replace("group: work", "group: family", 1))
    changed = DecisionTypes.load(file)
    assert changed.group_of("AufenthG-18b", NOW.date()) == "family"
    updated = CaseEvents(FRAME, Periods(SEED_KEY, policy(), changed))
    await apply(pool, updated, decided(2), decided(3, datetime(2026, 6, 4, 8, tzinfo=UTC)))
    rows = await pool.fetch("SELECT period, split_part(stratum, '/', 1) AS g FROM decision")
    assert {tuple(row) for row in rows} == {("2026-05", "work"), ("2026-06", "family")}
    kept = await pool.fetchval("SELECT catalogue FROM period WHERE key = '2026-06'")
    assert TypeGroups.model_validate_json(kept) == TypeGroups.of(changed)
