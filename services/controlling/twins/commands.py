"""`gleichfall draw twins`: which pairs of like cases were drawn, from which, and if rightly."""

import asyncio
from collections.abc import Sequence

import click

from services.controlling.periods.witness import mixed
from services.controlling.twins import store
from services.controlling.twins.errors import RoundDiffers, RoundUnknown
from services.controlling.twins.pairs import Candidate, Drawn, replayed
from services.controlling.twins.store import Held, Recorded
from shared.console import screen
from shared.console.numbers import COUNT, percent
from shared.console.options import json_option
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool


@click.command()
@click.argument("number", metavar="[ROUND]", type=COUNT, required=False)
@json_option
def twins(number: int | None, *, as_json: bool) -> None:
    """Show the rounds in which twins were drawn; with ROUND all its pairs, drawn once more.

    A round draws from the pairs found since the last one. Tickets of pairs are made from the seed
    of a decision's period, with what was witnessed, so they are recomputed once that is closed.
    Leaves with 1 when a ticket, a chance or a choice isn't what the seed, the distances and the
    round's budget give. That no pair was left out, and that distances are right, is not proved by
    it.

    \b
    --json prints a list of rounds, or of ROUND its pairs:
        decision_id, twin    the pair; the first is the one whose twin was sought
        distance             0 alike in everything, 1 in nothing
        ticket, chance       with which it took part; chance 0: others are more alike
        drawn                whether it was drawn

    \b
    Examples:
        gleichfall draw twins
        gleichfall draw twins 12 --json
    """

    async def work(pool: Pool) -> tuple[list[Held], list[Recorded]]:
        async with pool.acquire() as connection:
            rounds = await store.rounds(connection)
            return rounds, await store.round_of(connection, number) if number else []

    rounds, pairs = asyncio.run(on_database("controlling", work))
    if number is None:
        _show_rounds(rounds, as_json=as_json)
        return
    held = next((one for one in rounds if one.number == number), None)
    if held is None:
        raise RoundUnknown(number, len(rounds))
    _show_pairs(pairs, as_json=as_json)
    found = differences(held, pairs)
    for one in found:
        click.echo(one, err=True)
    if found:
        raise RoundDiffers(number, len(found))


def differences(held: Held, pairs: Sequence[Recorded]) -> list[str]:
    """Draw a round once more; tells what isn't as recorded."""
    seeds = {
        one.decision_id: mixed(
            bytes.fromhex(ReviewPeriodClosed.model_validate_json(one.closing).seed), one.witness
        )
        for one in pairs
        if one.closing is not None
    }
    recorded = [
        Drawn(Candidate(*one[:4]), one.chance, one.drawn)  # as they stand in both
        for one in pairs
    ]
    return replayed(recorded, seeds, held.budget, held.among)


def _show_rounds(rounds: Sequence[Held], *, as_json: bool) -> None:
    if as_json:
        screen.show_json([
            one._asdict() | {"week": f"{one.week}", "drawn_at": one.drawn_at.isoformat()}
            for one in rounds
        ])  # fmt: skip
        return
    table = screen.table(
        "round", "week", "policy", numbers=("budget", "of the most alike", "drawn"), lined=True
    )
    for one in rounds:
        amounts = (one.budget, one.among, one.drawn)
        screen.add(table, f"{one.number}", f"{one.week:%G-W%V}", one.policy_version, *amounts)
    screen.show(table)
    if not rounds:
        click.echo("no pair was drawn yet; each Monday draws from what was found until then")


def _show_pairs(pairs: Sequence[Recorded], *, as_json: bool) -> None:
    if as_json:
        screen.show_json([
            {
                "decision_id": one.decision_id,
                "twin": one.twin,
                "distance": f"{one.distance}",
                "ticket": one.ticket,
                "chance": f"{one.chance}",
                "drawn": one.drawn,
            }
            for one in pairs
        ])  # fmt: skip
        return
    table = screen.table("decision", "twin", "drawn", numbers=("distance", "chance"), lined=True)
    for one in pairs:
        drawn = "yes" if one.drawn else "no"
        screen.add(
            table,
            one.decision_id,
            one.twin,
            drawn,
            f"{one.distance:.3f}",
            percent(float(one.chance)),
        )
    screen.show(table)
    secret = sum(one.closing is None for one in pairs)
    if secret:
        click.echo(f"{secret:,} tickets can be recomputed once their periods are closed")
