"""`gleichfall messages`: the texts to applicants, and what became of them."""

import click

from services.notify.channels.email.commands import bounce, dkim
from services.notify.follow_up.commands import tasks
from services.notify.messages.commands import check, list_messages
from services.notify.operation.commands import (
    again,
    audit,
    resend_message,
    show,
    stop_message,
    told_otherwise,
)
from services.notify.preview.commands import preview


@click.group(name="messages")
def messages() -> None:
    """Read, try and check the texts that applicants get."""


for command in (
    list_messages,
    preview,
    check,
    show,
    again,
    resend_message,
    stop_message,
    tasks,
    told_otherwise,
    bounce,
    dkim,
    audit,
):
    messages.add_command(command)
