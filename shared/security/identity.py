"""Who calls: source systems with a token of their own, and our own services."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, ValidationError

from shared.errors import PermanentError
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretMalformed

_ANYTHING_AFTER = "*"
# What may stand for the star: the name of a log or a part, not of a person as people write it.
_LATER = re.compile(r"[a-z0-9:.-]*")
OWN_SOURCES = frozenset(
    f"urn:gleichfall:{name}" for name in ("intake", "controlling", "notify", "operator")
)
"""What our own services speak as: no system outside may, whatever its patterns."""


class SystemUndescribed(PermanentError):
    """A token belongs to a system of which nothing says what it may send."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the secret source_tokens has a token of the system {name}, which the file of systems "
            "(GLEICHFALL_SYSTEMS) doesn't describe; add it there, with what it may send"
        )


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """A system that may send events, and what it may say.

    Attributes:
        name: What tokens, limits and the security log know it by.
        sources: CloudEvents sources it speaks for: whole ones, or a beginning followed by `*`.
        types: Events it may state, as patterns of their short names: `decision.made`, `call.*`.
        units: Units it may speak of; None for all.
        contacts: Whether it may hand over and erase contacts.
        unlisted: Sources whose keys need not stand in the organisation file and the catalogue.
        others: Whether it may speak of cases, and replace contacts, that another system brought.
        counts: Sources, each whole, whose counts of decisions the frame is compared with.
        history: Sources that bring decisions of long ago, and need not say why in each.
    """

    name: str
    sources: tuple[str, ...]
    types: tuple[str, ...]
    units: frozenset[str] | None = None
    contacts: bool = False
    others: bool = False
    unlisted: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    history: tuple[str, ...] = ()

    def allows(self, source: str) -> bool:
        """Tell whether this system may send events of `source`; of our own nobody may."""
        if source.casefold() in OWN_SOURCES:
            return False
        return source in self.sources or any(_matches(one, source) for one in self.sources)

    def states(self, fact: str) -> bool:
        """Tell whether it may state a fact, by the short name of its type."""
        return "*" in self.types or any(fnmatchcase(fact, pattern) for pattern in self.types)

    def is_free(self, source: str) -> bool:
        """Tell whether the keys of a source need not be listed."""
        return any(_matches(pattern, source) for pattern in self.unlisted)

    def brings_history(self, source: str) -> bool:
        """Tell whether decisions of a source may be of long ago without a reason in each."""
        return any(_matches(pattern, source) for pattern in self.history)

    def speaks_of(self, unit: str) -> bool:
        """Tell whether it may speak of a unit."""
        return self.units is None or unit in self.units


class SourceTokens:
    """The tokens of all source systems, known by their hashes only."""

    __slots__ = ("_systems",)

    def __init__(self, systems: dict[bytes, SourceSystem]) -> None:
        self._systems = systems

    @classmethod
    def parse(cls, text: SecretStr, described: Mapping[str, SourceSystem]) -> Self:
        """Read the secret `source_tokens`.

        It is a JSON object from the name of a system to `{"token_sha256": hex}`.

        Args:
            text: The secret.
            described: What systems may do, by name.

        Raises:
            SecretMalformed: It is something else, or two systems share a token.
            SystemUndescribed: A system isn't among those described.
        """
        try:
            entries = _Entries.model_validate_json(text.get_secret_value()).root
        except ValidationError as error:
            places = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the document'}: {problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)
            )
            raise SecretMalformed(f"the secret source_tokens is malformed: {places}") from None
        for name in entries:
            if name not in described:
                raise SystemUndescribed(name)
        systems = {
            bytes.fromhex(entry.token_sha256): described[name] for name, entry in entries.items()
        }
        if len(systems) < len(entries):
            raise SecretMalformed("the secret source_tokens gives one token to two systems")
        return cls(systems)

    def authenticate(self, token: str) -> SourceSystem | None:
        """Find the system of a bearer token, in a time that tells nothing about the tokens."""
        presented = sha256(token.encode()).digest()
        found = None
        for known, system in self._systems.items():
            if hmac.compare_digest(known, presented):
                found = system
        return found


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """The token that one of our services shows to another; while it is exchanged there are two."""

    service: str
    tokens: KeyRing

    def authenticate(self, token: str) -> str | None:
        """Give the name of the service when the token is right, in constant time."""
        shown = token.encode()
        right = [hmac.compare_digest(known, shown) for known in self.tokens.every]
        return self.service if any(right) else None


class _Entry(BaseModel):
    # Earlier releases wrote `sources` here, which now stand with everything else a system may do.
    model_config = ConfigDict(extra="ignore", frozen=True)

    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Entries(RootModel[dict[Annotated[str, Field(min_length=1)], _Entry]]):
    pass


def _matches(pattern: str, source: str) -> bool:
    if not pattern.endswith(_ANYTHING_AFTER):
        return source == pattern
    beginning = pattern.removesuffix(_ANYTHING_AFTER)
    return source.startswith(beginning) and _LATER.fullmatch(source, len(beginning)) is not None
