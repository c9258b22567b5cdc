"""The page of the policy: what is reviewed by it, and what comes after it."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.policy.explaining import tolerances
from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.policy.store import timeline
from services.controlling.policy.timeline import PolicyState
from services.controlling.practice.pages import naming, practice_of
from services.controlling.reviews.form.words import Words
from services.controlling.rules import store
from shared.web.pages.refusals import PageRoute
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of

FOLDER = Path(__file__).parent
router = APIRouter(
    prefix="/policy",
    route_class=PageRoute,
    dependencies=[allows(Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR, Role.STAFF_COUNCIL)],
)


@router.get("")
async def policy(request: Request, signed: SignedIn) -> Response:
    """Say which policy holds, what it says, and which ones are to come."""
    law, language = practice_of(request).law, signed.session.language
    today = naming(request, signed).today
    async with pool_of(request).acquire() as connection:
        known = await timeline(connection, _first(request))
        recorded = await store.recorded(connection, today)
    return show(
        request,
        signed,
        "rules.html",
        policy=known.policy_on(today),
        coming=[one for one in known.policies if known.state_of(one, today) is PolicyState.TO_COME],
        otherwise=[
            one for one in recorded if one.version != known.policy_on(one.first_day).version
        ],
        hours=law.organisation.staff.review_hours,
        words=Words(language, law),
        groups={one.key: getattr(one.name, language) for one in law.types.groups},
        types={one.code: one.name for one in law.types.every()},
        kinds=list(TriggerKind),
        tolerances=tolerances,
    )


def _first(request: Request) -> Policy:
    found = request.app.state.first_policy
    assert isinstance(found, Policy)
    return found
