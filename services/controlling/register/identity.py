"""What a decision's id is bound to, and under which id a second decision of that id is kept. Pure.

An id names one decision: of one case, type, direction, unit and day, with the facts that the event
tells. What comes again and says the same is a repeat; what says something else is another decision,
and both are kept. What events seldom say binds nothing: where the file is kept upstream, why it is
told late, on which norm it rests (which follows from the type, and wasn't always kept). Nor does
who decided, which doesn't stand in the register.
"""

import hashlib
import json
from base64 import b32encode
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.controlling.register.registration import WHERE_SAID, Made, facts_of
from shared.events.vocabulary import Direction

_DOMAIN = "gleichfall-decision-1"
_LENGTH_BYTES = 8
_BYTES, _CHARACTERS = 16, 26


class Content(NamedTuple):
    """What an id is bound to.

    Attributes:
        facts: What the event says beside the rest; None for a decision from before it was kept.
    """

    case_ref: str
    type_code: str
    direction: Direction
    unit: str
    day: date
    facts: Mapping[str, object] | None

    @property
    def said(self) -> str:
        """The facts that bind, as one text; what is left out and what is null are the same."""
        said = {
            name: value
            for name, value in (self.facts or {}).items()
            if value is not None and name not in WHERE_SAID
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def is_that_of(self, other: "Content") -> bool:
        """Whether both say the same, as far as both say it."""
        alike = self[:-1] == other[:-1]
        return alike and (None in (self.facts, other.facts) or self.said == other.said)


def content_of(made: Made) -> Content:
    """Give what an event binds its decision's id to."""
    event, decision, day = made
    facts = facts_of(decision)
    return Content(event.subject, decision.type_code, decision.direction, decision.unit, day, facts)


def second_id(decision_id: str, content: Content) -> str:
    """Give the id of a second decision that came under an id: the same one each time it comes.

    It is `decision-` and the first 128 bits, in base32, of SHA-256 over a name of its own, the id,
    and what it is bound to, each behind its length (8 bytes, the greatest first).
    """
    parts = (
        _DOMAIN,
        decision_id,
        content.case_ref,
        content.type_code,
        content.direction.value,
        content.unit,
        content.day.isoformat(),
        content.said,
    )
    hashed = hashlib.sha256()
    for part in map(str.encode, parts):
        hashed.update(len(part).to_bytes(_LENGTH_BYTES, "big") + part)
    return f"decision-{b32encode(hashed.digest()[:_BYTES]).decode()[:_CHARACTERS].lower()}"
