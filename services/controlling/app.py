"""Controlling as a service: its handlers on the spine, its HTTP side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import FastAPI
from pydantic import SecretBytes

from services.controlling.case_files import store as case_files
from services.controlling.chain import announcing as chain_heads
from services.controlling.chain import entering as chaining
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.chain.entering import Chainer
from services.controlling.gauges.loop import looks
from services.controlling.handlers import CaseEvents, OfficeEvents
from services.controlling.lots import finder as lots
from services.controlling.lots.finder import LotFinder
from services.controlling.periods import closing, opening
from services.controlling.periods.closing import Closer
from services.controlling.periods.opening import Opener, Periods
from services.controlling.periods.store import require_real
from services.controlling.policy.file import load_policy
from services.controlling.policy.policy import Policy
from services.controlling.policy.store import require_bound
from services.controlling.proof.pages import add_public_pages
from services.controlling.recusal import finder as recusal
from services.controlling.recusal.finder import RecusalFinder
from services.controlling.register.frame import Frame
from services.controlling.reviews import opening as reviews
from services.controlling.reviews.opening import ReviewOpener
from services.controlling.service_figures import loop as service_figures
from services.controlling.service_figures import raising as service_alarms
from services.controlling.service_figures import store as service_store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.loop import FigureCounter
from services.controlling.service_figures.raising import AlarmRaiser
from services.controlling.settings import Settings
from services.controlling.stamps import stamping
from services.controlling.stamps.stamping import Stamper
from services.controlling.triggers import store as triggers
from services.controlling.twins import entering as twin_rounds
from services.controlling.twins import finder as twins
from services.controlling.twins.entering import TwinRounds
from services.controlling.twins.finder import TwinFinder
from services.controlling.units.store import require_successors
from shared.clock.clock import Clock
from shared.events.registry import Topic
from shared.kafka.consumer import Handler
from shared.law.decision_types import DecisionTypes
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.metrics import Loop
from shared.observe.tracing import configure_tracing
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from shared.postgres.release import Release
from shared.security.key_ring import Key, KeyRing
from shared.security.pseudonyms import Pseudonymiser
from shared.security.secrets import SecretName
from shared.security.time_stamps import certificates
from shared.service.loops import Work
from shared.service.spine import Spine, running_spine
from shared.web.application import create_service

SERVICE = "controlling"
BODY_LIMIT = 64 * 1024
LOOP_LIMIT = timedelta(minutes=10)
RETAINS = {
    "case_event": case_files.EMPTY,
    "early_cause": triggers.EMPTY,
    "service_fact": service_store.EMPTY_FACTS,
    "service_alarm": service_store.EMPTY_ALARMS,
}
"""By table: the statement that empties old rows."""


def create_app(settings: Settings) -> FastAPI:
    """Wire the service; nothing is opened before it starts."""
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    health = Health()
    seed_key = KeyRing(settings.secrets, SecretName.SEED_ENCRYPTION_KEY)
    keys: dict[SecretName, SecretBytes | KeyRing] = {
        SecretName.SEED_ENCRYPTION_KEY: seed_key,
        SecretName.PSEUDONYM_KEY: settings.secrets.key(SecretName.PSEUDONYM_KEY),
    }
    organisation = load_organisation(settings.organisation_file)
    first = load_policy(settings.policy_file)
    types = DecisionTypes.load()
    periods = Periods(seed_key, first, types, organisation)
    frame = Frame(types, organisation.jurisdiction.time_zone, organisation)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_spine(
            SERVICE,
            settings,
            health,
            publishes=(Topic.REVIEW_EVENTS,),
            handlers=partial(_handlers, periods, frame, organisation.groups_of_services),
            retains=RETAINS,
            keys=keys,
            requires=partial(
                _required,
                first=first,
                organisation=organisation,
                production=settings.production,
            ),
        ) as spine:
            app.state.pool = spine.pool
            calendar = Calendar.of(organisation)
            async with AsyncExitStack() as loops:
                await loops.enter_async_context(
                    spine.looking(settings, looks(spine.pool, calendar, settings))
                )
                for loop, (cadence, work) in _loops(
                    settings, organisation, spine, seed_key, periods
                ).items():
                    await loops.enter_async_context(spine.every(cadence, work, loop, LOOP_LIMIT))
                yield

    app = create_service(
        SERVICE,
        lifespan=lifespan,
        health=health,
        body_limit=BODY_LIMIT,
        hosts=settings.hosts,
    )
    home = settings.workbench_url
    add_public_pages(app, organisation, None if home is None else str(home))
    return app


async def _required(
    pool: Pool, *, first: Policy, organisation: Organisation, production: bool
) -> None:
    """Refuse a policy that isn't what its version meant, a vanished unit, invented periods."""
    await require_bound(pool, first)
    await require_successors(pool, organisation)
    if production:
        await require_real(pool)


def _loops(
    settings: Settings, organisation: Organisation, spine: Spine, seed_key: Key, periods: Periods
) -> Mapping[Loop, tuple[timedelta, Work]]:
    """Give what is done every so often, each with its cadence."""
    zone = organisation.jurisdiction.time_zone
    closer = Closer(spine.pool, seed_key, zone, spine.committed)
    coming = Opener(
        spine.pool,
        periods,
        settings.periods_ahead,
        spine.holding(Loop.PERIOD_OPENER),
        spine.committed,
    )
    held_periods = spine.holding(Loop.PERIOD_CLOSER)
    finder = TwinFinder(spine.pool, spine.holding(Loop.TWIN_FINDER))
    rounds = TwinRounds(spine.pool, seed_key, zone, spine.committed)
    held_rounds = spine.holding(Loop.TWIN_ROUNDS)
    chainer = Chainer(spine.pool, spine.holding(Loop.REGISTER_CHAIN))
    heads = HeadAnnouncer(spine.pool, zone, spine.holding(Loop.REGISTER_HEADS), spine.committed)
    loops: dict[Loop, tuple[timedelta, Work]] = {
        Loop.PERIOD_OPENER: (
            opening.LOOK,
            spine.clock.sure(lambda: coming.open_due(datetime.now(UTC))),
        ),
        Loop.PERIOD_CLOSER: (
            closing.LOOK,
            spine.clock.sure(lambda: closer.close_due(datetime.now(UTC), held_periods)),
        ),
        Loop.REGISTER_CHAIN: (chaining.LOOK, chainer.look),
        Loop.REGISTER_HEADS: (
            chain_heads.LOOK,
            spine.clock.sure(lambda: heads.announce_due(datetime.now(UTC))),
        ),
        Loop.TWIN_FINDER: (twins.LOOK, finder.look),
        Loop.TWIN_ROUNDS: (
            twin_rounds.LOOK,
            spine.clock.sure(lambda: rounds.draw_due(datetime.now(UTC), held_rounds)),
        ),
        Loop.LOTS: (lots.LOOK, LotFinder(spine.pool, spine.holding(Loop.LOTS)).look),
        **_loops_of_reviews(settings, organisation, spine),
        **_loops_of_service(organisation, spine),
    }
    if settings.time_stamp_url is not None:
        stamper = Stamper(
            spine.pool,
            str(settings.time_stamp_url),
            certificates(settings.time_stamp_certificate),
            spine.holding(Loop.TIME_STAMPING),
        )
        loops[Loop.TIME_STAMPING] = (stamping.LOOK, stamper.stamp_due)
    return _held_back(loops, Release(spine.pool, SERVICE))


def _loops_of_reviews(
    settings: Settings, organisation: Organisation, spine: Spine
) -> Mapping[Loop, tuple[timedelta, Work]]:
    calendar = Calendar.of(organisation)
    opener = ReviewOpener(spine.pool, calendar, spine.holding(Loop.REVIEWS), spine.committed)
    names = Pseudonymiser(settings.secrets.key(SecretName.PSEUDONYM_KEY).get_secret_value())
    finder = RecusalFinder(spine.pool, names, calendar.zone, spine.holding(Loop.RECUSAL))
    return {
        Loop.REVIEWS: (reviews.LOOK, opener.look),
        Loop.RECUSAL: (recusal.LOOK, finder.look),
    }


def _loops_of_service(
    organisation: Organisation, spine: Spine
) -> Mapping[Loop, tuple[timedelta, Work]]:
    law = Clocks.of(organisation)
    counter = FigureCounter(spine.pool, law, spine.holding(Loop.SERVICE_FIGURES))
    alarms = AlarmRaiser(spine.pool, law, spine.holding(Loop.SERVICE_ALARMS), spine.committed)
    return {
        Loop.SERVICE_FIGURES: (service_figures.LOOK, counter.look),
        Loop.SERVICE_ALARMS: (
            service_alarms.LOOK,
            spine.clock.sure(lambda: alarms.look(datetime.now(UTC))),
        ),
    }


def _held_back(
    loops: Mapping[Loop, tuple[timedelta, Work]], release: Release
) -> Mapping[Loop, tuple[timedelta, Work]]:
    """Let what processes of the release before couldn't follow wait for the end of an upgrade."""
    waiting = (Loop.PERIOD_OPENER, Loop.PERIOD_CLOSER, Loop.REGISTER_HEADS)
    return {
        loop: (cadence, release.finished(loop, work) if loop in waiting else work)
        for loop, (cadence, work) in loops.items()
    }


def _handlers(
    periods: Periods, frame: Frame, groups: Mapping[str, str], clock: Clock
) -> Mapping[Topic, Handler]:
    return {
        Topic.CASE_EVENTS: CaseEvents(frame, periods, groups, clock.certain),
        Topic.OFFICE_EVENTS: OfficeEvents(frame, periods),
    }
