"""`gleichfall messages list`: the messages, for those who write their texts."""

import click

from services.notify.messages.catalogue import load_messages
from shared.console.screen import add, show, table


@click.command(name="list")
def list_messages() -> None:
    """List the messages: legal class, channels, languages and the event that causes them.

    \b
    Example:
        gleichfall messages list
    """
    listed = table("message", "legal class", "channels", "languages", "cause", lined=True)
    for name, kind in load_messages().by_name.items():
        about = kind.description
        ways = ", ".join(about.channels)
        causes = ", ".join(events.event for events in about.cause)
        add(listed, name, about.legal_class, ways, ", ".join(kind.texts), causes)
    show(listed, whole=True)
