"""What a recipient has said about a way of being told, when, and where that is written down."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.events.vocabulary import Channel, Code, Timestamp


class Consent(StrEnum):
    """What a recipient has said about a channel."""

    GIVEN = "given"
    DEEMED = "deemed"
    """The application came through an online service, and nothing else was said: § 9(1) OZG."""
    UNASKED = "unasked"
    WITHDRAWN = "withdrawn"


class Agreement(BaseModel):
    """What was said about one channel.

    Attributes:
        channel: About which way.
        consent: What was said.
        at: When; the authority must be able to prove it (Art. 7(1) GDPR).
        basis: Where it is written down, as a key: `online_service`, `form-12`, `telephone`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel: Channel
    consent: Consent
    at: Timestamp
    basis: Code
