"""`gleichfall draw`: the end of a review period, and the proof that its draw was fair."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.x509 import Certificate

from services.controlling.chain.commands import HEAD
from services.controlling.chain.head import DailyHead
from services.controlling.periods.closing import Closer
from services.controlling.periods.deadlines import Promise, awaits_witness
from services.controlling.policy.stratum_names import StratumNames
from services.controlling.proof import store
from services.controlling.proof.errors import DrawDiffers
from services.controlling.proof.export import export, stamp_of, untrusted, verify_file
from services.controlling.proof.store import Description, PeriodSummary
from services.controlling.proof.verification import Report
from shared.clock.clock import Clock
from shared.console import screen
from shared.console.lazy_group import LazyGroup, Subcommand
from shared.console.options import FILE, OUT, json_option, language_option, organisation_option
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool
from shared.postgres.release import Release
from shared.security.key_ring import KeyRing, read_keys
from shared.security.secrets import SecretName, SecretStore
from shared.security.time_stamps import TimeStampInvalid, certificates
from shared.web.pages.spoken import Spoken, spoken

_SERVICE = "controlling"
WORDS = Path(__file__).parent / "told"


class _PublicKey(click.ParamType[str]):
    """A key as verifiers print it."""

    name = "key"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it in small letters."""
        if not re.fullmatch("[0-9a-f]{64}", value.lower()):
            self.fail(f"{value} is no key: 64 hexadecimal characters", param, ctx)
        return value.lower()


PUBLIC_KEY = _PublicKey()


_PROMISED = {
    Promise.PROVED: "told.promised.yes",
    Promise.TOLD: "told.promised.yes",
    Promise.LATE: "told.promised.late",
    Promise.SIMULATED: "told.promised.simulated",
}

# What isn't about a period's record stands in rooms beside this one: named, not imported.
_BESIDE = {
    "chain": Subcommand(
        "services.controlling.chain.commands:chain", "Follow the chain of a period's register."
    ),
    "note-gap": Subcommand(
        "services.controlling.chain.commands:note_gap",
        "Note that decisions are gone before the register's chain held them.",
    ),
    "twins": Subcommand(
        "services.controlling.twins.commands:twins", "Show which like cases were drawn, from which."
    ),
    "witness": Subcommand(
        "services.controlling.periods.commands:witness",
        "Let chance that others watched enter a draw to come.",
    ),
}


@click.group(name="draw", cls=LazyGroup, table=_BESIDE)
def draw() -> None:
    """Let a review period be witnessed, close it, export its draw, and verify it.

    What an export proves, and how to check it without this program, is told to auditors in
    docs/guide/auditors/README.md.
    """


@draw.command()
@click.argument("period", metavar="PERIOD")
@organisation_option
@language_option
def close(period: str, organisation_file: Path, language: str) -> None:
    """Close PERIOD (like 2026-05) now instead of when its days of grace are over.

    Tops each stratum up to its minimum, reveals the seed and publishes the counts. The period must
    be over, and no upgrade under way. What arrives afterwards is drawn as late, in the period that
    is open then; a period that is closed before its days of grace are over says so for ever.

    Example: gleichfall draw close 2026-05
    """
    secrets = SecretStore.from_environment()
    key = KeyRing(secrets, SecretName.SEED_ENCRYPTION_KEY)
    zone = load_organisation(organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> tuple[ReviewPeriodClosed, Description]:
        await Clock(pool).require()
        await Release(pool, _SERVICE).require()
        now = datetime.now(UTC)
        closed = await Closer(pool, key, zone).close(period, now)
        async with pool.acquire() as connection:
            return closed, await store.describe(connection, period, now, zone)

    with screen.waiting(f"closing {period}"):
        closed, after = asyncio.run(on_database(_SERVICE, work))
    say = spoken(language, WORDS)
    click.echo(
        say(
            "told.closed" if closed.strata else "told.closed.empty",
            period=closed.period,
            decisions=say.number(sum(count.size for count in closed.strata)),
            strata=len(closed.strata),
            drawn=say.number(sum(count.drawn for count in closed.strata)),
        )
    )
    if after.closed_early:
        click.echo(say("told.early"))


@draw.command(name="export")
@click.argument("period", metavar="PERIOD", required=False)
@click.option("--last-closed", is_flag=True, help="The last period that is closed.")
@click.option("--out", type=OUT, required=True, help="The file to write (JSON Lines).")
@organisation_option
def export_command(
    period: str | None, out: Path, organisation_file: Path, *, last_closed: bool
) -> None:
    """Write the whole draw of a closed PERIOD into one signed file.

    It holds frame, seed, commitment, policy, tickets and draws, and nobody's name or pseudonym
    but the decisions' own.

    Example: gleichfall draw export --last-closed --out draw.jsonl
    """
    if (period is None) != last_closed:
        raise click.UsageError("name a PERIOD or say --last-closed")
    secrets = SecretStore.from_environment()
    key = read_keys(secrets, SecretName.DRAW_SIGNING_KEY).current
    zone = load_organisation(organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> str:
        with _progress("exporting") as told:
            return await export(pool, period, out, key, zone, told=told)

    click.echo(f"wrote the draw of {asyncio.run(on_database(_SERVICE, work))} to {out}")


@draw.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option(
    "--time-stamp-certificate",
    "certificate",
    type=FILE,
    help="The time stamping service's certificate (PEM); checks who stamped commitment and heads.",
)
@click.option(
    "--public-key",
    "key",
    type=PUBLIC_KEY,
    help="The key that must have signed it, as the authority named it (64 hexadecimal characters).",
)
@click.option(
    "--head",
    "kept",
    type=HEAD,
    multiple=True,
    help="A head of the register that you kept when it was published, as 2026-05-03:1204:9f86…; "
    "may be repeated.",
)
def verify(
    file: Path, certificate: Path | None, key: str | None, kept: Sequence[DailyHead]
) -> None:
    """Replay the draw in FILE, offline, and say what differs.

    Exits with 1 when anything does. Says whether the commitment was opened and time stamped before
    the first day; if it wasn't, the draw proves less. Who has the signing key can write another
    register than there was: name a --head that you kept, and it is found. Compare the commitment
    and the counts with what was published, too: see docs/guide/auditors/README.md.

    \b
    Examples:
        gleichfall draw verify draw.jsonl
        gleichfall draw verify draw.jsonl --head 2026-05-03:1204:9f86d081884c7d65…
    """
    roots = certificates(certificate)
    with _progress("verifying") as told:
        report = verify_file(file, told, key, kept)
    click.echo(
        f"period {report.period}: {report.decisions} decisions, {report.drawn} drawn, "
        f"{report.late} late"
    )
    click.echo(f"signed with {report.public_key}")
    if report.audit is not None:
        click.echo(f"audit log at {report.audit}")
    for line in report.times:
        click.echo(line)
    distrusted = untrusted(report, roots) if roots else ()
    conclude([*map(str, report.differences), *_stamped(report, roots), *distrusted])


def conclude(differences: Sequence[str]) -> None:
    """Say what differs, each in a line, or that nothing does.

    Raises:
        DrawDiffers: the draw isn't what seed and policy give.
    """
    for difference in differences:
        click.echo(difference)
    if differences:
        raise DrawDiffers(len(differences))
    click.echo("the draw is what seed and policy give")


@draw.command(name="list")
@organisation_option
@language_option
@json_option
def list_command(organisation_file: Path, *, language: str, as_json: bool) -> None:
    """List all review periods: open or closed, how many decisions, how many drawn.

    `promised` tells whether seed and policy were fixed before the first day: `in time` or `late`,
    for ever. A late one's draw proves less. A period that was closed before its days of grace were
    over is named as such: what came in these days counts as late. Below the table stands which
    periods to come can still be witnessed, and until when.

    --json prints one object per period, each in a line; there `promise` is `proved` (a time stamp
    says so), `told` (the authority alone does), `late`, or `simulated` by an invented authority.

    Example: gleichfall draw list
    """
    zone = load_organisation(organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> list[PeriodSummary]:
        async with pool.acquire() as connection:
            return await store.summaries(connection, zone)

    periods = asyncio.run(on_database(_SERVICE, work))
    if as_json:
        for one in periods:
            screen.show_json(one)
        return
    say = spoken(language, WORDS)
    if not periods:
        click.echo(say("told.none"))
        return
    numbers = ("told.decisions", "told.drawn", "told.late")
    table = screen.table(say("told.heading"), say("told.state"), numbers=[*map(say, numbers)])
    for heading in ("told.policy", "told.promised", "told.stamp", "told.witnessed"):
        table.add_column(say(heading))
    for one in periods:
        amounts = map(say.number, (one.decisions, one.drawn, one.late))
        facts = (one.stamped, one.witnessed_at is not None)
        told = [say("told.yes" if fact else "told.no") for fact in facts]
        words = (one.policy_version, say(_PROMISED[one.promise]), *told)
        screen.add(table, one.key, _state(say, one, empty=not one.decisions), *amounts, *words)
    screen.show(table, say("told.meaning"))
    for one in periods:
        if until := awaits_witness(one.first_day, one.witnessed_at, datetime.now(UTC)):
            click.echo(_awaited(say, one.key, until))


@draw.command()
@click.argument("period", metavar="PERIOD")
@organisation_option
@language_option
@json_option
def show(period: str, organisation_file: Path, language: str, *, as_json: bool) -> None:
    """Show PERIOD: what was promised when, its seed once that is public, each stratum's counts.

    Example: gleichfall draw show 2026-05
    """
    organisation = load_organisation(organisation_file)

    async def work(pool: Pool) -> Description:
        zone = organisation.jurisdiction.time_zone
        async with pool.acquire() as connection:
            return await store.describe(connection, period, datetime.now(UTC), zone)

    one = asyncio.run(on_database(_SERVICE, work))
    if as_json:
        screen.show_json(one)
        return
    say = spoken(language, WORDS)
    days = {"first": one.first_day, "last": one.last_day}
    click.echo(say("told.period", period=one.period, policy=one.policy, **days))
    click.echo(say("told.stands", state=_state(say, one, empty=not one.strata)))
    click.echo(say("told.commitment", commitment=one.commitment))
    click.echo(_promised(say, one))
    click.echo(say("told.seed", seed=one.seed) if one.seed else say("told.secret"))
    click.echo(_witnessed(say, one))
    if one.simulated:
        click.echo(say("told.simulated"))
    if not one.strata:
        click.echo(say("told.strata.empty"))
        return
    names = StratumNames.told(DecisionTypes.load(), organisation, language)
    numbers = ("told.decisions", "told.drawn")
    table = screen.table(say("told.stratum"), numbers=[*map(say, numbers)])
    for count in one.strata:
        amounts = map(say.number, (count.size, count.drawn))
        screen.add(table, names.stratum(count.stratum), *amounts)
    screen.show(table, say("told.strata.meaning"))


def _state(say: Spoken, one: PeriodSummary | Description, *, empty: bool) -> str:
    if one.closed_at is None:
        return say("told.state.open")
    closed = "told.state.empty" if empty else "told.state.closed"
    state = say(closed, day=f"{one.closed_at:%Y-%m-%d}")
    return f"{state}, {say('told.state.early')}" if one.closed_early else state


def _promised(say: Spoken, one: Description) -> str:
    opened, stamped = f"{one.opened_at:%Y-%m-%d %H:%M} UTC", say("told.no")
    if one.stamped_at is not None:
        stamped = f"{one.stamped_at:%Y-%m-%d %H:%M} UTC"
    return say("told.promise", at=opened, promise=say(_PROMISED[one.promise]), stamp=stamped)


def _witnessed(say: Spoken, one: Description) -> str:
    if one.witness is not None:
        return say("told.witness", roles=", ".join(one.witness.roles), value=one.witness.value)
    if one.awaits_witness is not None:
        return _awaited(say, one.period, one.awaits_witness)
    return say("told.witness.none")


def _awaited(say: Spoken, period: str, until: datetime) -> str:
    return say("told.witness.awaited", period=period, until=f"{until:%Y-%m-%d %H:%M} UTC")


def _stamped(report: Report, roots: Sequence[Certificate]) -> list[str]:
    """Tell of the time stamp; gives what is wrong with it."""
    try:
        stamp = stamp_of(report, roots)
    except TimeStampInvalid as error:
        if roots:
            return [str(error)]
        click.echo("time stamp unchecked: name --time-stamp-certificate")
        return []
    if stamp is not None:
        trusted = "" if stamp.trusted else ", unchecked: name --time-stamp-certificate"
        click.echo(f"time stamp {stamp.at:%Y-%m-%d %H:%M:%S} UTC by {stamp.authority}{trusted}")
    elif roots:
        return ["there is no time stamp on the commitment to check"]
    return []


@contextmanager
def _progress(said: str) -> Iterator[Callable[[int], None]]:
    """Show how many decisions are done, while it lasts."""
    with screen.waiting(said) as tell:
        yield lambda done: tell(f"{said} {done:,} decisions")
