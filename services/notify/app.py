"""The notify service, wired.

A mail server that is away or slow makes it unready, but not for requests: contacts are handed over
all the same, messages wait and leave as soon as the server answers again.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.notify.cases.store import QUERIES as CASES
from services.notify.channels.wiring import CHANNELS
from services.notify.contacts.registry import Registry
from services.notify.contacts.vault import Vault
from services.notify.deadlines.following import review_events
from services.notify.digest import wiring as digest
from services.notify.follow_up import wiring as follow_up
from services.notify.gauges.loop import looks
from services.notify.handlers import case_events, router
from services.notify.messages.catalogue import load_messages
from services.notify.messages.materials import Materials
from services.notify.messages.stationery import load_stationery
from services.notify.operation.edition import Edition
from services.notify.operation.store import QUERIES, keep_edition
from services.notify.parts import Parts, Wiring
from services.notify.planning.expiry import Times
from services.notify.planning.finder import LateContacts
from services.notify.planning.following import FollowedParties
from services.notify.reports.entering import Reports
from services.notify.sending.opening import Opening
from services.notify.settings import Settings
from shared.clock.clock import Clock
from shared.events.registry import Topic
from shared.events.vocabulary import Channel
from shared.kafka.consumer import Handler
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.metrics import Loop
from shared.observe.tracing import configure_tracing
from shared.organisation.file import load_organisation
from shared.security.identity import ServiceToken
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName
from shared.service.loops import Looping, run_beside
from shared.service.settings import ConnectionSettings
from shared.service.spine import running_spine
from shared.web.access import Access, bearer
from shared.web.application import create_service

SERVICE = "notify"
MASTER_KEY = SecretName.CONTACT_MASTER_KEY
SEALING_KEY = SecretName.CONTACT_SEALING_PRIVATE_KEY
_RETAINS = {
    "message": QUERIES["empty_messages"],
    "case_standing": CASES["empty_standings"],
}
"""By table: what makes its rows forget at their age."""


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it connects when it starts.

    Raises:
        SecretMissing, SecretMalformed: A secret can't be used.
        OrganisationInvalid, MessageInvalid, AllowListEntryInvalid: So can't what is configured.
        ValidationError: So is a setting of a channel, and what else a channel finds wrong.
    """
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    secrets = settings.secrets
    handover = ServiceToken("intake", KeyRing(secrets, SecretName.HANDOVER_TOKEN))
    sealing_key, master_key = KeyRing(secrets, SEALING_KEY), KeyRing(secrets, MASTER_KEY)
    vault, health = Vault(master_key), Health()
    organisation = load_organisation(settings.organisation_file)
    messages, sender = load_messages(), settings.sender(organisation)
    materials = Materials(messages, load_stationery(), organisation, sender)
    edition = Edition.current(organisation, sender)
    opening = Opening(vault, edition.digest, settings.trial())
    wirings = {way.channel: way.wiring(secrets, materials) for way in CHANNELS}
    carried = frozenset(channel for channel, one in wirings.items() if one.is_carried)
    late, times = LateContacts(messages, carried), settings.times(organisation)
    followed = FollowedParties(late, times, vault)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        spine = running_spine(
            SERVICE,
            settings,
            health,
            publishes=(Topic.NOTIFICATION_EVENTS,),
            handlers=partial(_handlers, late, times, vault),
            retains=_RETAINS,
            keys={MASTER_KEY: master_key, SEALING_KEY: sealing_key},
            requires=partial(keep_edition, edition=edition),
        )
        async with spine as running, AsyncExitStack() as beside:
            await beside.enter_async_context(running.looking(settings, looks(running.pool)))
            app.state.registry = Registry(running.pool, vault, sealing_key, followed.tell)
            reports = Reports(running.pool, running.committed)
            parts = Parts(
                running, health, app.state, secrets, materials, opening, reports, settings.lease
            )
            for name, one in _loops(parts, wirings.values(), carried).items():
                await beside.enter_async_context(run_beside(health, name, one.run(), stop=one.stop))
            yield

    app = create_service(
        SERVICE,
        lifespan=lifespan,
        health=health,
        body_limit=settings.body_limit,
        unknown_per_minute=ConnectionSettings().unknown_per_minute,
        recognisers={Access.SERVICE: bearer(handover.authenticate)},
    )
    app.include_router(router)
    for way in CHANNELS:
        if way.router is not None:
            app.include_router(way.router)
    return app


def _handlers(
    late: LateContacts, times: Times, vault: Vault, clock: Clock
) -> Mapping[Topic, Handler]:
    plan = case_events(late, times, vault, clock.certain)
    return {Topic.CASE_EVENTS: plan, Topic.REVIEW_EVENTS: review_events}


def _loops(
    parts: Parts, wirings: Iterable[Wiring], carried: frozenset[Channel]
) -> Mapping[Loop, Looping]:
    """Ask each channel in turn for its loops; those that serve all of them stand beside."""
    wired = [one.wire(parts) for one in wirings]
    rebalance = [one for channel in wired for one in channel.rebalance]
    loops = {**follow_up.wire(parts, carried, rebalance), **digest.wire(parts)}
    for channel in wired:
        loops |= channel.loops
    return loops
