"""Controlling as a service: its handlers on the spine, its HTTP side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.controlling.frame import Frame
from services.controlling.handlers import CaseEvents
from services.controlling.periods import Periods
from services.controlling.sampling.policy import load_policy
from services.controlling.settings import Settings
from shared.events.registry import Topic
from shared.kafka.consumer import Handler
from shared.law.decision_types import DecisionTypes
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.tracing import configure_tracing
from shared.organisation.file import load_organisation
from shared.security.secrets import SecretName
from shared.service.spine import running_spine
from shared.web.application import create_service

SERVICE = "controlling"
BODY_LIMIT = 64 * 1024


def create_app(settings: Settings) -> FastAPI:
    """Wire the service; nothing is opened before it starts."""
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    health = Health()
    handlers = _handlers(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running_spine(
            SERVICE,
            settings,
            health,
            publishes=(Topic.REVIEW_EVENTS,),
            handlers=lambda _: handlers,
        ):
            yield

    return create_service(SERVICE, lifespan=lifespan, health=health, body_limit=BODY_LIMIT)


def _handlers(settings: Settings) -> Mapping[Topic, Handler]:
    policy = load_policy(settings.policy_file)
    organisation = load_organisation(settings.organisation_file)
    seed_key = settings.secrets.key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    periods = Periods(seed_key, policy.version)
    frame = Frame(policy, DecisionTypes.load(), organisation.jurisdiction.time_zone)
    return {Topic.CASE_EVENTS: CaseEvents(frame, periods)}
