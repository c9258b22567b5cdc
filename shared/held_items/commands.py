"""`gleichfall held`."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import click

from shared.configuration.places import SERVICES
from shared.console import screen
from shared.console.options import database_option, json_option, service_option, settling
from shared.errors import PermanentError
from shared.held_items.store import HeldItem, State, Wanted, find, settle
from shared.observe.metrics import Loop
from shared.postgres.pool import operator_connection

_ANY = "any"


class HeldItemUnknown(PermanentError):
    """No service has this held item."""

    def __init__(self, item: UUID) -> None:
        super().__init__(f"there is no held item {item}; 'gleichfall held list' shows what is held")


@click.group()
def held() -> None:
    """See and settle the items that a loop failed on and passes over.

    An item stays held until it is let go or dismissed; the loop goes on with the others.
    docs/operations/held-items.md leads through it.
    """


@held.command("list")
@service_option
@click.option("--loop", type=click.Choice([str(loop) for loop in Loop]), help="Only this loop.")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in State), _ANY]),
    default=State.HELD.value,
    show_default=True,
)
@json_option
@database_option
def list_items(
    *, service: str | None, loop: str | None, state: str, as_json: bool, database_url: str
) -> None:
    """List items, those first that are known longest; held ones unless --state.

    \b
    --json prints one object:
        held_items  id, service, loop, item, reason, attempts, first_failed_at,
                    last_failed_at, state, settled_at, settled_by, settled_because
    """

    async def look() -> list[HeldItem]:
        async with operator_connection(database_url) as connection:
            services = SERVICES if service is None else (service,)
            wanted = None if state == _ANY else State(state)
            return await find(connection, services, loop=loop, state=wanted)

    found = asyncio.run(look())
    if as_json:
        screen.show_json({"held_items": [_about(item) for item in found]})
    else:
        _print(found)


@held.command()
@settling
def retry(*, ids: Sequence[UUID], by: str, reason: str, dry_run: bool, database_url: str) -> None:
    """Let the loop try items again, once their cause is mended.

    It does so in its next round. What fails again is held again; what goes through is done.

    \b
    Example:
        gleichfall held retry ID --by ops-7 --reason "policy document restored"
    """
    _settle(database_url, ids, Wanted(State.RETRYING, by, reason, dry_run))


@held.command()
@settling
def dismiss(*, ids: Sequence[UUID], by: str, reason: str, dry_run: bool, database_url: str) -> None:
    """Give items up: the loop passes them over for ever, and nothing tells of them any more.

    `retry` takes that back.

    \b
    Example:
        gleichfall held dismiss ID --by ops-7 --reason "test data, deleted by the office"
    """
    _settle(database_url, ids, Wanted(State.DISMISSED, by, reason, dry_run))


def _settle(database_url: str, ids: Sequence[UUID], wanted: Wanted) -> None:
    async def work() -> None:
        async with operator_connection(database_url) as connection:
            for one in ids:
                before = await settle(connection, one, wanted)
                if before is None:
                    raise HeldItemUnknown(one)
                click.echo(f"{one} {_outcome(before, wanted)}")

    asyncio.run(work())


def _outcome(before: State, wanted: Wanted) -> str:
    if not wanted.follows(before):
        return f"is {before} already"
    return f"{'would be' if wanted.dry_run else 'is'} {wanted.state} now"


def _about(item: HeldItem) -> dict[str, str | int | None]:
    settled = item.settlement
    return {
        "id": str(item.id),
        "service": item.service,
        "loop": item.loop,
        "item": item.item,
        "reason": item.reason,
        "attempts": item.attempts,
        "first_failed_at": item.first_failed_at.isoformat(),
        "last_failed_at": item.last_failed_at.isoformat(),
        "state": item.state.value,
        "settled_at": settled.at.isoformat() if settled else None,
        "settled_by": settled.by if settled else None,
        "settled_because": settled.because if settled else None,
    }


def _print(found: Sequence[HeldItem]) -> None:
    for one in found:
        click.echo(f"{one.id}  {one.service}  {one.loop}  {one.item}  {one.state}")
        tries = "once" if one.attempts == 1 else f"{one.attempts} times"
        click.echo(f"    failed {tries} since {one.first_failed_at:%F %T} UTC  {one.reason}")
        if one.settlement is not None:
            click.echo(
                f"    {one.settlement.by}, {one.settlement.at:%F %T} UTC: {one.settlement.because}"
            )
    if not found:
        click.echo("nothing is held")
