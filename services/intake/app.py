"""The intake service, wired."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import httpx
from fastapi import FastAPI

from services.intake import counting
from services.intake.contacts import ContactHandover, Shown
from services.intake.counting import DecisionCounter
from services.intake.door import Backlog, Door, expect
from services.intake.handlers import BATCH_LIMIT, Intake, interface, router
from services.intake.opening_hours import opening
from services.intake.rate_limit import RateLimit
from services.intake.settings import Settings
from services.intake.store import Ledger
from services.intake.systems import load_systems
from services.intake.tokens import following
from services.intake.tokens.following import TokenBook
from services.intake.unlisted import loop as unlisted
from shared.events.registry import Topic
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.metrics import Loop
from shared.observe.tracing import configure_tracing
from shared.organisation.file import load_organisation
from shared.postgres.pool import address
from shared.security.identity import SourceTokens
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName
from shared.service.looking import ROUND, Look
from shared.service.settings import ConnectionSettings
from shared.service.spine import Spine, running_spine
from shared.web.access import Access, bearer
from shared.web.application import create_service

SERVICE = "intake"
TOPICS = (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS)
COUNTER_LIMIT = timedelta(minutes=15)
TOKENS_LIMIT = timedelta(minutes=2)
_HANDOVER_TIMEOUT = timedelta(seconds=15)


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it connects when it starts.

    Raises:
        SecretMissing, SecretMalformed: A secret can't be used.
        SystemsInvalid, SystemUndescribed: The file of systems can't be used, or lacks one.
        OrganisationInvalid: The organisation file can't be used.
    """
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    expect(TOPICS)
    systems = load_systems(settings.systems_file)
    fixed = SourceTokens.parse(settings.secrets.text(SecretName.SOURCE_TOKENS), systems)
    tokens = TokenBook(fixed, systems)
    public_key = KeyRing(settings.secrets, SecretName.CONTACT_SEALING_PUBLIC_KEY)
    notify = _notify_client(settings)
    zone = settings.time_zone
    office = opening(load_organisation(settings.organisation_file))
    health = Health()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        keys = {SecretName.CONTACT_SEALING_PUBLIC_KEY: public_key}
        async with (
            notify,
            running_spine(
                SERVICE, settings, health, publishes=TOPICS, keys=keys, requires=tokens.look
            ) as spine,
        ):
            handover = ContactHandover(notify, public_key)
            app.state.intake = _intake(settings, spine, handover)
            await app.state.intake.ledger.forget_listed(settings.keys)
            health.readiness.require("ledger", app.state.intake.ledger.check)
            holding = spine.holding(Loop.DECISION_COUNTER)
            counter = DecisionCounter(app.state.intake.ledger, zone, holding, spine.committed)
            async with (
                spine.looking(settings, [Look(ROUND, office), *unlisted.looks(spine.pool)]),
                spine.every(counting.LOOK, counter.publish, Loop.DECISION_COUNTER, COUNTER_LIMIT),
                spine.every(
                    following.LOOK,
                    partial(tokens.look, spine.pool),
                    Loop.SOURCE_TOKENS,
                    TOKENS_LIMIT,
                ),
            ):
                yield

    app = create_service(
        SERVICE,
        lifespan=lifespan,
        health=health,
        body_limit=settings.body_limit,
        unknown_per_minute=ConnectionSettings().unknown_per_minute,
        recognisers={Access.SOURCE_SYSTEM: bearer(tokens.authenticate)},
    )
    app.include_router(interface)
    app.include_router(router)
    return app


def _intake(settings: Settings, spine: Spine, contacts: ContactHandover) -> Intake:
    ledger = Ledger(spine.pool, address(settings.database_url))
    door = Door(
        ledger,
        Backlog(ledger, settings.outbox_limit),
        future_tolerance=settings.future_tolerance,
        reach=settings.reach,
        keys=settings.keys,
        on_commit=spine.committed,
    )
    events = RateLimit(settings.events_per_second, least=BATCH_LIMIT)
    bodies = RateLimit(settings.bytes_per_second, least=settings.body_limit)
    return Intake(door, ledger, contacts, events, bodies, settings.reach)


def _notify_client(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=str(settings.notify_url),
        auth=Shown(KeyRing(settings.secrets, SecretName.HANDOVER_TOKEN)),
        timeout=_HANDOVER_TIMEOUT.total_seconds(),
    )
