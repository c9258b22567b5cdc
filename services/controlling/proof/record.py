"""The record of a closed period: what its export holds, line by line.

The first line is the `Header`, then each decision is an `Entry`, the last line is the `Seal`. For
auditors it is explained in `docs/guide/auditors/README.md`; who changes a line here changes
the format's name, that page and the verifier beside it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    with_config,
)
from typing_extensions import TypedDict

from services.controlling.policy.groups import TypeGroups
from services.controlling.policy.policy import Policy
from shared.configuration.yaml_file import Section
from shared.events.catalogue.review import StratumCount
from shared.events.vocabulary import Code, DecisionId, Digest, DrawReason, Ticket

Share = Annotated[str, StringConstraints(pattern=r"^[01](\.[0-9]{1,30})?$")]
"""A decimal number from 0 to 1, as text."""

StratumKey = Annotated[str, StringConstraints(pattern=r"^[^/]+/(favourable|adverse|neutral)/.+$")]


def _is_policy(document: str) -> str:
    Policy.model_validate_json(document)
    return document


def _is_catalogue(document: str) -> str:
    TypeGroups.model_validate_json(document)
    return document


class _Header(Section):
    period: Code
    first_day: date
    last_day: date
    commitment: Digest
    time_stamp: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$")] | None = Field(
        default=None, description="On the commitment: an answer by RFC 3161, DER, as Base64."
    )
    seed: Digest
    strata: tuple[StratumCount, ...]
    audit: Annotated[str, StringConstraints(pattern=r"^[0-9]+:[0-9a-f]{64}$")] | None = Field(
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
    policy: Policy


class Header(_Header):
    """What was promised, revealed and published about the period."""

    format: Literal["gleichfall-draw-2"] = "gleichfall-draw-2"
    policy: Annotated[str, AfterValidator(_is_policy)] = Field(
        description="The policy by which was drawn, every field of it: the JSON that was kept when "
        "the period opened."
    )
    catalogue: Annotated[str, AfterValidator(_is_catalogue)] | None = Field(
        default=None,
        description="In which groups decision types were, kept the same way; null for a period "
        "from before that was kept.",
    )
    commitment_form: Literal[1, 2] = Field(
        description="1: SHA-256 over the seed alone; 2: over seed, policy, catalogue and days."
    )
    opened_at: AwareDatetime = Field(description="When the commitment was published.")
    stamped_at: AwareDatetime | None = Field(description="What the time stamp says, to the second.")
    closed_at: AwareDatetime
    closed_early: bool = Field(description="Before its days of grace were over.")


AnyHeader = Annotated[Header | EarlierHeader, Field(discriminator="format")]


def policy_in(header: Header | EarlierHeader) -> Policy:
    """Give the policy by which was drawn."""
    if isinstance(header, EarlierHeader):
        return header.policy
    return Policy.model_validate_json(header.policy)


@with_config(ConfigDict(extra="forbid", strict=True))
class Entry(TypedDict):
    """One decision of the period. Who took it doesn't stand here.

    The frame comes first, ordered by stratum, ticket and decision, then what arrived late. A
    plain dictionary, because a period can have millions of them.
    """

    decision: DecisionId
    stratum: StratumKey
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
