"""Reviews that are signed and found an error, for tests of what becomes of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from services.controlling.audit.store import changing
from services.controlling.recusal.finder import RecusalFinder
from services.controlling.reviews import answering
from services.controlling.reviews.store import NewAnswer
from services.controlling.reviews.verdict import VERDICTS
from shared.observe.metrics import Loop
from tests.integration.controlling_helpers import ZONE, holding_of
from tests.integration.review_form_helpers import CRITERIA, taken
from tests.integration.review_helpers import CALENDAR, NAMES, Person
from tests.integration.workbench_helpers import Workbench

BY_CODE = {one.code: one for one in CRITERIA.criteria}
FORM = [BY_CODE["V1"], BY_CODE["M2"]]
WRONG = {"V1": "correct", "M2": "significant_error"}
FOUND = "=nicht abgewogen"


async def signs(
    pages: Workbench, account: UUID, review: UUID, grades: Mapping[str, str], verdict: str
) -> None:
    who = Person(account)
    async with changing(pages.app.state.pool) as change:
        for code, grade in {**grades, **dict.fromkeys(VERDICTS, verdict)}.items():
            new = NewAnswer(code, 0, grade, FOUND, {}, "human")
            await answering.save(change, who, review, new, datetime.now(UTC))
        await answering.sign(
            change, who, review, questions=FORM, now=datetime.now(UTC), calendar=CALENDAR
        )


async def account_of(pages: Workbench, login: str) -> UUID:
    found: UUID = await pages.pool.fetchval("SELECT id FROM account WHERE login = $1", login)
    return found


async def reviewed(
    pages: Workbench,
    number: int = 1,
    a_round: int = 1,
    *,
    grades: Mapping[str, str] = WRONG,
    verdict: str = "correct",
) -> None:
    """One reviewer signs; decisions are reviewed twice."""
    login = "leadership" if a_round == 1 else "second"
    account = await account_of(pages, login)
    review = await taken(pages, account, number=number, a_round=a_round)
    await signs(pages, account, review, grades, verdict)


async def raised(pages: Workbench, number: int = 1, *, verdict: str = "correct") -> int:
    """Two reviewers agree on an error; gives the number of the finding."""
    for a_round in (1, 2):
        await reviewed(pages, number, a_round, verdict=verdict)
    await RecusalFinder(pages.pool, NAMES, ZONE, holding_of(pages.pool, Loop.RECUSAL)).look()
    found: int = await pages.pool.fetchval("SELECT max(number) FROM finding")
    return found
