"""The notify service, wired.

A mail server that is away or slow makes it unready, but not for requests: contacts are handed over
all the same, messages wait and leave as soon as the server answers again.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.notify.channels.email import webhook as mail_reports
from services.notify.channels.email.bounce_mailbox import BounceMailbox, MailboxAddress
from services.notify.channels.email.carrier import SmtpAddress, SmtpConnection
from services.notify.channels.email.returns import BounceReader
from services.notify.channels.email.webhook import MailReports
from services.notify.channels.email.writing import Mail
from services.notify.channels.letter.carrier import AT_ONCE, AcknowledgementReader, Press
from services.notify.channels.letter.print_folder import PrintFolder
from services.notify.channels.letter.writing import Letter
from services.notify.channels.mailbox.carrier import Postbox
from services.notify.channels.mailbox.fit_connect import FitConnect
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys
from services.notify.channels.mailbox.returns import IDLE, EventLogReader
from services.notify.channels.mailbox.writing import MailboxMessage
from services.notify.channels.sms import webhook as sms_reports
from services.notify.channels.sms.carrier import Switchboard
from services.notify.channels.sms.gateway import Gateway, TextMessage
from services.notify.channels.sms.gateway_keys import GatewayKeys, read_gateway_keys
from services.notify.channels.sms.webhook import SmsReports
from services.notify.contacts.registry import Registry
from services.notify.contacts.vault import Vault
from services.notify.follow_up import loop as follow_up
from services.notify.follow_up.digest import LOOK, Digest
from services.notify.follow_up.loop import Upkeep
from services.notify.handlers import case_events, router
from services.notify.messages.catalogue import load_messages
from services.notify.messages.stationery import load_stationery
from services.notify.operation.edition import Edition
from services.notify.reports.entering import Reports
from services.notify.sending.carrier import Parcel
from services.notify.sending.dispatcher import BATCH, Dispatcher, Outlet
from services.notify.sending.failover import Provider
from services.notify.sending.opening import Preparation, utc_now
from services.notify.sending.rate_limit import Rate
from services.notify.sending.recorder import Recorder
from services.notify.sending.simulation import Simulation
from services.notify.settings import Settings
from services.notify.store import QUERIES, claim, keep_edition
from shared.events.registry import Topic
from shared.events.vocabulary import Channel
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.metrics import Loop
from shared.observe.tracing import configure_tracing
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.security.identity import ServiceToken
from shared.security.secrets import SecretMissing, SecretName
from shared.service.loops import Looping, Rounds, Work, every, run_beside
from shared.service.spine import Spine, running_spine
from shared.web.access import Access
from shared.web.application import create_service

SERVICE = "notify"
_DELIVERY_LIMIT = timedelta(minutes=3)
_DIGEST_LIMIT = timedelta(minutes=20)
_REPORTS_LIMIT = timedelta(minutes=10)


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it connects when it starts.

    Raises:
        SecretMissing, SecretMalformed: A secret can't be used.
        OrganisationInvalid, MessageInvalid: What is configured can't be used.
        AllowListEntryInvalid: So is an entry of who is written to on trial.
        SmtpUrlInvalid, MailboxUrlInvalid: So is an address.
    """
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    handover = ServiceToken("intake", settings.secrets.text(SecretName.HANDOVER_TOKEN))
    private_key = settings.secrets.key(SecretName.CONTACT_SEALING_PRIVATE_KEY)
    vault = Vault(settings.secrets.key(SecretName.CONTACT_MASTER_KEY))
    messages = load_messages()
    organisation = load_organisation(settings.organisation_file)
    sender = settings.sender(organisation)
    edition = Edition.current(organisation, sender)
    preparation = Preparation(
        vault,
        messages,
        load_stationery(),
        organisation,
        sender,
        edition.digest,
        settings.trial(),
        print_run=settings.print_run(Calendar.of(organisation)),
    )
    plan = case_events(messages, Calendar.of(organisation), _carried(settings), vault)
    address = SmtpAddress.parse(settings.smtp_url)
    report_key = settings.secrets.key(SecretName.MAIL_REPORT_KEY)
    gateway_keys = _gateway_keys(settings)
    fit_connect = _fit_connect(settings)
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
        async with spine as running, AsyncExitStack() as beside:
            await keep_edition(running.pool, edition)
            app.state.registry = Registry(running.pool, vault, private_key)
            reports = Reports(running.pool, running.committed)
            app.state.mail_reports = MailReports(preparation.sender, report_key, reports)
            app.state.sms_reports = SmsReports(
                {name: keys.report_key for name, keys in gateway_keys.items()}, reports
            )
            parts = _Parts(settings, running, preparation, reports, health)
            switchboard = _switchboard(settings, gateway_keys)
            loops: dict[Loop, Looping] = {
                Loop.UPKEEP: _upkeep(parts, switchboard),
                Loop.DELIVERY: _mail_dispatcher(parts, address),
            }
            if organisation.authority.staff_email is not None:
                loops[Loop.DIGEST] = _digest(parts, address)
            if mailbox is not None:
                loops[Loop.BOUNCES] = _bounces(parts, mailbox)
            if switchboard is not None:
                loops[Loop.SMS_DELIVERY] = _sms_dispatcher(parts, switchboard)
            if fit_connect is not None:
                loops[Loop.MAILBOX_DELIVERY] = _mailbox_dispatcher(parts, fit_connect)
                loops[Loop.EVENT_LOG] = _event_log(parts, fit_connect)
            if settings.print_folder is not None:
                loops[Loop.PRINTING] = _letter_dispatcher(parts, settings.print_folder)
                loops[Loop.ACKNOWLEDGEMENTS] = _acknowledgements(parts, settings.print_folder)
            for name, loop in loops.items():
                await beside.enter_async_context(
                    run_beside(health, name, loop.run(), stop=loop.stop)
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
    app.include_router(sms_reports.router)
    return app


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the loops are made of."""

    settings: Settings
    spine: Spine
    preparation: Preparation
    reports: Reports
    health: Health

    def dispatcher(self, outlet: Outlet[Parcel], loop: Loop) -> Dispatcher[Parcel]:
        """Give the loops of a channel; without its provider the service isn't ready."""
        recorder = Recorder(self.spine.pool, self.spine.committed)
        dispatcher = Dispatcher(
            self.spine.pool,
            outlet,
            recorder,
            lease=self.settings.lease,
            progressed=self.health.liveness.watch(loop, _DELIVERY_LIMIT).beat,
        )
        self.health.readiness.require(outlet.provider, dispatcher.check)
        self.health.readiness.require(f"record of {outlet.channel}", recorder.check)
        return dispatcher

    def every(
        self,
        cadence: timedelta,
        work: Work,
        loop: Loop,
        limit: timedelta,
        at_end: Callable[[], Awaitable[None]] | None = None,
    ) -> Rounds:
        """Give a loop that works every so often; see `shared.service.loops.every`."""
        return every(cadence, work, loop=loop, health=self.health, limit=limit, at_end=at_end)


def _carried(settings: Settings) -> frozenset[Channel]:
    """Give the channels that somebody carries."""
    wired = {
        Channel.EMAIL: True,
        Channel.SMS: bool(settings.sms_gateways),
        Channel.MAILBOX: settings.fit_connect is not None,
        Channel.LETTER: settings.print_folder is not None,
    }
    return frozenset(channel for channel, is_there in wired.items() if is_there)


def _mailbox(settings: Settings) -> BounceMailbox | None:
    if settings.bounce_mailbox is None:
        return None
    address = MailboxAddress.parse(settings.bounce_mailbox.get_secret_value())
    return BounceMailbox(address, ssl.create_default_context())


def _gateway_keys(settings: Settings) -> Mapping[str, GatewayKeys]:
    """Give the secrets of the gateways that are set; others are nobody's."""
    if not settings.sms_gateways:
        return {}
    known = read_gateway_keys(settings.secrets.text(SecretName.SMS_GATEWAYS))
    names = [gateway.name for gateway in settings.sms_gateways]
    if missing := [name for name in names if name not in known]:
        raise SecretMissing(f"the secret sms_gateways has nothing for {', '.join(missing)}")
    return {name: known[name] for name in names}


def _fit_connect(settings: Settings) -> Callable[[], FitConnect] | None:
    """Give what makes connections to FIT-Connect: to send, and to hear what came of it."""
    if settings.fit_connect is None:
        return None
    keys = FitConnectKeys.parse(settings.secrets.text(SecretName.FIT_CONNECT))
    return partial(FitConnect, settings.fit_connect, keys, keys.author())


def _switchboard(settings: Settings, keys: Mapping[str, GatewayKeys]) -> Switchboard | None:
    if not settings.sms_gateways:
        return None
    gateways = {
        Provider(one.name, one.weight, one.weight): (
            Gateway(
                one.name,
                one.url,
                keys[one.name].token,
                report_to=f"{settings.url}/v1/sms-reports/{one.name}",
            ),
            Rate(one.parts_per_minute),
        )
        for one in settings.sms_gateways
    }
    return Switchboard(gateways, started_at=utc_now())


def _upkeep(parts: _Parts, switchboard: Switchboard | None) -> Rounds:
    upkeep = Upkeep(
        parts.spine.pool,
        parts.preparation.messages,
        _carried(parts.settings),
        [switchboard.rebalance] if switchboard else [],
        parts.spine.holding(Loop.UPKEEP),
        committed=parts.spine.committed,
    )
    return parts.every(follow_up.IDLE, upkeep.look, Loop.UPKEEP, _DELIVERY_LIMIT)


def _bounces(parts: _Parts, mailbox: BounceMailbox) -> Rounds:
    holding = parts.spine.holding(Loop.BOUNCES)
    reader = BounceReader(mailbox, parts.preparation.sender, parts.reports, holding)
    return parts.every(parts.settings.bounce_pause, reader.look, Loop.BOUNCES, _REPORTS_LIMIT)


def _digest(parts: _Parts, address: SmtpAddress) -> Rounds:
    preparation = parts.preparation
    signer = parts.settings.signer(preparation.organisation)
    digest = Digest(
        parts.spine.pool,
        SmtpConnection(address, ssl.create_default_context(), signer),
        preparation.messages,
        preparation.organisation,
        preparation.sender,
        holding=parts.spine.holding(Loop.DIGEST),
    )
    return parts.every(LOOK, lambda: digest.look(utc_now()), Loop.DIGEST, _DIGEST_LIMIT)


def _mail_dispatcher(parts: _Parts, address: SmtpAddress) -> Dispatcher[Mail]:
    tls = ssl.create_default_context()
    signer = parts.settings.signer(parts.preparation.organisation)
    connections = [
        SmtpConnection(address, tls, signer) for _ in range(parts.settings.smtp_connections)
    ]
    outlet = Outlet(
        Channel.EMAIL,
        "mail server",
        partial(claim, channel=Channel.EMAIL, limit=BATCH),
        parts.preparation.mail,
        [Simulation(Channel.EMAIL, one, parts.reports) for one in connections],
    )
    return parts.dispatcher(outlet, Loop.DELIVERY)


def _sms_dispatcher(parts: _Parts, switchboard: Switchboard) -> Dispatcher[TextMessage]:
    outlet = Outlet(
        Channel.SMS,
        "SMS gateway",
        switchboard.claim,
        parts.preparation.sms,
        [Simulation(Channel.SMS, switchboard, parts.reports)] * parts.settings.sms_connections,
    )
    return parts.dispatcher(outlet, Loop.SMS_DELIVERY)


def _mailbox_dispatcher(
    parts: _Parts, fit_connect: Callable[[], FitConnect]
) -> Dispatcher[MailboxMessage]:
    postbox = Postbox(parts.spine.pool, fit_connect(), look_after=parts.settings.event_log_pause)
    outlet = Outlet(
        Channel.MAILBOX,
        "FIT-Connect",
        postbox.claim,
        parts.preparation.mailbox,
        [Simulation(Channel.MAILBOX, postbox, parts.reports)] * parts.settings.mailbox_connections,
    )
    return parts.dispatcher(outlet, Loop.MAILBOX_DELIVERY)


def _event_log(parts: _Parts, fit_connect: Callable[[], FitConnect]) -> Rounds:
    connection = fit_connect()
    reader = EventLogReader(
        parts.spine.pool,
        connection,
        parts.reports,
        parts.spine.holding(Loop.EVENT_LOG),
        pause=parts.settings.event_log_pause,
    )
    return parts.every(IDLE, reader.look, Loop.EVENT_LOG, _REPORTS_LIMIT, at_end=connection.close)


def _letter_dispatcher(parts: _Parts, folder: Path) -> Dispatcher[Letter]:
    outlet = Outlet(
        Channel.LETTER,
        "print folder",
        partial(claim, channel=Channel.LETTER, limit=BATCH),
        parts.preparation.letter,
        [Simulation(Channel.LETTER, Press(PrintFolder(folder)), parts.reports)] * AT_ONCE,
    )
    return parts.dispatcher(outlet, Loop.PRINTING)


def _acknowledgements(parts: _Parts, folder: Path) -> Rounds:
    holding = parts.spine.holding(Loop.ACKNOWLEDGEMENTS)
    reader = AcknowledgementReader(PrintFolder(folder), parts.reports, holding)
    parts.health.readiness.require("acknowledgements of the printer", reader.check)
    pause = parts.settings.acknowledgement_pause
    return parts.every(pause, reader.look, Loop.ACKNOWLEDGEMENTS, _REPORTS_LIMIT)
