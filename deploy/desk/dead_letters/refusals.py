"""What a page says where nothing was done about a dead letter: at which field, in which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.desk.dead_letters.written_record import HeaderRepeated, HeaderUnreadable
from shared.dead_letters.errors import (
    IdentityChanged,
    NeverNumbered,
    OneOfOurs,
    PlaceTaken,
    PlaceUnknown,
    SettledOtherwise,
    StillComing,
    StillPoison,
    TimeUnfit,
)
from shared.errors import PermanentError


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done.

    Attributes:
        key: What is said is `dead_letter.refused.<key>` in the catalogues.
        at: The field that it is about; None: the whole record.
        values: What the words name.
        details: What exactly, as programs say it.
    """

    key: str
    at: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    details: tuple[str, ...] = ()


REASON_MISSING = Refusal("reason", "reason")


_SAID: Mapping[type[PermanentError], Callable[[Any], Refusal]] = {
    HeaderUnreadable: lambda error: Refusal("header_unreadable", "headers", {"line": error.line}),
    HeaderRepeated: lambda error: Refusal("header_repeated", "headers", {"name": error.name}),
    StillPoison: lambda error: Refusal("still_poison", "value", details=(str(error.why),)),
    IdentityChanged: lambda error: Refusal(
        "identity_changed",
        "value",
        details=tuple(f"{one.name}: {one.was} → {one.would}" for one in error.moved),
    ),
    TimeUnfit: lambda error: Refusal("time_unfit", "headers", {"time": error.time.isoformat()}),
    NeverNumbered: lambda error: Refusal(
        "never_numbered", values={"sequence": error.sequence, "last": error.last}
    ),
    PlaceTaken: lambda error: Refusal("place_taken", values={"sequence": error.sequence}),
    PlaceUnknown: lambda _: Refusal("place_unknown", "sequence"),
    OneOfOurs: lambda _: Refusal("one_of_ours"),
    StillComing: lambda _: Refusal("still_coming"),
    SettledOtherwise: lambda _: Refusal("settled_otherwise"),
}
REFUSALS = tuple(_SAID)
"""What a page answers itself; all else is answered as for any page."""


def refusal(error: PermanentError) -> Refusal:
    """Tell why nothing was done; `error` is one of `REFUSALS`."""
    return _SAID[type(error)](error)
