"""What notify's commands share."""

from datetime import datetime


def moment(at: datetime | None) -> str:
    """Write a moment for people; nothing if there is none."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
