"""`gleichfall messages list`: the messages, for those who write their texts."""

import click

from services.notify.messages.file import Texts, load_description, text_files
from shared.console.screen import add, show, table


@click.command(name="list")
def list_messages() -> None:
    """List the messages: legal class, channels, languages and the event that causes them.

    \b
    Example:
        gleichfall messages list
    """
    listed = table("message", "legal class", "channels", "languages", "cause", lined=True)
    for folder in Texts.in_force().folders():
        about = load_description(folder)
        ways = ", ".join(about.channels)
        languages = ", ".join(path.stem for path in text_files(folder))
        causes = ", ".join(events.event for events in about.cause)
        add(listed, folder.name, about.legal_class, ways, languages, causes)
    show(listed, whole=True)
