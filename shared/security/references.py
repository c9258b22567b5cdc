"""Names that say nothing about anybody: UUIDs, ULIDs, digests, short numbers, pseudonyms."""

import re

_HEX = "[0-9a-f]"
_REFERENCE = re.compile(
    rf"(?:urn:uuid:)?{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"  # UUID
    rf"|{_HEX}{{32}}|{_HEX}{{40}}|{_HEX}{{64}}"  # UUID without hyphens, or a digest
    r"|[0-7][0-9a-hjkmnp-tv-z]{25}"  # ULID
    r"|[0-9]{1,7}"  # no birthday, telephone or register has so few digits
    r"|(?:case|contact|decision|decider|appointment)-[a-z2-7]{26}",
    re.IGNORECASE,
)
REFERENCE = (
    "must be a UUID, a ULID, a digest, a number of up to seven digits, or a keyed pseudonym: "
    "nobody can be read from those"
)


def is_reference(text: str) -> bool:
    """Tell whether a text is a reference from which nobody can be read."""
    return _REFERENCE.fullmatch(text) is not None
