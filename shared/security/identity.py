"""Who calls: source systems with a token of their own, and our own services."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, ValidationError

from shared.security.secrets import SecretMalformed

_ANYTHING_AFTER = "*"


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """A system that may send events, and the CloudEvents sources it may speak for."""

    name: str
    sources: tuple[str, ...]

    def allows(self, source: str) -> bool:
        """Tell whether this system may send events of `source`.

        A pattern is a whole source, or a beginning followed by `*`.
        """
        return any(_matches(pattern, source) for pattern in self.sources)


class SourceTokens:
    """The tokens of all source systems, known by their hashes only."""

    __slots__ = ("_systems",)

    def __init__(self, systems: dict[bytes, SourceSystem]) -> None:
        self._systems = systems

    @classmethod
    def parse(cls, text: SecretStr) -> Self:
        """Read the secret `source_tokens`.

        It is a JSON object from the name of a system to `{"token_sha256": hex, "sources": [...]}`.

        Raises:
            SecretMalformed: It is something else, or two systems share a token.
        """
        try:
            entries = _Entries.model_validate_json(text.get_secret_value()).root
        except ValidationError as error:
            places = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the document'}: {problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)
            )
            raise SecretMalformed(f"the secret source_tokens is malformed: {places}") from None
        systems = {
            bytes.fromhex(entry.token_sha256): SourceSystem(name, entry.sources)
            for name, entry in entries.items()
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
    """The token that one of our services shows to another."""

    service: str
    token: SecretStr

    def authenticate(self, token: str) -> str | None:
        """Give the name of the service when the token is right, in constant time."""
        known = self.token.get_secret_value().encode()
        return self.service if hmac.compare_digest(known, token.encode()) else None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sources: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class _Entries(RootModel[dict[Annotated[str, Field(min_length=1)], _Entry]]):
    pass


def _matches(pattern: str, source: str) -> bool:
    if pattern.endswith(_ANYTHING_AFTER):
        return source.startswith(pattern.removesuffix(_ANYTHING_AFTER))
    return source == pattern
