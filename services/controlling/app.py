"""Controlling as a service: its handlers on the spine, its HTTP side."""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from services.controlling.handlers import CaseEvents, OfficeEvents
from services.controlling.periods.closing import Closer
from services.controlling.periods.opening import Periods
from services.controlling.periods.stamping import Stamper
from services.controlling.policy.file import load_policy
from services.controlling.proof.pages import add_public_pages
from services.controlling.register.frame import Frame
from services.controlling.settings import Settings
from services.controlling.twins.finder import TwinFinder
from shared.events.registry import Topic
from shared.kafka.consumer import Handler
from shared.law.decision_types import DecisionTypes
from shared.observe.health import Health
from shared.observe.logs import configure_logging
from shared.observe.metrics import Loop
from shared.observe.tracing import configure_tracing
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool
from shared.security.secrets import SecretName
from shared.security.time_stamps import certificates
from shared.service.loops import run_beside
from shared.service.spine import running_spine
from shared.web.application import create_service

SERVICE = "controlling"
BODY_LIMIT = 64 * 1024
LOOP_LIMIT = timedelta(minutes=10)


def create_app(settings: Settings) -> FastAPI:
    """Wire the service; nothing is opened before it starts."""
    configure_logging(SERVICE, settings.log_level)
    configure_tracing(SERVICE)
    health = Health()
    seed_key = settings.secrets.key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    zone = settings.time_zone
    handlers = _handlers(settings, seed_key, zone)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running_spine(
            SERVICE,
            settings,
            health,
            publishes=(Topic.REVIEW_EVENTS,),
            handlers=lambda _: handlers,
        ) as spine:
            app.state.pool = spine.pool
            closer = Closer(spine.pool, seed_key, zone, spine.committed)
            finder = TwinFinder(spine.pool, spine.committed)
            async with (
                _loop(health, Loop.PERIOD_CLOSER, closer.run),
                _loop(health, Loop.TWIN_FINDER, finder.run),
                AsyncExitStack() as stamping,
            ):
                if stamper := _stamper(settings, spine.pool):
                    await stamping.enter_async_context(
                        _loop(health, Loop.TIME_STAMPING, stamper.run)
                    )
                yield

    app = create_service(SERVICE, lifespan=lifespan, health=health, body_limit=BODY_LIMIT)
    add_public_pages(app, load_organisation(settings.organisation_file))
    return app


def _loop(
    health: Health, loop: Loop, run: Callable[[Callable[[], None]], Coroutine[object, object, None]]
) -> AbstractAsyncContextManager[None]:
    """Run a loop that must make progress for the service to be alive."""
    return run_beside(health, loop, run(health.liveness.watch(loop, LOOP_LIMIT).beat))


def _stamper(settings: Settings, pool: Pool) -> Stamper | None:
    if settings.time_stamp_url is None:
        return None
    return Stamper(
        pool, str(settings.time_stamp_url), certificates(settings.time_stamp_certificate)
    )


def _handlers(settings: Settings, seed_key: bytes, zone: ZoneInfo) -> Mapping[Topic, Handler]:
    periods = Periods(seed_key, load_policy(settings.policy_file))
    frame = Frame(DecisionTypes.load(), zone)
    return {
        Topic.CASE_EVENTS: CaseEvents(frame, periods),
        Topic.OFFICE_EVENTS: OfficeEvents(frame, periods),
    }
