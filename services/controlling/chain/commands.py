"""`gleichfall draw chain`, `note-gap`: whether a register is what its chain says; what it lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import click

from services.controlling.audit.entry import OPERATOR, Act, Detail, Entry
from services.controlling.audit.store import changing
from services.controlling.chain import entering, store
from services.controlling.chain.errors import HeadUnreadable, RegisterChanged, RegisterUnchained
from services.controlling.chain.faults import Fault, Following
from services.controlling.chain.gap import Gap, Note
from services.controlling.chain.head import DailyHead, Head
from shared.clock.clock import Clock
from shared.console import screen
from shared.console.options import answerable, json_option
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Connection, Pool


class _Head(click.ParamType[DailyHead]):
    """A head as it was published."""

    name = "head"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> DailyHead:
        """Take it as it stands on the page of the draw."""
        try:
            return DailyHead.parse(value)
        except HeadUnreadable as error:
            self.fail(str(error), param, ctx)


HEAD = _Head()


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of following a chain; without faults nothing was changed before its head."""

    head: Head
    waiting: int
    gaps: Sequence[Gap]
    faults: Sequence[Fault]


@click.command()
@click.argument("period", metavar="PERIOD")
@click.option(
    "--head",
    "kept",
    type=HEAD,
    multiple=True,
    help="A head that you kept when it was published, as 2026-05-03:1204:9f86…; may be repeated.",
)
@json_option
def chain(period: str, kept: Sequence[DailyHead], *, as_json: bool) -> None:
    """Follow the chain of PERIOD's register and say where it breaks.

    Each decision that is registered is chained to the ones before it: its id, type, stratum,
    ticket, when it was decided and when registered. Here all that is computed once more from the
    register as it is today, and held against the heads that were published each day. Leaves with 0
    when all fits, else with 1 and a line for each decision that was changed, dropped or put in.

    Who has the whole database can write a chain anew from any entry on. Name --head to find that:
    a head that you kept can't be among the others then.

    \b
    --json prints one object:
        period, entries, head   how far the chain goes, and the hash after its last entry
        waiting                 decisions that are registered and come into the chain in seconds
        gaps                    entry, decision, noted: was registered and gone before the chain
                                held it, as `note-gap` noted
        faults                  kind (changed, dropped, doubled, inserted, broken, head), entry,
                                decision, said

    \b
    Examples:
        gleichfall draw chain 2026-05
        gleichfall draw chain 2026-05 --head 2026-05-03:1204:9f86d081884c7d65…
    """

    async def work(pool: Pool) -> Followed:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _follow(connection, period, kept)

    found = asyncio.run(on_database("controlling", work))
    _tell(period, found, as_json=as_json)
    if found.faults:
        raise RegisterChanged(period, len(found.faults))


async def _follow(connection: Connection, period: str, kept: Sequence[DailyHead]) -> Followed:
    standing = await store.standing(connection, period)
    if standing.closed and standing.closed_entries is None:
        raise RegisterUnchained(period)
    gaps = await store.gaps(connection, period)
    following = Following(period, [*await store.heads(connection, period), *kept], gaps)
    faults: list[Fault] = []
    entries = (await store.end_of_chain(connection, period)).entries
    with screen.counting("following", "entries") as told:
        async for block in store.blocks(connection, period):
            registered = await store.registered(connection, period, block.decisions)
            faults += following.take(block, registered)
            told(following.head.entries, entries)
    outside = await store.outside(connection, period)
    faults += following.end(outside, standing.closed_entries)
    return Followed(following.head, await store.waiting(connection, period), gaps, faults)


@click.command()
@click.argument("period", metavar="PERIOD")
@answerable
def note_gap(*, period: str, by: str, reason: str, dry_run: bool) -> None:
    """Note that decisions are gone which were registered in PERIOD and not chained yet.

    Such a period is held: its chain doesn't go on, and it can't be closed. First find out why, with
    the database kept as it is. Then this chains the rest, and of what is gone the id, once and for
    good: register, export and all verifiers name it, and say that the draw proves less. What turns
    up again afterwards, as when its event is sent again, is registered and drawn as any other.

    Who noted it and why stands in the audit log. Refused where nothing is gone.

    \b
    Example:
        gleichfall draw note-gap 2026-05 --by ops-7 --reason "disk restored, ticket 4711"
    """

    async def work(pool: Pool) -> list[Gap]:
        await Clock(pool).require()
        note = Note(by, reason, datetime.now(UTC))
        async with changing(pool) as change:
            found = await entering.note_gap(change.connection, period, note, dry_run=dry_run)
            if not dry_run:
                detail: Detail = {"by": by, "reason": reason, "decisions": len(found)}
                told = Entry(None, OPERATOR, Act.GAP_NOTED, f"register:{period}", detail)
                change.note(told)
            return found

    for one in asyncio.run(on_database("controlling", work)):
        click.echo(f"would be noted: {one.decision}" if dry_run else str(one))


def _tell(period: str, found: Followed, *, as_json: bool) -> None:
    head = found.head
    if as_json:
        screen.show_json({
            "period": period,
            "entries": head.entries,
            "head": head.hash.hex(),
            "waiting": found.waiting,
            "gaps": [asdict(one) for one in found.gaps],
            "faults": [
                {"kind": one.kind, "entry": one.entry, "decision": one.decision, "said": one.said}
                for one in found.faults
            ],
        })  # fmt: skip
        return
    for gap in found.gaps:
        click.echo(str(gap))
    for one in found.faults:
        click.echo(one.said)
    click.echo(f"{head.entries} entries, head {head.hash.hex()}")
    if found.waiting:
        click.echo(f"{found.waiting} more are registered and come into the chain in seconds")
    if not found.faults:
        click.echo("the register is what its chain says")
