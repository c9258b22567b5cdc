"""What notify's commands share."""

from datetime import datetime

import click

language_option = click.option(
    "--language", type=click.Choice(["de", "en"]), default="de", show_default=True
)


def moment(at: datetime | None) -> str:
    """Write a moment for people; nothing if there is none."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
