"""`gleichfall demo`: invented people review what waits."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from deploy.demo import agreeing, appealing, closing, people, replying
from deploy.demo.articles import write_articles
from deploy.demo.errors import NotInProduction
from deploy.demo.fate import Oracle
from deploy.demo.reviewers import PACKAGED, Fate, load_reviewers
from deploy.demo.reviewing import ALL, Crew, Played, play
from deploy.local.folder import STACK
from services.controlling.accounts import store as accounts
from services.controlling.accounts.settings import AccountSettings
from services.controlling.practice.practice import Practice
from services.controlling.reviews import store as reviews
from services.controlling.twins import store as twins
from services.controlling.twins.entering import TwinRounds
from services.intake.simulation.truth import Truth, read_truths
from shared.configuration.places import ORGANISATION
from shared.console import screen
from shared.console.options import json_option, organisation_option
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool
from shared.security.secrets import SecretName, SecretStore

_PATIENCE = timedelta(seconds=15)
_LOOK = timedelta(milliseconds=300)
_COUNTS = ("errors", "found", "imagined", "replies", "measures", "appeals")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same reviews.")
@click.option(
    "--truth",
    "truth_file",
    type=_FILE,
    help="What is really wrong, by `gleichfall simulate --truth`; without it, of the last run.",
)
@click.option(
    "--reviewers",
    "reviewers_file",
    type=_FILE,
    default=PACKAGED,
    help="How people review; what comes with the system if left out.",
)
@click.option("--url", envvar="INTAKE_URL", help="Address of intake; also from INTAKE_URL.")
@organisation_option
@json_option
def demo(
    *,
    seed: int,
    truth_file: Path | None,
    reviewers_file: Path,
    url: str | None,
    organisation_file: Path,
    as_json: bool,
) -> None:
    """Let invented people review what is drawn, so that the workbench is lived in.

    They get accounts, are assigned what waits, declare conflicts, answer, sign, take signatures
    back and settle where two differ, by the rules that hold for real people and as if they had done
    so during the weeks before today. Some of it stays undone: yours to go on with. Who misses which
    errors is assumed in a file (deploy/demo/reviewers.yaml); what is really wrong is read from the
    simulator's truth, so that figures can be held against it. Of decisions whose truth isn't known
    they find nothing but what the case's events tell.

    Then heads of units reply to findings, or don't; leadership says what holds; measures are
    agreed and carried out; some adverse decisions are appealed against, of which intake is told;
    and review periods that are over are closed and their figures released, so that there are
    results.

    \b
    Examples:
        gleichfall demo
        gleichfall demo --seed 7 --truth truth.ndjson

    The same seed gives the same reviews of the same draws, and running it again changes nothing.
    Refused in production. The audit log says when it happened; its clock can't be set back.

    \b
    --json prints one object:
        reviews   what was done now, by what became of it
        errors    true errors at which somebody looked; with two reviews of a decision, twice
        found     of them, those that were found
        imagined  errors found that are none
        replies   findings to which somebody has said something
        measures  measures agreed
        appeals   decisions appealed against
    """
    if AccountSettings().production:
        raise NotInProduction
    work = living(
        seed,
        SecretStore.from_environment(),
        url,
        truth_file=truth_file,
        reviewers_file=reviewers_file,
        organisation_file=organisation_file,
    )
    report(asyncio.run(on_database("controlling", work)), as_json=as_json)


def living(
    seed: int,
    secrets: SecretStore,
    url: str | None,
    *,
    truth_file: Path | None = None,
    reviewers_file: Path = PACKAGED,
    organisation_file: Path = ORGANISATION,
) -> Callable[[Pool], Awaitable[Played]]:
    """Read all that is needed; give what lets people in, and lets them do all that people do.

    Args:
        seed: Chooses what they do.
        secrets: Of the stack.
        url: Where intake is told of appeals; None: there are none.
        truth_file: What is really wrong; without it, of the last run.
        reviewers_file: How people review.
        organisation_file: The authority.
    """
    file = truth_file or (STACK.truth if STACK.truth.exists() else None)
    practice = Practice.of(load_organisation(organisation_file))
    calendar = Calendar.of(practice.law.organisation)
    today = calendar.day_of(datetime.now(UTC))
    oracle = Oracle.of(seed, load_reviewers(reviewers_file), calendar, today)
    password = people.password_in(STACK.demo_password)
    truths = _truths(file)
    token = secrets.text(SecretName.CLIENT_TOKEN)
    key = secrets.key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()

    async def work(pool: Pool) -> Played:
        now = datetime.now(UTC)
        await _until_compared(pool)
        await TwinRounds(pool, key, calendar.zone).draw_now(datetime.now(UTC))  # not on Monday
        await people.let_in(pool, password)
        await write_articles(pool, now)
        crew = await _crew(pool, practice, oracle, truths)
        played = await _review(crew)
        played.replies = await replying.reply(pool, oracle, crew.people)
        played.measures = await agreeing.agree(pool, oracle, crew, now)
        if url is not None:
            appeals = appealing.appeals(played.cases, oracle)
            played.appeals = len({event.subject for event in appeals})
            await appealing.send(appeals, url, token)
        await closing.close(pool, key, calendar.zone, now)
        await closing.release(pool, calendar.zone)
        return played

    return work


async def _crew(
    pool: Pool, practice: Practice, oracle: Oracle, truths: Mapping[str, Truth]
) -> Crew:
    await _until_known_who_may(pool)
    async with pool.acquire() as connection:
        everybody = await accounts.every(connection)
    return Crew(pool, practice, oracle, truths, everybody)


async def _review(crew: Crew) -> Played:
    """Let everybody review, with a bar that shows how far they are."""
    with screen.counting("reviewing", "reviews") as told:
        return await play(crew, told)


async def _until_known_who_may(pool: Pool) -> None:
    """Wait until it was looked who must not review what; of some perhaps nobody may."""
    since = time.monotonic()
    while time.monotonic() - since < _PATIENCE.total_seconds():
        async with pool.acquire() as connection:
            opened = not await connection.fetch(reviews.QUERIES["unopened"], 1, [])
            if opened and all(one.allowed for one in await reviews.waiting(connection, ALL)):
                return
        await asyncio.sleep(_LOOK.total_seconds())


async def _until_compared(pool: Pool) -> None:
    """Wait until twins were looked for, for they are drawn from those found so far."""
    since = time.monotonic()
    while time.monotonic() - since < _PATIENCE.total_seconds():
        async with pool.acquire() as connection:
            waiting = await twins.uncompared(connection, 1)
            if not waiting and not await twins.unsought(connection, 1):
                return
        await asyncio.sleep(_LOOK.total_seconds())


def _truths(file: Path | None) -> Mapping[str, Truth]:
    if file is None:
        return {}
    with file.open("rb") as lines:
        return read_truths(lines)


def report(played: Played, *, as_json: bool) -> None:
    """Tell what was done, and how much of what is wrong was found."""
    done = {fate.value: played.fates[fate] for fate in Fate if played.fates[fate]}
    if as_json:
        counts = {name: getattr(played, name) for name in _COUNTS}
        screen.show_json({"reviews": done, **counts})
        return
    if done:
        became = ", ".join(f"{name}: {n:,}" for name, n in done.items())
        click.echo(f"invented people had {sum(done.values()):,} reviews: {became}")
    else:
        click.echo("invented people had no new review")
    if played.errors:
        click.echo(
            f"of {played.errors:,} true errors in what was reviewed {played.found:,} were found; "
            f"another {played.imagined:,} that were found are none"
        )
    if played.replies or played.measures or played.appeals:
        click.echo(
            f"findings answered or settled: {played.replies:,}, measures: {played.measures:,}, "
            f"appeals: {played.appeals:,}"
        )
