"""Groups of commands of which only the one that is called is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Subcommand:
    """A command that isn't imported yet.

    Attributes:
        target: Where the click command is, as `module:name`.
        summary: Its line in the help of its group, shown without importing it.
    """

    target: str
    summary: str

    def load(self) -> click.Command:
        """Import the command."""
        module, name = self.target.split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


class LazyGroup(click.Group):
    """A group that knows commands by name, beside those that stand in its own module."""

    def __init__(
        self,
        *arguments: Any,
        table: Mapping[str, Subcommand],
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table, then the others."""
        return [*self.table, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if (lazy := self.table.get(cmd_name)) is not None:
            return lazy.load()
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and summaries without importing anything."""
        own = {name: super(LazyGroup, self).get_command(ctx, name) for name in self.commands}
        lines = {name: lazy.summary for name, lazy in self.table.items()}
        lines |= {name: one.get_short_help_str(limit=100) for name, one in own.items() if one}
        with formatter.section("Commands"):
            formatter.write_dl([(name, lines[name]) for name in self.list_commands(ctx)])
