"""`gleichfall messages`: the texts to applicants, and what became of them."""

import click

from shared.console.lazy_group import LazyGroup, Subcommand

# To add a command: write it with click in `commands.py` beside its noun, add a line here.
SUBCOMMANDS = {
    "list": Subcommand("services.notify.messages.commands:list_messages", "List the messages."),
    "preview": Subcommand(
        "services.notify.preview.commands:preview", "Show a message as a recipient reads it."
    ),
    "check": Subcommand(
        "services.notify.preview.commands:check", "Check that every German text is plain."
    ),
    "show": Subcommand(
        "services.notify.operation.commands:show", "Show what the applicant of a case was told."
    ),
    "again": Subcommand(
        "services.notify.operation.commands:again", "Write a message once more as it left."
    ),
    "resend": Subcommand(
        "services.notify.operation.commands:resend_message", "Send a message once more."
    ),
    "stop": Subcommand(
        "services.notify.operation.commands:stop_message", "Stop a message before it leaves."
    ),
    "tasks": Subcommand(
        "services.notify.follow_up.commands:tasks", "List what a person must tell applicants."
    ),
    "told": Subcommand(
        "services.notify.operation.commands:told_otherwise", "Close the task about a message."
    ),
    "bounce": Subcommand(
        "services.notify.channels.email.commands:bounce", "Show what a mail that came back says."
    ),
    "dkim": Subcommand(
        "services.notify.channels.email.commands:dkim", "Print the DNS records for signatures."
    ),
    "audit": Subcommand(
        "services.notify.operation.commands:audit", "Check that every message ends."
    ),
}


@click.group(name="messages", cls=LazyGroup, table=SUBCOMMANDS)
def messages() -> None:
    """Read, try and check the texts that applicants get."""
