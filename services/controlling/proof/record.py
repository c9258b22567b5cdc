"""The record of a closed period: what its export holds, line by line.

The first line is the `Header`, then each decision is an `Entry`, the last line is the `Seal`. Each
has one form in which it can be written, so that no two readers can read it differently. For
auditors it is explained in `docs/guide/auditors/README.md`; who changes a line here changes
the format's name, that page and the verifiers beside it.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic_core import to_json
from typing_extensions import TypedDict

from services.controlling.chain import gap as chained
from services.controlling.proof.line import value_of
from services.controlling.proof.rules import DrawRules
from shared.configuration.yaml_file import Section
from shared.events.vocabulary import (
    Code,
    DecisionId,
    Digest,
    DrawReason,
    Ticket,
    WitnessRole,
    WitnessValue,
)

Share = Annotated[str, StringConstraints(pattern=r"^[01](?:\.[0-9]{1,30})?$")]
"""A decimal number from 0 to 1, as text."""

StratumKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*(?:\([A-Za-z0-9_.-]+:[A-Za-z0-9_.:-]*\))*"
        r"/(?:favourable|adverse|neutral)/[A-Za-z0-9_.:/()-]+$",
        max_length=512,
    ),
]


def _written_as(pattern: str, read: Callable[[str], object]) -> BeforeValidator:
    """Refuse other ways to write the same moment or day, of which libraries know many."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            return value
        if not re.fullmatch(pattern, value):
            raise ValueError("is written otherwise")
        return read(value)

    return BeforeValidator(check)


_DAY = "2[0-9]{3}-[0-9]{2}-[0-9]{2}"
_MOMENT = _DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z"


Day = Annotated[date, _written_as(_DAY, date.fromisoformat)]
Moment = Annotated[AwareDatetime, _written_as(_MOMENT, datetime.fromisoformat)]
"""A moment in UTC, to the second or to the microsecond."""
Registered = Annotated[
    str,
    StringConstraints(
        pattern=r"^2[0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
        r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$"
    ),
]
"""A moment in UTC with microseconds, as text: so it is hashed."""


def _is_base64(text: str) -> str:
    if b64encode(b64decode(text, validate=True)).decode() != text:
        raise ValueError("is written otherwise")
    return text


def _is_policy(document: str) -> str:
    value_of(document)
    DrawRules.model_validate_json(document)
    return document


def _was_policy(policy: dict[str, Any]) -> dict[str, Any]:
    DrawRules.model_validate_json(to_json(policy))
    return policy


TimeStampText = Annotated[str, Field(min_length=1), AfterValidator(_is_base64)]
"""An answer by RFC 3161, DER, as Base64."""
AuditHead = Annotated[str, StringConstraints(pattern=r"^[0-9]+:[0-9a-f]{64}$")]


class Count(Section):
    """How many decisions a stratum held at the close, and how many were drawn."""

    stratum: StratumKey
    size: int = Field(ge=0)
    drawn: int = Field(ge=0)


def _each_once(counts: tuple[Count, ...]) -> tuple[Count, ...]:
    if len({count.stratum for count in counts}) != len(counts):
        raise ValueError("a stratum stands twice")
    return counts


def _each_role_once(roles: tuple[WitnessRole, ...]) -> tuple[WitnessRole, ...]:
    if tuple(role for role in WitnessRole if role in roles) != roles:
        raise ValueError("roles stand twice, or in another order")
    return roles


class Witnessed(Section):
    """What chance gave, where others watched."""

    value: WitnessValue
    at: Moment = Field(description="When it was typed in.")
    roles: Annotated[tuple[WitnessRole, ...], Field(min_length=2), AfterValidator(_each_role_once)]


class _Header(Section):
    period: Code
    first_day: Day
    last_day: Day
    commitment: Digest
    time_stamp: TimeStampText | None = Field(default=None, description="On the commitment.")
    seed: Digest
    strata: Annotated[tuple[Count, ...], AfterValidator(_each_once)]
    audit: AuditHead | None = Field(
        default=None,
        description="The last entry of the audit log, with its hash: none before it can be changed "
        "later without being noticed by who keeps this file.",
    )
    footnotes: tuple[str, ...] = Field(
        default=(),
        description="Where others counted another number of decisions than the frame holds.",
    )


class EarlierHeader(_Header):
    """That of exports from before the policy was written down as the text that was kept."""

    format: Literal["gleichfall-draw-1"]
    policy: Annotated[dict[str, Any], AfterValidator(_was_policy)]


class Chain(Section):
    """How far the chain of the period's register goes."""

    entries: int = Field(ge=0, description="How many decisions it holds.")
    closed: int = Field(ge=0, description="How many it held when the period closed.")
    head: Digest = Field(description="The hash after the last of them.")


class Gap(Section):
    """An entry of the chain of which nothing is known but the id of a decision that is gone."""

    entry: int = Field(ge=1)
    decision: DecisionId
    noted: Registered


class PublishedHead(Section):
    """A head that was published."""

    day: Day
    entries: int = Field(ge=1)
    head: Digest


class StampedHead(PublishedHead):
    """The same with a third party's word that it was there."""

    time_stamp: TimeStampText | None = Field(description="On `head`, as it stands here.")


class AuditStamp(Section):
    """A third party's word that the audit log was there, up to an entry."""

    head: AuditHead
    time_stamp: TimeStampText = Field(description="On the hash in `head`, as it stands here.")


def _ascend(heads: Sequence[PublishedHead]) -> Sequence[PublishedHead]:
    if any(one.day >= other.day or one.entries >= other.entries for one, other in pairwise(heads)):
        raise ValueError("a chain only goes on")
    return heads


def _in_order(gaps: Sequence[Gap]) -> Sequence[Gap]:
    if any(one.entry >= other.entry for one, other in pairwise(gaps)):
        raise ValueError("gaps stand in the order of the chain")
    return gaps


class _DocumentedHeader(_Header):
    policy: Annotated[str, AfterValidator(_is_policy)] = Field(
        description="The policy by which was drawn, every field of it: the JSON that was kept when "
        "the period opened."
    )
    catalogue: str | None = Field(
        default=None,
        description="In which groups decision types were, kept the same way; null for a period "
        "from before that was kept.",
    )
    commitment_form: int = Field(
        ge=1,
        le=2,
        description="1: SHA-256 over the seed alone; 2: over seed, policy, catalogue and days.",
    )
    opened_at: Moment = Field(description="When the commitment was published.")
    stamped_at: Moment | None = Field(description="What the time stamp says, to the second.")
    closed_at: Moment
    closed_early: bool = Field(description="Before its days of grace were over.")


class UnchainedHeader(_DocumentedHeader):
    """That of exports from before the register was chained."""

    format: Literal["gleichfall-draw-2"]


class Header(_DocumentedHeader):
    """What was promised, revealed and published about the period."""

    format: str
    chain: Chain | None = Field(
        description="Of the register; null for a period from before it was chained."
    )
    heads: Annotated[tuple[PublishedHead, ...], AfterValidator(_ascend)] = Field(
        description="How far the chain had come on which day, as published; the oldest first."
    )
    witness: Witnessed | None = Field(description="What entered the seed; null: it was alone.")
    simulated: bool = Field(
        description="Opened, stamped and witnessed by the clock of an invented authority."
    )

    @model_validator(mode="after")
    def _goes_no_further(self) -> Self:
        told = [0, *(one.entries for one in self.heads)][-1]
        if told > (self.chain.entries if self.chain else 0):
            raise ValueError("a head of more entries than there are")
        return self


class WholeHeader(Header):
    """That of a register from which nothing is gone."""

    format: Literal["gleichfall-draw-3"] = "gleichfall-draw-3"


class ListingHeader(Header):
    """One that lists what is gone."""

    gaps: Annotated[tuple[Gap, ...], AfterValidator(_in_order)] = Field(
        description="Entries of the chain that no line of the file is of, in their order."
    )

    @model_validator(mode="after")
    def _are_entries(self) -> Self:
        if self.gaps and self.gaps[-1].entry > (self.chain.entries if self.chain else 0):
            raise ValueError("a gap behind the end of the chain")
        return self


class GappedHeader(ListingHeader):
    """That of a register from which decisions are gone, as somebody noted."""

    format: Literal["gleichfall-draw-4"] = "gleichfall-draw-4"

    @model_validator(mode="after")
    def _has_some(self) -> Self:
        if not self.gaps:
            raise ValueError("nothing is gone")
        return self


class StampedHeader(ListingHeader):
    """That of an export with time stamps on heads; of its register nothing may be gone."""

    format: Literal["gleichfall-draw-5"] = "gleichfall-draw-5"
    heads: Annotated[tuple[StampedHead, ...], AfterValidator(_ascend)]
    audit_stamp: AuditStamp | None = Field(
        description="The last one on the audit log; null: it was never stamped."
    )


AnyHeader = Header | UnchainedHeader | EarlierHeader
_Written = StampedHeader | WholeHeader | GappedHeader | UnchainedHeader | EarlierHeader
HEADER: TypeAdapter[AnyHeader] = TypeAdapter(Annotated[_Written, Field(discriminator="format")])


def witness_in(header: AnyHeader) -> Witnessed | None:
    """Give what entered the seed, if it was witnessed."""
    return header.witness if isinstance(header, Header) else None


def gaps_in(header: AnyHeader) -> Sequence[chained.Gap]:
    """Give what the register lacks of what was registered."""
    written = header.gaps if isinstance(header, ListingHeader) else ()
    return [chained.Gap(one.entry, one.decision, one.noted) for one in written]


def is_simulated(header: AnyHeader) -> bool:
    """Whether its times are those of an invented authority's clock."""
    return isinstance(header, Header) and header.simulated


def rules_in(header: AnyHeader) -> DrawRules:
    """Give by what was drawn."""
    policy = header.policy
    return DrawRules.model_validate_json(policy if isinstance(policy, str) else to_json(policy))


class EarlierEntry(TypedDict):
    """One decision in an export from before the register was chained."""

    decision: DecisionId
    stratum: StratumKey
    ticket: Ticket
    probability: Share
    drawn: DrawReason | None
    late: bool
    corrected: bool
    withdrawn: bool


class Entry(TypedDict):
    """One decision of the period. Who took it doesn't stand here.

    In the order of the chain, which is that of registration. Without a chain the frame comes first,
    ordered by stratum, ticket and decision, then what arrived late. A plain dictionary, because a
    period can have millions of them.
    """

    decision: DecisionId
    type: Code
    stratum: StratumKey
    decided: Registered
    registered: Registered
    ticket: Ticket
    probability: Share
    drawn: DrawReason | None
    late: bool
    corrected: bool
    withdrawn: bool


class Seal(Section):
    """The signature, by Ed25519, over the SHA-256 digest of all bytes before this line."""

    public_key: Digest
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
