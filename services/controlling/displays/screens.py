"""What each display showed last, for when the database is away; in the memory of one process."""

from services.controlling.displays.display import Display
from services.controlling.displays.wall import Wall


class Screens:
    """Knows displays whose keys were good, by what is kept of their keys; so there are few."""

    def __init__(self) -> None:
        self._displays: dict[bytes, Display] = {}
        self._walls: dict[str, Wall] = {}

    def recognised(self, key_hash: bytes, display: Display) -> None:
        """Remember that a key is good."""
        self._displays[key_hash] = display

    def refused(self, key_hash: bytes) -> None:
        """Forget a key that is good no more."""
        self._displays.pop(key_hash, None)

    def known(self, key_hash: bytes) -> Display | None:
        """Give the display whose key was good when that could last be asked."""
        return self._displays.get(key_hash)

    def shown(self, display: Display, wall: Wall) -> None:
        """Remember what a display shows."""
        self._walls[display.id] = wall

    def last(self, display: Display) -> Wall | None:
        """Give what a display showed last."""
        return self._walls.get(display.id)
