"""`gleichfall draw` as an operator calls it, with a real database and a time stamping service."""

import asyncio
import os
import re
import subprocess
import textwrap
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

import asyncpg
import pytest
from pydantic_core import from_json

from deploy.demo.time_stamps import Authority
from deploy.local.infrastructure import Addresses
from services.controlling.errors import PeriodOpen, PeriodUnknown
from services.controlling.handlers import CaseEvents
from services.controlling.periods.errors import PeriodClosed, PeriodNotOver
from services.controlling.periods.opening import Periods
from services.controlling.proof.errors import NoPeriodClosed
from services.controlling.stamps import stamping
from services.controlling.stamps.errors import TimeStampServiceAway
from services.controlling.stamps.stamping import Stamper
from shared.configuration.places import POLICY, ROOT
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from shared.security.key_ring import read_keys
from shared.security.secrets import SecretName, SecretStore
from tests.figures import read_by
from tests.integration.controlling_helpers import (
    FRAME,
    JUNE,
    MAY,
    ZONE,
    Operator,
    apply,
    chain,
    decided,
    holding_of,
    policy,
    reads_of,
)
from tests.integration.spine_helpers import CLI
from tests.runbooks import Follow
from tests.time_stamp_root import write_root

pytestmark = pytest.mark.stack

MARCH = MAY.replace(year=2025, month=3)


@pytest.fixture
def operator(stack: Addresses, secrets: Path, tmp_path: Path) -> Operator:
    return Operator(stack, secrets, tmp_path)


async def test_one_decision_is_a_period_that_can_be_closed_and_verified(
    pool: Pool, operator: Operator
) -> None:
    await apply(pool, operator.handler(policy("0", minimum=5)), decided(1, MARCH))
    assert "closed 2025-03: 1 decisions in 1 strata, 1 drawn" in await operator.does(
        "close", "2025-03", "--language", "en"
    )
    await operator.does("export", "--last-closed", "--out", str(operator.file))
    assert "1 decisions, 1 drawn, 0 late" in await operator.does("verify", str(operator.file))


async def test_an_export_from_before_the_key_was_exchanged_is_verified_with_the_old_one(
    pool: Pool, operator: Operator, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    files = {name: str(tmp_path / name) for name in ("before", "between", "after")}
    exchange = Operator(stack, secrets, tmp_path, "secrets")
    await apply(pool, operator.handler(policy("1")), decided(1, MARCH))
    await operator.does("close", "2025-03")

    await operator.does("export", "2025-03", "--out", files["before"])
    told = await exchange.does("rotate", "draw_signing_key")
    fresh, old = re.findall(r"[0-9a-f]{64}", told)
    await operator.does("export", "2025-03", "--out", files["between"])
    ended = await exchange.does("rotate", "draw_signing_key", "--published", fresh[:8])
    await operator.does("export", "2025-03", "--out", files["after"])

    assert f"go on publishing {old}" in ended
    for name, key, other in (
        ("before", old, fresh),
        ("between", old, fresh),
        ("after", fresh, old),
    ):
        await operator.does("verify", files[name], "--public-key", key)
        await operator.fails("verify", files[name], "--public-key", other)
    assert read_keys(SecretStore(secrets), SecretName.DRAW_SIGNING_KEY).others == ()


async def test_an_export_that_was_killed_leaves_what_was_there_and_the_next_writes_all(
    pool: Pool, operator: Operator, stack: Addresses, secrets: Path
) -> None:
    await apply(pool, operator.handler(policy("1")), *(decided(n, MARCH) for n in range(40)))
    await operator.does("close", "2025-03")
    await operator.does("export", "2025-03", "--out", str(operator.file))

    before, torso = await _killed_while_it_exports(operator.file, stack, secrets)

    assert operator.file.read_bytes() == before
    await operator.does("export", "2025-03", "--out", str(operator.file))
    assert "40 decisions, 40 drawn" in await operator.does("verify", str(operator.file))
    assert {one.name for one in operator.file.parent.iterdir()} == {"draw.jsonl", torso}


async def _killed_while_it_exports(
    file: Path, stack: Addresses, secrets: Path
) -> tuple[bytes, str]:
    """Kill an export that has begun to write; another one, if it was done before.

    Gives what was there before it, and the name of what it left.
    """
    before = b""
    left: list[Path] = []
    while not left:
        before = await asyncio.to_thread(file.read_bytes)
        process = await asyncio.create_subprocess_exec(
            *(*CLI, "draw", "export", "2025-03", "--out", str(file)),
            env=os.environ
            | {"DATABASE_URL": stack.database_url, "GLEICHFALL_SECRETS_DIR": str(secrets)},
        )
        while process.returncode is None and not any(file.parent.glob(".draw.jsonl.*.part")):
            await asyncio.sleep(0)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        left = [*file.parent.glob(".draw.jsonl.*.part")]
    return before, left[0].name


async def test_everything_drawn_is_confirmed_too(pool: Pool, operator: Operator) -> None:
    await apply(pool, operator.handler(policy("1")), *(decided(n, MARCH) for n in range(40)))
    assert "davon 40 gezogen" in await operator.does("close", "2025-03")
    await operator.does("export", "2025-03", "--out", str(operator.file))
    assert "40 decisions, 40 drawn" in await operator.does("verify", str(operator.file))


async def test_without_decisions_there_is_no_period(pool: Pool, operator: Operator) -> None:
    assert "Noch ist kein Zeitraum offen" in await operator.does("list")
    assert isinstance(await operator.fails("close", "2025-03"), PeriodUnknown)
    assert isinstance(await operator.fails("show", "2025-03"), PeriodUnknown)
    last = await operator.fails("export", "--last-closed", "--out", str(operator.file))
    assert isinstance(last, NoPeriodClosed)
    assert not operator.file.exists()


async def test_a_period_is_neither_closed_too_early_nor_twice(
    pool: Pool, operator: Operator
) -> None:
    handler = operator.handler(policy("0.5"))
    far = MAY.replace(year=2126)
    await apply(pool, handler, decided(1, MARCH), decided(2, far))
    assert isinstance(await operator.fails("close", "2126-05"), PeriodNotOver)
    opened = await operator.fails("export", "2025-03", "--out", str(operator.file))
    assert isinstance(opened, PeriodOpen)
    await operator.does("close", "2025-03")
    again = await operator.fails("close", "2025-03")
    assert isinstance(again, PeriodClosed)
    assert "reopened" in str(again)


async def test_the_seed_is_shown_when_it_is_public_and_not_before(
    pool: Pool, operator: Operator
) -> None:
    await apply(pool, operator.handler(policy("0.5")), *(decided(n, MARCH) for n in range(8)))
    before = from_json(await operator.does("show", "2025-03", "--json"))
    assert before["seed"] is None
    assert "Die Startzahl ist geheim" in await operator.does("show", "2025-03")
    english = await operator.does("show", "2025-03", "--language", "en")
    assert "The seed is secret" in english
    assert "Work" in english
    assert "state: open" in english
    await operator.does("close", "2025-03")
    after = from_json(await operator.does("show", "2025-03", "--json"))
    assert len(after["seed"]) == 64
    assert after["commitment"] == before["commitment"]
    assert sum(count["size"] for count in after["strata"]) == 8


async def test_who_closes_a_period_early_is_told_what_that_means_and_the_period_says_so(
    pool: Pool, operator: Operator
) -> None:
    await apply(pool, operator.handler(policy("1")), decided(1, MARCH), decided(2, MAY))
    await pool.execute("UPDATE period SET opened_at = first_day - 20 WHERE key = '2025-03'")
    early, english = "before its days of grace were over", ("--language", "en")
    in_time = await operator.does("close", "2025-03", *english)
    assert early not in in_time
    shown = await operator.does("show", "2025-03", *english)
    assert re.search(r"promised on 2025-02-09 \d\d:\d\d UTC: in time; time stamp: no", shown)
    assert re.search(r"state: closed on \S+$", shown, re.MULTILINE)
    assert early in await operator.does("close", "2026-05", *english)
    shown = await operator.does("show", "2026-05", *english)
    assert re.search(r"promised on .* UTC: late; time stamp: no", shown)
    assert re.search(r"state: closed on \S+, early$", shown, re.MULTILINE)


async def test_the_list_counts_what_came_in_time_and_late(pool: Pool, operator: Operator) -> None:
    handler = operator.handler(policy("1"))
    await apply(pool, handler, *(decided(n, MARCH) for n in range(5)), decided(5))
    await operator.does("close", "2025-03")
    await apply(pool, handler, decided(6, MARCH))
    march, may, now = map(from_json, (await operator.does("list", "--json")).splitlines())
    assert (march["key"], march["decisions"], march["drawn"], march["late"]) == ("2025-03", 5, 5, 0)
    assert (may["key"], may["closed_at"]) == ("2026-05", None)
    assert march["promise"] == may["promise"] == "late"
    assert "abgeschlossen am" in await operator.does("list")
    assert (now["decisions"], now["drawn"], now["late"]) == (0, 1, 1)
    assert (march["closed_early"], may["closed_early"]) == (True, False)
    assert ", early" in await operator.does("list", "--language", "en")


async def test_the_list_tells_which_periods_were_promised_in_time_and_which_are_stamped(
    pool: Pool, operator: Operator
) -> None:
    await apply(pool, operator.handler(policy("1")), *(decided(1, at) for at in [MARCH]))
    await apply(pool, operator.handler(policy("1")), decided(2, MAY), decided(3, JUNE))
    await pool.execute("UPDATE period SET opened_at = first_day - 20 WHERE key <> '2025-03'")
    authority = Authority()
    authority.at = MAY - timedelta(days=15)
    await pool.execute("UPDATE period SET closed_at = now() WHERE key <> '2026-05'")
    before = map(from_json, (await operator.does("list", "--json")).splitlines())
    assert not any(one["stamped"] for one in before)
    with authority.serving() as url:
        await Stamper(pool, url, [], holding_of(pool, Loop.TIME_STAMPING)).stamp_due()
    listed = map(from_json, (await operator.does("list", "--json")).splitlines())
    assert [(one["key"], one["promise"], one["stamped"]) for one in listed] == [
        ("2025-03", "late", False),
        ("2026-05", "proved", True),
        ("2026-06", "told", False),
    ]
    table = (await operator.does("list", "--language", "en")).splitlines()
    assert [line.split()[-3:] for line in table[1:4]] == [
        ["late", "no", "no"],
        ["time", "yes", "no"],
        ["time", "no", "no"],
    ]


async def test_a_draw_out_of_which_somebody_took_everything_is_seen_and_its_register_followed(
    pool: Pool, operator: Operator, stack: Addresses, follow: Follow
) -> None:
    now, handler = datetime.now(UTC), operator.handler(policy("1"))
    named = {"PERIOD": f"{now.astimezone(ZONE):%Y-%m}", "FILE": str(POLICY)}
    figures = read_by(controlling=reads_of(pool))
    runbook = await follow("NothingDrawn", operator.console, figures, **named)
    off_plan = await follow("DrawOffPlan", operator.console, figures)
    await apply(pool, handler, *(decided(n, now) for n in range(40)))
    await chain(pool)
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("DELETE FROM controlling.draw")
    await owner.execute("UPDATE controlling.decision SET drawn = false")
    await owner.close()
    await runbook.look(rf"{named['PERIOD']}\W+läuft\W+40\W+0\W", "version .*, rates: ")
    await off_plan.look()
    await runbook.do("(?s)^40 entries, .*the register is what its chain says")

    await apply(pool, handler, decided(40, now))
    await runbook.prove()
    await apply(pool, handler, *(decided(n, now) for n in range(41, 70)))
    await off_plan.prove()


async def test_a_commitment_is_stamped_once_exported_and_verified_offline(
    pool: Pool, operator: Operator, tmp_path: Path
) -> None:
    authority = Authority()
    await apply(pool, operator.handler(policy("0.5")), *(decided(n, MARCH) for n in range(8)))
    with authority.serving() as url:
        stamper = Stamper(pool, url, [authority.root], holding_of(pool, Loop.TIME_STAMPING))
        await stamper.stamp_due()
        asked = authority.asked
        await stamper.stamp_due()
    assert authority.asked == asked
    await operator.does("close", "2025-03")
    await operator.does("export", "2025-03", "--out", str(operator.file))
    unchecked = await operator.does("verify", str(operator.file))
    header = from_json(operator.file.read_bytes().split(b"\n", 1)[0])
    assert (header["stamped_at"], header["closed_early"]) == ("2026-05-01T09:00:00Z", True)
    assert header["opened_at"] < header["closed_at"]
    assert "time stamp 2026-05-01 09:00:00 UTC by CN=Test TSA, unchecked" in unchecked
    assert "stamped before the first day: no\n" in unchecked
    root = write_root(authority, tmp_path / "root.pem")
    told = await operator.does("verify", str(operator.file), "--time-stamp-certificate", str(root))
    assert "by CN=Test TSA\n" in told
    stranger = write_root(Authority(), tmp_path / "stranger.pem")
    words = ("verify", str(operator.file), "--time-stamp-certificate", str(stranger))
    answer = await operator.call(*words)
    assert answer.exit_code == 1
    assert "the time stamp can't be used" in answer.stdout
    assert by_openssl(tmp_path) == "Verification: OK\n"
    (tmp_path / "root.pem").write_bytes((tmp_path / "stranger.pem").read_bytes())
    assert by_openssl(tmp_path) == "Verification: FAILED\n"


def by_openssl(directory: Path) -> str:
    """Check the stamp of `draw.jsonl` as the auditors' page tells it, without this program."""
    page = (ROOT / "docs" / "guide" / "auditors" / "README.md").read_text()
    [recipe] = re.findall(r"ask OpenSSL\.\n\n((?:    .*\n)+)", page)
    shell = ("bash", "-c", textwrap.dedent(recipe))
    done = subprocess.run(shell, cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout


async def test_a_draw_without_a_stamp_says_so_when_one_is_asked_for(
    pool: Pool, operator: Operator, tmp_path: Path
) -> None:
    await apply(pool, operator.handler(policy("0.5")), decided(1, MARCH))
    await operator.does("close", "2025-03")
    await operator.does("export", "2025-03", "--out", str(operator.file))
    root = write_root(Authority(), tmp_path / "root.pem")
    words = ("verify", str(operator.file), "--time-stamp-certificate", str(root))
    answer = await operator.call(*words)
    assert "no time stamp" in answer.stdout
    assert answer.exit_code == 1


async def test_a_stamp_by_a_stranger_or_none_at_all_is_not_kept(pool: Pool) -> None:
    await apply(pool, CaseEvents(FRAME, Periods(bytes(32), policy("0.5"))), decided(1))
    holding = holding_of(pool, Loop.TIME_STAMPING)
    with pytest.raises(TimeStampServiceAway, match="commitments and heads wait"):
        await Stamper(pool, "http://127.0.0.1:9/", [], holding).stamp_due()
    assert await holding.look() == set()
    with Authority().serving() as url:
        await Stamper(pool, url, [Authority().root], holding).stamp_due()
    assert await holding.look() == {"2026-05"}
    assert await pool.fetchval("SELECT count(*) FROM period WHERE time_stamp IS NULL") == 1


@asynccontextmanager
async def answering(pieces: Iterable[bytes], pause: float = 0) -> AsyncIterator[str]:
    """A time stamping service that answers every request with these pieces."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


REJECTED = bytes.fromhex("30053003020102")


@pytest.mark.parametrize(
    ("pieces", "pause", "reason"),
    [
        ([bytes(2_000_000)], 0, "more than 65,536 bytes"),
        (repeat(b"0"), 0.1, "not within 1 s"),
        ([REJECTED], 0, "the service answers REJECTION"),
        ([b"<html>Please sign in</html>"], 0, "it is no time stamp"),
    ],
    ids=["too long", "without end", "rejected", "a page"],
)
async def test_a_service_that_gives_anything_but_a_stamp_holds_nothing_and_is_asked_again(
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    pieces: Iterable[bytes],
    pause: float,
    reason: str,
) -> None:
    monkeypatch.setattr(stamping, "PATIENCE", timedelta(seconds=1))
    await apply(pool, CaseEvents(FRAME, Periods(bytes(32), policy("0.5"))), decided(1))
    holding = holding_of(pool, Loop.TIME_STAMPING)
    async with answering(pieces, pause) as url:
        with pytest.raises(TimeStampServiceAway, match=reason):
            await Stamper(pool, url, [], holding).stamp_due()
    assert await holding.look() == set()
    with Authority().serving() as url:
        await Stamper(pool, url, [], holding).stamp_due()
    assert await pool.fetchval("SELECT count(*) FROM period WHERE time_stamp IS NULL") == 0
