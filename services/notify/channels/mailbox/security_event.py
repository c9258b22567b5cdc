"""What happened to a submission, as its event log tells: signed tokens (SET, RFC 8417). Pure.

Who says what: docs.fitko.de/fit-connect, event log. The service tells what it did with a
submission, the owner of the mailboxes whether it took it. A token is believed only with the
signature of who may say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from services.notify.channels.mailbox.web_keys import WebKey

EVENTS = "https://schema.fitko.de/fit-connect/events/"
_ALGORITHM = "PS512"


class EventForged(Exception):
    """A token isn't what it must be, or isn't signed by who may say it."""


class Stage(Enum):
    """What is told of a submission."""

    CREATED = "create-submission"
    SUBMITTED = "submit-submission"
    NOTIFIED = "notify-submission"
    FORWARDED = "forward-submission"
    ACCEPTED = "accept-submission"
    REJECTED = "reject-submission"
    DELETED = "delete-submission"


class Teller(Enum):
    """Who tells it."""

    SERVICE = "the delivery service"
    DESTINATION = "the owner of the mailboxes"


_MAY_TELL: Mapping[Stage, frozenset[Teller]] = MappingProxyType(
    {
        **dict.fromkeys(Stage, frozenset({Teller.SERVICE})),
        Stage.FORWARDED: frozenset(Teller),
        Stage.ACCEPTED: frozenset({Teller.DESTINATION}),
        # The service rejects what nobody fetches for 14 days.
        Stage.REJECTED: frozenset(Teller),
    }
)


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One event.

    Attributes:
        stage: What happened; None for a kind that we don't know.
        problems: The types of what was wrong, where it was rejected.
        at: When, as who tells it says.
        proof: The signed token, which names nobody.
    """

    stage: Stage | None
    problems: tuple[str, ...] = ()
    at: datetime | None = None
    proof: str = ""


class _Header(BaseModel):
    alg: Literal["PS512"]
    typ: Literal["secevent+jwt"]
    kid: str


class _Problem(BaseModel):
    type: str


class _Payload(BaseModel):
    problems: tuple[_Problem, ...] = ()


def _bare(prefix: str) -> BeforeValidator:
    def strip(given: object) -> object:
        return given.removeprefix(f"{prefix}:") if isinstance(given, str) else given

    return BeforeValidator(strip)


class _Claims(BaseModel):
    iss: str
    sub: Annotated[UUID, _bare("submission")]
    txn: Annotated[UUID, _bare("case")]
    iat: datetime
    events: Annotated[dict[str, _Payload], Field(min_length=1, max_length=1)]


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was read and isn't believed yet.

    Attributes:
        kid: The name of the key that it claims to be signed with.
        issuer: Who it claims to come from.
    """

    kid: str
    issuer: str
    _text: str
    _claims: _Claims

    @classmethod
    def read(cls, text: str) -> "Token":
        """Read a token.

        Raises:
            EventForged: It has not the form of one.
        """
        try:
            parts = jws.extract_compact(text.encode())
            header = _Header.model_validate(parts.protected)
            claims = _Claims.model_validate_json(parts.payload)
        except (JoseError, ValidationError, ValueError):
            raise EventForged("has not the form of an event") from None
        return cls(header.kid, claims.iss, text, claims)

    def verified(self, key: WebKey, teller: Teller, submission: UUID, case: UUID) -> SecurityEvent:
        """Give what it says, once it is sure who says it about this submission.

        Raises:
            EventForged: The signature is another's, or it is about something else, or `teller`
                can't say so.
        """
        try:
            jws.deserialize_compact(self._text, key.key, algorithms=[_ALGORITHM])
        except JoseError:
            raise EventForged("is not signed by who it says") from None
        if (self._claims.sub, self._claims.txn) != (submission, case):
            raise EventForged("is about another submission")
        [(name, payload)] = self._claims.events.items()
        stage = _stage(name)
        if stage is not None and teller not in _MAY_TELL[stage]:
            raise EventForged(f"tells what {teller.value} can't know")
        problems = tuple(problem.type for problem in payload.problems)
        return SecurityEvent(stage, problems, self._claims.iat, self._text)


def _stage(name: str) -> Stage | None:
    try:
        return Stage(name.removeprefix(EVENTS))
    except ValueError:
        return None
