"""An upgrade keeps what the release before left: migrated, then read by the commands of today."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.chain.announcing import HeadAnnouncer
from services.intake.store import Ledger
from services.notify.operation.errors import WrittenOtherwise
from shared.observe.metrics import Loop
from shared.postgres import migrations
from shared.postgres.errors import ReleasesSkipped, ReleaseUnfinished
from shared.postgres.migrations import Migration, Phase, migrate, migrations_of
from shared.postgres.pool import Pool, open_pool, service_url
from shared.postgres.release import Release
from shared.security.secrets import SecretName, SecretStore
from tests.integration.controlling_helpers import ZONE, chain, holding_of
from tests.upgrade.left_behind import Call, calling, contents, lay_out_secrets, restore

pytestmark = pytest.mark.stack

RELEASE = "4919b83"
PERIOD = "2026-01"
WITNESSED = ("--value", "35126416235152364423", "--role", "staff_council", "--role", "auditor")
NOW_IN = {"notify.digest": "notify.morning_mail"}
"""Where rows stand today that stood in another table."""


@pytest.fixture(scope="module")
async def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out_secrets(tmp_path_factory.mktemp("secrets"), RELEASE)


@pytest.fixture
async def before(stack: Addresses) -> tuple[str, Mapping[str, int]]:
    """A database as the release left it, and what is in it."""
    url = await restore(stack, RELEASE)
    return url, await contents(url)


@pytest.fixture
async def upgraded(before: tuple[str, object], secrets: Path) -> AsyncIterator[asyncpg.Connection]:
    """The same after today's migrations, as its operator sees it."""
    url, _ = before
    await migrate(url, secrets)
    operator = await asyncpg.connect(url)
    yield operator
    await operator.close()


@pytest.fixture
def call(before: tuple[str, object], upgraded: object, secrets: Path, stack: Addresses) -> Call:
    """Gives `gleichfall` as an operator calls it after the upgrade."""
    return calling(before[0], secrets, stack)


@pytest.fixture
async def supported(
    before: tuple[str, object], secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The same at the end of the release before; gives its address.

    It is the oldest that today's may run beside: everything is applied that it had to finish with.
    """
    url, _ = before
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "migrations_of", of_the_release_before)
        await migrate(url, secrets)
    return url


def of_the_release_before(service: str) -> Sequence[Migration]:
    files = migrations_of(service)
    ends = [number for number, one in enumerate(files, 1) if one.phase is Phase.POST]
    if files[-1].phase is Phase.POST:
        ends.pop()
    return files[: ends[-1] if ends else 0]


async def test_migrations_lose_no_row(before: tuple[str, Mapping[str, int]], secrets: Path) -> None:
    url, rows = before
    await migrate(url, secrets)
    afterwards = await contents(url)

    for name in rows:
        if not name.endswith(".migration"):
            assert (name, afterwards[NOW_IN.get(name, name)]) == (name, rows[name])
    for name in (
        *("intake.ledger", "controlling.decision", "controlling.draw", "controlling.period"),
        *("controlling.candidate", "controlling.dead_letter", "controlling.parked"),
        *("notify.message", "notify.contact", "notify.dead_letter", "notify.parked"),
    ):
        assert rows[name] > 0, f"{name} proves nothing"


async def test_several_releases_at_once_are_refused_before_anything_is_changed(
    before: tuple[str, Mapping[str, int]], secrets: Path
) -> None:
    url, rows = before
    for phase in Phase:
        with pytest.raises(ReleasesSkipped, match="gleichfall migrate --stopped"):
            await migrate(url, secrets, phase)
    assert await contents(url) == rows


async def test_phase_by_phase_nothing_leaves_the_house_before_the_upgrade_is_finished(
    supported: str, secrets: Path, stack: Addresses, tmp_path: Path
) -> None:
    """An old process registers a decision beside the new ones, which only `--post` brings in."""
    operator, record = calling(supported, secrets, stack), tmp_path / "draw.jsonl"
    applied = await migrate(supported, secrets, Phase.PRE)
    assert applied
    assert all("_pre_" in name for name in applied)
    password = SecretStore(secrets).text(SecretName.CONTROLLING_DATABASE_PASSWORD)
    url = service_url(supported, "controlling", password.get_secret_value())
    async with await open_pool(url, service="controlling") as pool:
        await pool.execute("UPDATE unchained SET decision_ids = decision_ids[2:], size = size - 1")
        await chain(pool)
        await announce(pool)
        assert await pool.fetchval("SELECT count(*) FROM register_head") == 0
        for words in (("close", PERIOD), ("witness", PERIOD, *WITNESSED)):
            with pytest.raises(ReleaseUnfinished, match="migrate --post"):
                await operator("draw", *words)

        assert await migrate(supported, secrets, Phase.POST)
        await announce(pool)
        assert await pool.fetchval("SELECT count(*) FROM register_head") == 0
        await chain(pool)
        await announce(pool)
        assert await pool.fetchval("SELECT count(*) FROM register_head") == 1
    await operator("draw", "close", PERIOD)
    await operator("draw", "export", PERIOD, "--out", str(record))
    assert "the draw is what seed and policy give" in await operator("draw", "verify", str(record))


async def announce(pool: Pool) -> None:
    """Publish the heads of the day, as the loop of a process that has just started does."""
    heads = HeadAnnouncer(pool, ZONE, holding_of(pool, Loop.REGISTER_HEADS))
    release = Release(pool, "controlling")
    await release.finished(Loop.REGISTER_HEADS, lambda: heads.announce_due(datetime.now(UTC)))()


async def test_a_period_that_was_open_is_closed_and_its_draw_verified(
    call: Call, upgraded: asyncpg.Connection, tmp_path: Path
) -> None:
    record = tmp_path / "draw.jsonl"
    drawn = "SELECT array_agg(decision_id ORDER BY decision_id) FROM controlling.draw"
    by_chance = f"{drawn} WHERE 'random' = ANY(reasons)"
    before = await upgraded.fetchval(by_chance)

    await call("draw", "close", PERIOD)
    await call("draw", "export", PERIOD, "--out", str(record))
    await call("draw", "verify", str(record))

    assert set(before) <= set(await upgraded.fetchval(drawn))
    assert all(name in record.read_text() for name in before)


async def test_a_message_that_left_is_never_shown_otherwise_than_it_left(
    call: Call, upgraded: asyncpg.Connection, tmp_path: Path
) -> None:
    """Mails have other headers since that release: its own code can write them, ours says so."""
    query = (
        "SELECT id, case_ref FROM notify.message "
        "WHERE state = 'accepted' AND channel = 'email' ORDER BY id LIMIT 1"
    )
    message = await upgraded.fetchrow(query)

    assert message is not None
    told = await call("messages", "show", message["case_ref"])
    with pytest.raises(WrittenOtherwise, match="The release of that time still can"):
        await call("messages", "again", str(message["id"]), "--out", str(tmp_path / "mail.eml"))

    assert "accepted" in told
    assert not (tmp_path / "mail.eml").exists()


async def test_what_was_given_up_on_and_what_waits_behind_it_is_found(call: Call) -> None:
    letters = json.loads(await call("dead-letters", "list", "--json"))["dead_letters"]
    parked = json.loads(await call("parked", "list", "--json"))["parked"]

    assert sorted(one["service"] for one in letters) == ["controlling", "notify"]
    assert {one["case"] for one in parked} == {one["case"] for one in letters}


async def test_an_accepted_event_is_found_by_its_sender(
    before: tuple[str, object], upgraded: asyncpg.Connection, secrets: Path
) -> None:
    row = await upgraded.fetchrow("SELECT * FROM intake.ledger ORDER BY accepted_at LIMIT 1")
    assert row is not None
    password = SecretStore(secrets).text(SecretName.INTAKE_DATABASE_PASSWORD).get_secret_value()
    url = service_url(before[0], "intake", password)

    async with await open_pool(url, service="intake") as pool:
        found = await Ledger(pool, url).find(row["source"], row["id"])

    assert found is not None
    assert (found.subject, found.sequence) == (row["subject"], row["sequence"])
