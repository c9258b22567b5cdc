"""`gleichfall draw witness`: chance that nobody controls enters a draw to come."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from services.controlling.periods.entering import enter_witness
from services.controlling.periods.witness import Witness, value_of, watching
from shared.clock.clock import Clock
from shared.console import screen
from shared.events.vocabulary import WitnessRole
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool
from shared.postgres.release import Release


@click.command()
@click.argument("period", metavar="PERIOD")
@click.option("--value", required=True, help="What chance gave; blanks make no difference.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([one.value for one in WitnessRole]),
    multiple=True,
    required=True,
    help="Who watched, as a role, not a name; two or more, each with --role.",
)
@click.option(
    "--unstamped",
    is_flag=True,
    help="The commitment has no time stamp: no service is configured.",
)
def witness(period: str, value: str, roles: Sequence[str], *, unstamped: bool) -> None:
    """Let a value that chance gave, while others watched, enter the draw of PERIOD.

    The seed of a period is made by this authority's machine alone, and promised weeks before. A
    second source of chance, after the promise and before the first day, leaves nobody who could
    have chosen the draw: who holds the key didn't know the value, who throws dice doesn't know the
    seed.

    \b
    How it is done, in five minutes:
      1. Meet in the weeks before the first day: staff council, internal audit, or others who
         don't run this system; two roles or more. Anybody may watch.
      2. Read the commitment of PERIOD aloud from the public page /draws, and note it.
      3. Throw a common die 20 times or more, in turns, and note what it shows: 3 5 1 2 …
         Or take a value whose source was written down before it was known: three draws of a
         lottery, or a public beacon.
      4. Type it in with this command and compare what it prints with the note. The first
         throws count: who throws again may choose.
      5. Sign the note, keep a copy each. Who checks the draw later compares it with the file.

    The value is public at once, and stays: a period is witnessed once. Not any more when its first
    day has begun anywhere on earth (14 hours before midnight in Greenwich). A period that wasn't
    witnessed draws all the same; its page, file and figures say so, for ever. Refused while an
    upgrade isn't finished: older processes would draw without the value.
    docs/guide/witness.md tells the same on one page, in German and English.

    \b
    Example:
        gleichfall draw witness 2026-05 --value "35126 41623 51523 64423" \\
            --role staff_council --role auditor
    """
    watched = watching([WitnessRole(one) for one in roles])
    entered = Witness(value_of(value), watched, datetime.now(UTC))

    async def work(pool: Pool) -> None:
        await Clock(pool).require()
        await Release(pool, "controlling").require()
        await enter_witness(pool, period, entered, unstamped=unstamped)

    with screen.waiting(f"witnessing {period}"):
        asyncio.run(on_database("controlling", work))
    click.echo(f"{period} is witnessed by {', '.join(watched)}: {entered.value}")
