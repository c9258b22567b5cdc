"""What the operator decides about intake."""

from datetime import date, timedelta
from pathlib import Path

from pydantic import AnyHttpUrl, ByteSize, Field

from services.intake.keys import Keys
from services.intake.plausibility import Reach
from shared.configuration.places import SYSTEMS
from shared.events.envelope import CLOCKS_DIFFER
from shared.law.citation import load_statutes
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.service.settings import ServiceSettings, named

_MEBIBYTE = 1024 * 1024
_REACH = Reach()


class Settings(ServiceSettings):
    """Settings of intake; its own begin with `INTAKE_`."""

    model_config = named("INTAKE_")

    notify_url: AnyHttpUrl = Field(validation_alias="NOTIFY_URL")
    systems_file: Path = Field(default=SYSTEMS, validation_alias="GLEICHFALL_SYSTEMS")
    body_limit: ByteSize = Field(
        default=ByteSize(8 * _MEBIBYTE), gt=0, description="Largest body of a request, in bytes."
    )
    future_tolerance: timedelta = Field(
        default=CLOCKS_DIFFER,
        ge=timedelta(),
        description="How far the clock of a source system may be ahead of ours.",
    )
    earliest: date = Field(
        default=_REACH.earliest,
        description="The first day that an event may be of, or name: older ones are unset.",
    )
    facts_ahead: int = Field(
        default=_REACH.facts_ahead,
        ge=1,
        le=500,
        description="Years that a day of a fact may lie ahead, as when a law takes effect.",
    )
    plans_ahead: int = Field(
        default=_REACH.plans_ahead,
        ge=1,
        le=500,
        description="Years that an appointment or a deadline may lie ahead.",
    )
    decisions_behind: timedelta = Field(
        default=_REACH.decisions_behind,
        ge=timedelta(days=1),
        description="How old a decision may be that doesn't say why it is told now.",
    )
    events_per_second: int = Field(
        default=50_000,
        ge=1,
        description="Events, or contacts, that one source system may send to one process.",
    )
    bytes_per_second: ByteSize = Field(
        default=ByteSize(32 * _MEBIBYTE),
        gt=0,
        description="Bytes of bodies that one source system may send to one process.",
    )
    outbox_limit: int = Field(
        default=500_000,
        ge=1,
        description="Events that may wait for Kafka; beyond it, senders are asked to wait.",
    )

    @property
    def reach(self) -> Reach:
        """How far times may lie from now."""
        return Reach(self.earliest, self.facts_ahead, self.plans_ahead, self.decisions_behind)

    @property
    def keys(self) -> Keys:
        """What events may name.

        Raises:
            OrganisationInvalid: the organisation file can't be used.
        """
        organisation = load_organisation(self.organisation_file)
        return Keys.of(organisation, DecisionTypes.load(), load_statutes())
