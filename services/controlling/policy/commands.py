"""`gleichfall policy`: leadership's document, tried before it holds."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from services.controlling.planning.switching import Result, State
from services.controlling.policy import entering, store
from services.controlling.policy.announcing import schedule
from services.controlling.policy.announcing import withdraw as withdraw_policy
from services.controlling.policy.entering import Found, Level
from services.controlling.policy.errors import PolicyUnknown
from services.controlling.policy.explaining import twins_in_words
from services.controlling.policy.file import Names, PolicyInvalid, load_policy
from services.controlling.policy.meaning import differences
from services.controlling.policy.policy import Policy
from services.controlling.policy.schema import schema
from services.controlling.policy.stratum_names import FOLDER, StratumNames
from services.controlling.policy.timeline import Timeline
from shared.configuration import places
from shared.console import screen
from shared.console.lazy_group import LazyGroup, Subcommand
from shared.console.numbers import COUNT
from shared.console.options import DAY, FILE, json_option, language_option, organisation_option
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool
from shared.web.pages.spoken import UNKNOWN, Spoken, spoken

_SERVICE = "controlling"
_first_option = click.option(
    "--first",
    "first_file",
    type=FILE,
    envvar=places.POLICY_VARIABLE,
    default=places.POLICY,
    help="The policy that holds from the beginning; also taken from GLEICHFALL_POLICY.",
)


# A forecast is made of policies, and only it needs the libraries for numbers: named, not imported.
_LOAD = Subcommand(
    "services.controlling.forecast.commands:load", "Show what a policy would have asked for a week."
)
_PREVIEW = Subcommand(
    "services.controlling.forecast.commands:preview", "Show what a policy would have drawn."
)


@click.group(name="policy", cls=LazyGroup, table={"preview": _PREVIEW})
def policy() -> None:
    """Check, try and schedule the sampling policy: how much of what is reviewed.

    A policy is a file. `check` and `preview` change nothing; `schedule` lets it take effect on a
    day to come. All of it is explained to leadership in docs/guide/policy.md.
    """


@policy.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--from", "first", type=DAY, help="Count all it asks for: from this day of the …")
@click.option("--to", "last", type=DAY, help="… register to this one.")
@organisation_option
@language_option
@click.pass_context
def check(
    context: click.Context,
    *,
    file: Path,
    first: datetime | None,
    last: datetime | None,
    organisation_file: Path,
    language: str,
) -> None:
    """Check FILE and list everything that is wrong in it, by line and field; say what twins are.

    Refused is also what can match nothing: a group, type, unit or feature that isn't there, a
    window that is over before the policy holds, a rule that another one above it covers. Leaves
    with 0 when the file can be used, with 1 when it can't.

    How much it asks of reviewers depends on what is decided: with two days all of it is counted
    from the register, per week, beside the hours that the organisation file says there are
    (`staff.review_hours`), and what to change where it doesn't fit. `preview` tells more.

    \b
    Examples:
        gleichfall policy check deploy/policy/karlsruhe.yaml
        gleichfall policy check next.yaml --from 2026-01-01 --to 2026-03-31
    """
    if (first is None) != (last is None):
        raise click.UsageError("name both days, --from and --to, or neither")
    organisation = load_organisation(organisation_file)
    found = read(file, organisation)
    since = f"from {found.valid_from}" if found.valid_from else "as the first policy"
    click.echo(
        f"{file}: version {found.version}, {since}, per {found.period.value}, "
        f"rates: {len(found.rates)}, priorities: {len(found.priority)}"
    )
    for said in twins_in_words(found):
        click.echo(said)
    if first is not None:
        days = {"first": first, "last": last}
        named = {"organisation_file": organisation_file, "language": language}
        context.invoke(_LOAD.load(), file=file, **days, **named)
    elif (hours := organisation.staff.review_hours) is not None:
        click.echo(
            f"reviews: there are {hours} hours a week; name --from and --to, and it is counted how "
            "many this policy would have taken"
        )


@policy.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of a policy file, for editors that complete and check as you type.

    Example: gleichfall policy schema > policy.schema.json
    """
    click.echo(schema())


@policy.command(name="schedule")
@click.argument("file", metavar="FILE", type=FILE)
@organisation_option
@_first_option
def schedule_command(file: Path, organisation_file: Path, first_file: Path) -> None:
    """Let FILE take effect on its `valid_from`, the first day of a period that hasn't begun.

    What was drawn never changes: each period keeps the policy with which it opened. It is
    published as an event; running services need no restart. Of two for the same day the one
    scheduled last holds; `withdraw` takes one back before its day.

    Example: gleichfall policy schedule next.yaml
    """
    organisation = load_organisation(organisation_file)
    new, first = read(file, organisation), load_policy(first_file)

    async def work(pool: Pool) -> Timeline:
        zone = organisation.jurisdiction.time_zone
        return await schedule(pool, new, first=first, zone=zone, now=datetime.now(UTC))

    before = _timeline(first_file)
    asyncio.run(on_database(_SERVICE, work))
    assert new.valid_from is not None
    period = Timeline(new).period_of(new.valid_from)
    done = " is scheduled already:" if before.holds(new) else ""
    click.echo(
        f"policy {new.version}{done} takes effect on {new.valid_from}, with period {period.key}"
    )


@policy.command()
@click.argument("version", metavar="VERSION")
@organisation_option
@_first_option
def withdraw(version: str, organisation_file: Path, first_file: Path) -> None:
    """Take back the policy VERSION before its day; the one before it goes on.

    It is published as an event. Its version stays taken. What holds already can't be taken back:
    schedule another one for a day to come.

    Example: gleichfall policy withdraw 2027-1
    """
    zone = load_organisation(organisation_file).jurisdiction.time_zone
    first = load_policy(first_file)

    async def work(pool: Pool) -> Timeline:
        return await withdraw_policy(pool, version, first=first, zone=zone, now=datetime.now(UTC))

    asyncio.run(on_database(_SERVICE, work))
    click.echo(f"policy {version} takes no effect")


@policy.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.argument("version", metavar="[VERSION]", required=False)
@organisation_option
@_first_option
def compare(file: Path, version: str | None, organisation_file: Path, first_file: Path) -> None:
    """Say in what FILE means something else than VERSION, or than what holds today.

    Compared is the meaning: defaults are filled in, 0.1 and 0.10 are the same.

    Example: gleichfall policy compare next.yaml 2026-4
    """
    new = read(file, load_organisation(organisation_file))
    one = _found(_timeline(first_file), version, organisation_file)
    found = differences(one, new)
    for said in found or [f"{new.version} means the same as {one.version}"]:
        click.echo(said)


@policy.command(name="list")
@organisation_option
@_first_option
@json_option
def list_command(organisation_file: Path, first_file: Path, *, as_json: bool) -> None:
    """List the policies: which one holds, which are to come.

    Example: gleichfall policy list
    """
    found = _timeline(first_file)
    today = _today(organisation_file)
    rows = [
        {
            "version": one.version,
            "valid_from": one.valid_from and one.valid_from.isoformat(),
            "period": one.period.value,
            "state": found.state_of(one, today),
        }
        for one in found.policies
    ]
    if as_json:
        screen.show_json(rows)
        return
    table = screen.table("version", "from", "period", "state", lined=True)
    for row in rows:
        screen.add(table, *(cell or "the beginning" for cell in row.values()))
    screen.show(table)


@policy.command()
@click.argument("version", metavar="[VERSION]", required=False)
@organisation_option
@_first_option
def show(version: str | None, organisation_file: Path, first_file: Path) -> None:
    """Print a policy as JSON, defaults filled in; without VERSION the one in force today.

    Example: gleichfall policy show 2026-3
    """
    one = _found(_timeline(first_file), version, organisation_file)
    click.echo(one.model_dump_json(indent=2))


@policy.command()
@organisation_option
@language_option
@json_option
def levels(*, organisation_file: Path, language: str, as_json: bool) -> None:
    """Show how closely each inspected stratum is looked at in the next period.

    Strata are those of the organisation of today: who took a unit over goes on at its level.

    Example: gleichfall policy levels
    """
    organisation = load_organisation(organisation_file)

    async def work(pool: Pool) -> list[Level]:
        return await entering.levels(pool, organisation.unit_now)

    found = asyncio.run(on_database(_SERVICE, work))
    if as_json:
        screen.show_json([_level(one) for one in found])
        return
    say = spoken(language, FOLDER)
    if not found:
        click.echo(say("levels.none"))
        return
    heads = ("levels.stratum", "levels.decisions", "levels.plan", "levels.next")
    table = screen.table(*map(say, heads), lined=True)
    names = StratumNames.told(DecisionTypes.load(), organisation, language)
    for one in found:
        plan = UNKNOWN if one.plan is None else say("levels.of", **one.plan._asdict())
        screen.add(
            table, names.stratum(one.stratum), say.number(one.lot), plan, _told(say, one.state)
        )
    screen.show(table, say("levels.meaning"))


@policy.command()
@click.argument("period", metavar="PERIOD")
@click.argument("stratum", metavar="STRATUM")
@click.option("--errors", type=COUNT, help="In the plan's sample; by default as reviews show it.")
@click.option("--may-reduce", is_flag=True, help="Less is wanted, and the standard allows it.")
@click.option("--not-steady", is_flag=True, help="Work didn't go its usual way.")
@click.option("--put-right", is_flag=True, help="After a stop: the work itself was put right.")
@organisation_option
@language_option
def result(
    *,
    period: str,
    stratum: str,
    errors: int | None,
    may_reduce: bool,
    not_steady: bool,
    put_right: bool,
    organisation_file: Path,
    language: str,
) -> None:
    """Enter what leadership says of the sample of STRATUM in the closed PERIOD.

    The sample are the decisions with the smallest tickets, as many as the plan says. When they are
    all reviewed and signed, its errors are counted by themselves; --errors is for who reviews
    elsewhere. What follows is the closeness of the periods that open from now on; what was drawn
    stays. A second entry corrects the first.

    \b
    Examples:
        gleichfall policy result 2026-05 work/adverse/unit-2 --may-reduce
        gleichfall policy result 2026-05 work/adverse/unit-2 --errors 1
    """
    found = Found(period, stratum, errors, may_reduce, not not_steady, put_right)
    organisation = load_organisation(organisation_file)

    async def work(pool: Pool) -> tuple[Result, State]:
        return await entering.enter(pool, found, datetime.now(UTC), organisation.unit_now)

    came_out, state = asyncio.run(on_database(_SERVICE, work))
    say = spoken(language, FOLDER)
    named = StratumNames.told(DecisionTypes.load(), organisation, language).stratum(stratum)
    told, level = say(f"result.{came_out}"), _told(say, state)
    click.echo(say("result", stratum=named, period=period, result=told, level=level))


def read(file: Path, organisation: Organisation) -> Policy:
    """Read a policy, or say all that is wrong in it and leave."""
    try:
        return load_policy(file, Names(DecisionTypes.load(), organisation))
    except PolicyInvalid as error:
        for mistake in error.mistakes:
            click.echo(f"{file}, {mistake}", err=True)
        raise SystemExit(error.exit_code) from None


def _found(timeline: Timeline, version: str | None, organisation_file: Path) -> Policy:
    """Give the policy of a version, or what holds today."""
    known = {one.version: one for one in timeline.policies}
    one = known.get(version) if version else timeline.policy_on(_today(organisation_file))
    if one is None:
        raise PolicyUnknown(str(version), known)
    return one


def _today(organisation_file: Path) -> date:
    return datetime.now(load_organisation(organisation_file).jurisdiction.time_zone).date()


def _timeline(first_file: Path) -> Timeline:
    first = load_policy(first_file)

    async def work(pool: Pool) -> Timeline:
        async with pool.acquire() as connection:
            return await store.timeline(connection, first)

    return asyncio.run(on_database(_SERVICE, work))


def _level(one: Level) -> dict[str, Any]:
    return {
        "stratum": one.stratum,
        "decisions": one.lot,
        "plan": one.plan and one.plan._asdict(),
        "state": one.state.inspection.value,
        "stopped": one.state.stopped,
    }


def _told(say: Spoken, state: State) -> str:
    return say("levels.stopped" if state.stopped else f"levels.{state.inspection}")
