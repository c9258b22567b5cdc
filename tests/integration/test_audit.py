"""The audit log on the real database: many writers, and everybody who would tamper with it."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.audit import store
from services.controlling.audit.chain import Head
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import Filter, Verified, changing
from tests.figures import read_by
from tests.integration.controlling_helpers import Operator, reads_of
from tests.integration.review_helpers import Desk
from tests.runbooks import Follow

pytestmark = pytest.mark.stack


async def note(desk: Desk, number: int) -> None:
    async with changing(desk.workbench) as change:
        change.note(
            Entry(UUID(int=number), "leadership", Act.ANSWERED, f"review:{number}", {"n": number})
        )


async def write_and_fail(desk: Desk) -> None:
    async with changing(desk.workbench) as change:
        change.note(Entry(None, None, Act.REFUSED, "x"))
        await change.finish()
        await change.connection.execute("SELECT 1 / 0")


async def verified(desk: Desk, kept: Head | None = None) -> Verified:
    async with desk.workbench.acquire() as connection:
        return await store.verify(connection, kept)


async def test_fifty_writers_at_once_make_one_chain(desk: Desk) -> None:
    await asyncio.gather(*(note(desk, number) for number in range(1, 51)))
    found = await verified(desk)
    assert (found.head.number, found.breaks) == (50, ())
    objects = await desk.owner.fetch("SELECT DISTINCT object FROM controlling.audit")
    assert len(objects) == 50


async def test_until_where_the_chain_was_followed_is_known_once_it_holds(desk: Desk) -> None:
    async with desk.workbench.acquire() as connection:
        assert await store.last_verified(connection) is None
        await note(desk, 1)
        await note(desk, 2)
        assert (await store.verify_and_note(desk.controlling)).head.number == 2
        assert (await store.verify_and_note(desk.controlling)).head.number == 3
        mark = await store.last_verified(connection)
        assert mark is not None
        assert mark.number == 3
        await desk.owner.execute("UPDATE controlling.audit SET object = 'x' WHERE number = 1")
        assert (await store.verify_and_note(desk.controlling)).breaks
        assert await store.last_verified(connection) == mark, "a broken chain wasn't verified"


async def test_what_is_undone_leaves_no_gap(desk: Desk) -> None:
    await note(desk, 1)
    with pytest.raises(asyncpg.DataError):
        await write_and_fail(desk)
    await note(desk, 2)
    found = await verified(desk)
    assert (found.head.number, found.breaks) == (2, ())
    assert await desk.acts() == ["answered", "answered"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE controlling.audit SET object = 'review:9' WHERE number = 3",
        """UPDATE controlling.audit SET detail = '{"n": 4}' WHERE number = 3""",
        "UPDATE controlling.audit SET at = at + interval '1 microsecond' WHERE number = 3",
        "DELETE FROM controlling.audit WHERE number = 3",
        "DELETE FROM controlling.audit WHERE number = 1",
        """UPDATE controlling.audit AS one SET object = other.object, account = other.account,
               detail = other.detail FROM controlling.audit AS other
           WHERE (one.number, other.number) IN ((2, 3), (3, 2))""",
        """INSERT INTO controlling.audit
           SELECT 6, at, account, role, act, object, detail, hash, sha256(hash)
           FROM controlling.audit WHERE number = 5""",
    ],
)
async def test_tampering_is_found(desk: Desk, tampering: str) -> None:
    for number in range(1, 6):
        await note(desk, number)
    assert (await verified(desk)).breaks == ()
    await desk.owner.execute(tampering)
    assert (await verified(desk)).breaks != ()


async def test_the_command_is_red_until_what_was_tampered_with_is_restored(
    desk: Desk, stack: Addresses, secrets: Path, tmp_path: Path, follow: Follow
) -> None:
    operator = Operator(stack, secrets, tmp_path, group="audit")
    for number in range(1, 4):
        await note(desk, number)
    holds = "each entry follows on the one before"
    figures = read_by(controlling=reads_of(desk.controlling))
    runbook = await follow("AuditChainBroken", operator.console, figures, holds)
    change = "UPDATE controlling.audit SET object = $1 WHERE number = 2"
    await desk.owner.execute(change, "review:9")
    await runbook.look("entry 2")
    await desk.owner.execute(change, "review:2")
    await runbook.prove()


async def test_what_is_taken_from_the_end_is_found_by_who_noted_a_head(desk: Desk) -> None:
    for number in range(1, 6):
        await note(desk, number)
    head = (await verified(desk)).head
    await note(desk, 6)
    assert (await verified(desk, head)).breaks == ()
    await desk.owner.execute("DELETE FROM controlling.audit WHERE number > 4")
    assert (await verified(desk)).breaks == ()
    [told] = (await verified(desk, head)).breaks
    assert "entry 5" in told


@pytest.mark.parametrize("statement", ["UPDATE audit SET role = 'x'", "DELETE FROM audit",
                                       "TRUNCATE audit"])  # fmt: skip
async def test_neither_process_can_change_what_is_written(desk: Desk, statement: str) -> None:
    await note(desk, 1)
    for pool in (desk.workbench, desk.controlling):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
    assert (await verified(desk)).breaks == ()


async def test_the_log_is_read_page_by_page_and_filtered(desk: Desk) -> None:
    for number in range(1, 6):
        await note(desk, number)
    async with desk.workbench.acquire() as connection:
        usual = replace(store.LOG.usual, size=2)
        first = await store.page(connection, Filter(), usual)
        assert first.further is not None
        second = await store.page(connection, Filter(), usual.behind(first.further))
        oldest = await store.page(connection, Filter(), store.LOG.order("number"))
        case = await store.page(connection, Filter(text="review:4", objects=["review:4"]), usual)
        none = await store.page(connection, Filter(acts=[Act.SIGNED]), usual)
    assert [one.number for one in (*first.lines, *second.lines)] == [5, 4, 3, 2]
    assert [one.number for one in oldest.lines] == [1, 2, 3, 4, 5]
    assert ([one.number for one in case.lines], none.lines) == ([4], [])
