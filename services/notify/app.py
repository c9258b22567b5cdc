"""The notify service, wired.

A mail server that is away or slow makes it unready, but not for requests: contacts are handed over
all the same, messages wait and leave as soon as the server answers again.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from services.notify import mail_reports
from services.notify.channels.bounce_mailbox import BounceMailbox, MailboxAddress
from services.notify.channels.mail import Mail, Sender
from services.notify.channels.smtp import SmtpAddress, SmtpConnection
from services.notify.contacts.registry import Registry
from services.notify.contacts.vault import Vault
from services.notify.delivery.bounces import BounceReader
from services.notify.delivery.dispatcher import Dispatcher
from services.notify.delivery.preparation import Preparation
from services.notify.delivery.recorder import Recorder
from services.notify.delivery.reports import Reports
from services.notify.handlers import case_events, router
from services.notify.mail_reports import MailReports
from services.notify.messages.catalogue import Messages, load_messages
from services.notify.settings import Settings
from services.notify.store import QUERIES
from shared.events.registry import Topic
from shared.events.vocabulary import Channel
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.metrics import Loop
from shared.observe.tracing import configure_tracing
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.security.identity import ServiceToken
from shared.security.secrets import SecretName
from shared.service.loops import run_beside
from shared.service.spine import Spine, running_spine
from shared.web.access import Access
from shared.web.application import create_service

SERVICE = "notify"
_DELIVERY_LIMIT = timedelta(minutes=3)
_BOUNCES_LIMIT = timedelta(minutes=10)


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it connects when it starts.

    Raises:
        SecretMissing, SecretMalformed: A secret can't be used.
        OrganisationInvalid, MessageInvalid: What is configured can't be used.
        SmtpUrlInvalid, MailboxUrlInvalid: So is an address.
    """
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    handover = ServiceToken("intake", settings.secrets.text(SecretName.HANDOVER_TOKEN))
    private_key = settings.secrets.key(SecretName.CONTACT_SEALING_PRIVATE_KEY)
    vault = Vault(settings.secrets.key(SecretName.CONTACT_MASTER_KEY))
    messages = load_messages()
    organisation = load_organisation(settings.organisation_file)
    preparation = _preparation(settings, vault, messages, organisation)
    plan = case_events(messages, Calendar.of(organisation))
    address = SmtpAddress.parse(settings.smtp_url)
    report_key = settings.secrets.key(SecretName.MAIL_REPORT_KEY)
    mailbox = _mailbox(settings)
    health = Health()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        spine = running_spine(
            SERVICE,
            settings,
            health,
            publishes=(Topic.NOTIFICATION_EVENTS,),
            handlers=lambda _: {Topic.CASE_EVENTS: plan},
            retains={"message": QUERIES["empty_messages"]},
        )
        async with spine as running:
            app.state.registry = Registry(running.pool, vault, private_key)
            reports = Reports(running.pool, running.committed)
            app.state.mail_reports = MailReports(preparation.sender, report_key, reports)
            dispatcher = _mail_dispatcher(settings, running, address, preparation, health)
            async with AsyncExitStack() as beside:
                if mailbox is not None:
                    bounces = _bounces(
                        mailbox, preparation.sender, reports, health, settings.bounce_pause
                    )
                    await beside.enter_async_context(
                        run_beside(health, Loop.BOUNCES, bounces.run(), stop=bounces.stop)
                    )
                await beside.enter_async_context(
                    run_beside(health, Loop.DELIVERY, dispatcher.run(), stop=dispatcher.stop)
                )
                yield

    app = create_service(
        SERVICE,
        lifespan=lifespan,
        health=health,
        body_limit=settings.body_limit,
        authenticators={Access.SERVICE: handover.authenticate},
    )
    app.include_router(router)
    app.include_router(mail_reports.router)
    return app


def _preparation(
    settings: Settings, vault: Vault, messages: Messages, organisation: Organisation
) -> Preparation:
    return Preparation(vault, messages, organisation, settings.sender(organisation))


def _mailbox(settings: Settings) -> BounceMailbox | None:
    if settings.bounce_mailbox is None:
        return None
    address = MailboxAddress.parse(settings.bounce_mailbox.get_secret_value())
    return BounceMailbox(address, ssl.create_default_context())


def _bounces(
    mailbox: BounceMailbox, sender: Sender, reports: Reports, health: Health, pause: timedelta
) -> BounceReader:
    beat = health.liveness.watch(Loop.BOUNCES, _BOUNCES_LIMIT).beat
    reader = BounceReader(mailbox, sender, reports, progressed=beat, pause=pause)
    health.readiness.require("bounce mailbox", reader.check)
    return reader


def _mail_dispatcher(
    settings: Settings,
    spine: Spine,
    address: SmtpAddress,
    preparation: Preparation,
    health: Health,
) -> Dispatcher[Mail]:
    tls = ssl.create_default_context()
    signer = settings.signer(preparation.organisation)
    recorder = Recorder(spine.pool, spine.committed)
    dispatcher = Dispatcher(
        spine.pool,
        Channel.EMAIL,
        [SmtpConnection(address, tls, signer) for _ in range(settings.smtp_connections)],
        preparation.mail,
        recorder,
        provider="mail server",
        lease=settings.lease,
        progressed=health.liveness.watch(Loop.DELIVERY, _DELIVERY_LIMIT).beat,
    )
    health.readiness.require("mail server", dispatcher.check)
    health.readiness.require("record of mails", recorder.check)
    return dispatcher
