"""The console command `gleichfall`: a table of subcommands, each loaded when it is called."""

import errno
import os
import sys
from dataclasses import dataclass
from io import TextIOWrapper

import click

from shared.console.lazy_group import LazyGroup, Subcommand
from shared.errors import GleichfallError
from shared.observe.log_level import check_log_level


@dataclass(frozen=True, slots=True)
class Command(Subcommand):
    """A line of the table.

    Attributes:
        joins_stack: Whether it works on the stack that runs in this checkout, unless the
            environment names another one.
        joining: Which commands of a group do that, where the others need no stack.
    """

    joins_stack: bool = False
    joining: tuple[str, ...] = ()

    def load(self) -> click.Command:
        """Import the command, told where the stack is."""
        if self.joins_stack:
            _join_stack()
        command = super(Command, self).load()
        if isinstance(command, LazyGroup):
            command.table = {
                name: Command(one.target, one.summary, name in self.joining)
                for name, one in command.table.items()
            }
        return command


# Nobody's plugin is to see what pydantic reads, and to look for one reads every package's metadata.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# To add a command: write it with click in `commands.py` beside its noun, add a line here.
SUBCOMMANDS = {
    "up": Command("deploy.local.commands:up", "Start everything on this machine."),
    "down": Command("deploy.local.commands:down", "Stop what `up` has started."),
    "status": Command("deploy.local.commands:status", "Show what runs, where and how far."),
    "env": Command("deploy.local.commands:env", "Tell a shell where the running stack is."),
    "doctor": Command("deploy.local.commands:doctor", "Check what this machine lacks."),
    "run": Command("deploy.summary.commands:run", "Play simulated weeks and add them up."),
    "summary": Command("deploy.summary.commands:summary", "Compare the books of all parts."),
    "import": Command(
        "services.intake.importers.commands:import_log", "Send an event log.", joins_stack=True
    ),
    "export": Command(
        "services.controlling.event_log.commands:export_log",
        "Write the event log of all cases for others' programs.",
        joins_stack=True,
    ),
    "simulate": Command(
        "services.intake.simulation.commands:simulate", "Invent an authority.", joins_stack=True
    ),
    "demo": Command(
        "deploy.demo.commands:demo", "Let invented people review what is drawn.", joins_stack=True
    ),
    "draw": Command(
        "services.controlling.proof.commands:draw",
        "Close, export and verify draws.",
        joins_stack=True,
    ),
    "policy": Command(
        "services.controlling.policy.commands:policy",
        "Check, try and schedule how much is drawn.",
        joins_stack=True,
    ),
    "criteria": Command(
        "services.controlling.forms.commands:criteria",
        "See what reviews ask, and what events answer by themselves.",
    ),
    "guidance": Command(
        "services.controlling.guidance.commands:guidance",
        "Bring articles on norms into the workbench.",
        joins_stack=True,
    ),
    "accounts": Command(
        "services.controlling.accounts.commands:accounts",
        "Say who may sign in to the workbench.",
        joins_stack=True,
    ),
    "audit": Command(
        "services.controlling.audit.commands:audit",
        "Verify and export who saw and did what.",
        joins_stack=True,
    ),
    "reviews": Command(
        "services.controlling.figures.commands:reviews",
        "Take what reviews found out of the system.",
        joins_stack=True,
    ),
    "frame": Command(
        "services.controlling.completeness.commands:frame",
        "See whether every decision is in the frame.",
        joins_stack=True,
    ),
    "figures": Command(
        "services.controlling.service_figures.commands:figures",
        "See how the service stands: counter, telephone, appointments, what waits.",
        joins_stack=True,
    ),
    "displays": Command(
        "services.controlling.displays.commands:displays",
        "Say which screens on walls show how the service stands.",
        joins_stack=True,
    ),
    "serve": Command("deploy.serve:serve", "Run one service in the foreground."),
    "migrate": Command(
        "shared.postgres.commands:migrate", "Bring the database up to date.", joins_stack=True
    ),
    "tokens": Command(
        "services.intake.tokens.commands:tokens",
        "Say with which tokens systems send.",
        joins_stack=True,
    ),
    "unlisted": Command(
        "services.intake.unlisted.commands:unlisted",
        "See keys in events that no list has.",
        joins_stack=True,
    ),
    "pseudonym": Command(
        "shared.security.commands:pseudonym",
        "Make pseudonyms of a system's identifiers.",
        joins_stack=True,
    ),
    "topics": Command(
        "shared.kafka.commands:topics", "Compare and apply Kafka's topics.", joins_stack=True
    ),
    "dead-letters": Command(
        "shared.dead_letters.commands:dead_letters",
        "See and settle dead letters.",
        joins_stack=True,
    ),
    "parked": Command(
        "shared.dead_letters.commands:parked",
        "See which cases wait, and for what.",
        joins_stack=True,
    ),
    "held": Command(
        "shared.held_items.commands:held",
        "See and settle what a loop failed on and passes over.",
        joins_stack=True,
    ),
    "clock": Command(
        "shared.clock.commands:clock",
        "See and settle doubts about the time.",
        joins_stack=True,
    ),
    "reconcile": Command(
        "deploy.reconciliation.commands:reconcile",
        "Look for events that were accepted and not applied.",
        joins_stack=True,
    ),
    "retention": Command(
        "deploy.retention.commands:retention", "See how long what is kept.", joins_stack=True
    ),
    "messages": Command(
        "services.notify.commands:messages",
        "Read and check the texts to applicants; see what a case was told.",
        joining=(
            *("preview", "check", "bounce", "dkim"),
            *("show", "again", "resend", "stop", "tasks", "told", "audit"),
        ),
    ),
    "events": Command("shared.events.commands:events", "Write and check event schemas."),
    "metrics": Command("shared.observe.commands:list_metrics", "List what can be seen in figures."),
    "openapi": Command(
        "services.intake.open_api.commands:openapi", "Describe intake's interface for machines."
    ),
    "stats": Command(
        "services.controlling.calculator.commands:stats",
        "Check any figure by hand.",
        joining=("period",),
    ),
    "secrets": Command(
        "deploy.secrets.commands:secrets", "Create keys, tokens, passwords.", joins_stack=True
    ),
    "law": Command("shared.law.commands:law", "Check the law that an authority applies."),
    "organisation": Command(
        "shared.organisation.commands:organisation", "Check the authority's description."
    ),
}


def _join_stack() -> None:
    """Tell a command where the running stack is; what the environment says goes first."""
    from deploy.local.folder import STACK  # noqa: PLC0415 - only when needed
    from deploy.local.presence import environment_of_running  # noqa: PLC0415 - only when needed

    for name, value in environment_of_running(STACK, os.environ).items():
        os.environ.setdefault(name, value)


@click.group(
    cls=LazyGroup, table=SUBCOMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="gleichfall")
def gleichfall() -> None:
    """See, continuously and provably, whether like cases are decided alike.

    Begin with `gleichfall up`; `gleichfall COMMAND --help` explains each command.
    """


def main() -> None:
    """Run the command; a condition we know becomes one line and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack letters of ours
    try:
        check_log_level(os.environ)
        gleichfall.main(prog_name="gleichfall")
    except GleichfallError as error:
        click.echo(f"gleichfall: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        _tell_of_file(error)
        sys.exit(1)
    except ValueError as error:
        _tell_of_settings(error)
        sys.exit(2)


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def _tell_of_file(error: OSError) -> None:
    """Say which file or folder can't be used; any other error goes on."""
    if error.filename is None and error.errno not in _FULL:
        raise error
    what = "a file" if error.filename is None else os.fsdecode(error.filename)
    click.echo(f"gleichfall: {what} can't be used: {error.strerror}", err=True)


def _tell_of_settings(error: ValueError) -> None:
    """Say which settings are missing or wrong; any other error goes on."""
    from pydantic import ValidationError  # noqa: PLC0415 - only when needed

    if not isinstance(error, ValidationError) or error.title != "Settings":
        raise error
    wrong = ", ".join(str(one["loc"][0]) for one in error.errors(include_input=False))
    click.echo(
        f"gleichfall: {wrong} must be set, or can't be used; start the local stack with "
        "'gleichfall up', or see docs/operations/local.md",
        err=True,
    )


if __name__ == "__main__":
    main()
