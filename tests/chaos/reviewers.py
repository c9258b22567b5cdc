"""People who review while everything breaks, and keep in mind what they were told was saved."""

import asyncio
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex
from threading import Event, Thread
from typing import NamedTuple

import asyncpg
import httpx

from deploy.local.loopback import PLAIN
from services.controlling.accounts import store as accounts
from services.controlling.accounts.account import Role
from services.controlling.accounts.joining import Joining
from services.controlling.audit.store import verify
from services.controlling.reviews.life import State
from shared.postgres.command_pool import on_database_at
from shared.postgres.pool import Pool
from shared.web.sign_in.local import hash_password
from tests.chaos.checks import Verdict
from tests.chaos.town import Town

PROCESS = "workbench"
LOGINS = ("reviewer-1", "reviewer-2")
ENOUGH = 50
"""Answers that were told saved: fewer show nothing."""
_PASSWORD = "correct horse"
_TIMEOUT = 5.0
_PAUSE = 0.2
_SAVED = "gespeichert"


class Told(NamedTuple):
    """An answer that somebody was told is saved.

    Attributes:
        mark: What no other answer says, so that one given again isn't taken for one that was lost.
    """

    review: str
    question: str
    version: int
    mark: str


class Turned(Exception):
    """The page isn't the one that was asked for: the session or the review is another one now."""


class Reviewer(Thread):
    """Takes reviews, answers all of their questions and signs, until stopped.

    Attributes:
        saved: What they were told is saved.
        signed: Reviews that they were told are signed.
    """

    def __init__(self, address: str, login: str) -> None:
        super().__init__(name=login, daemon=True)
        self.saved: list[Told] = []
        self.signed: list[str] = []
        self._address = address
        self._ended = Event()

    def run(self) -> None:
        while not self._ended.is_set():
            # Cut off, or an error page: whatever they weren't told was saved, they do again.
            with suppress(httpx.HTTPError, Turned), self._browser() as browser:
                while not self._ended.is_set():
                    self._review(browser)
            self._ended.wait(_PAUSE)

    def stop(self) -> None:
        self._ended.set()
        self.join()

    @contextmanager
    def _browser(self) -> Iterator[httpx.Client]:
        headers = {"Sec-Fetch-Site": "same-origin"}
        with httpx.Client(
            base_url=self._address, headers=headers, timeout=_TIMEOUT, trust_env=False, verify=PLAIN
        ) as browser:
            form = {"login": self.name, "password": _PASSWORD}
            if browser.post("/sign-in", data=form).status_code != HTTPStatus.SEE_OTHER:
                raise Turned
            yield browser

    def _review(self, browser: httpx.Client) -> None:
        csrf = _field(_page(browser, "/reviews"), "csrf")
        given = _sent(browser, "/reviews/next", {"csrf": csrf})
        review = given.partition("?")[0].removeprefix("/reviews").strip("/")
        if not review:
            self._ended.wait(_PAUSE)  # nothing waits
            return
        place = f"/reviews/{review}"
        if "/form" not in _sent(browser, f"{place}/take", {"csrf": csrf}):
            raise Turned
        for code in dict.fromkeys(re.findall(r"/form\?q=(\w+)", _page(browser, f"{place}/form"))):
            self._answer(browser, review, code)
        self._answer(browser, review, _current(_page(browser, f"{place}/form")))
        signed = _sent(browser, f"{place}/sign", {"csrf": csrf, "confirmed": "true"})
        if "done=signed" in signed:
            self.signed.append(review)

    def _answer(self, browser: httpx.Client, review: str, code: str) -> None:
        page = _page(browser, f"/reviews/{review}/form?q={code}")
        based_on = int(_field(page, "based_on"))
        mark = token_hex(8)
        answer = browser.post(
            f"/reviews/{review}/answers/{code}",
            data={
                "csrf": _field(page, "csrf"),
                "grade": "correct",
                "comment": mark,
                "based_on": str(based_on),
            },
            headers={"X-Requested-With": "fetch"},
        )
        if answer.status_code == HTTPStatus.OK and _SAVED in answer.text:
            self.saved.append(Told(review, code, based_on + 1, mark))
        elif answer.status_code != HTTPStatus.CONFLICT:  # saved before, and never told so
            raise Turned


def _page(browser: httpx.Client, address: str) -> str:
    answer = browser.get(address)
    if answer.status_code != HTTPStatus.OK:
        raise Turned
    return answer.text


def _sent(browser: httpx.Client, address: str, form: dict[str, str]) -> str:
    answer = browser.post(address, data=form)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise Turned
    return answer.headers["location"]


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    if found is None:
        raise Turned
    return found[1]


def _current(page: str) -> str:
    found = re.search(r'data-answer="(\w+)"', page)
    if found is None:
        raise Turned
    return found[1]


@dataclass(frozen=True)
class Reviewers:
    """All of them."""

    people: Sequence[Reviewer]

    @classmethod
    def of(cls, town: Town) -> "Reviewers":
        """Let some people in; they begin when they are started."""
        server = town.addresses.database_url
        asyncio.run(on_database_at(server, town.secrets, "controlling", _let_in))
        return cls([Reviewer(town.url(PROCESS), login) for login in LOGINS])

    def start(self) -> None:
        for one in self.people:
            one.start()

    def stop(self) -> None:
        for one in self.people:
            one.stop()

    @property
    def saved(self) -> list[Told]:
        """What any of them was told is saved."""
        return [told for one in self.people for told in one.saved]

    @property
    def signed(self) -> list[str]:
        """The reviews of which any of them was told that they are signed."""
        return [review for one in self.people for review in one.signed]

    def judge(self, town: Town, verdict: Verdict, announced: Collection[str]) -> None:
        """Compare what they were told with what is there.

        Args:
            town: Where they worked.
            verdict: Where it is counted.
            announced: Decisions of which a completed review was published.
        """
        kept = asyncio.run(_look(town))
        verdict.lost["answers that were told saved"] = len(set(self.saved) - kept.answers)
        verdict.lost["reviews that were told signed"] = len(set(self.signed) - kept.signed)
        verdict.lost["review.completed facts"] = len(kept.completed - set(announced))
        verdict.wrong["completed reviews announced that aren't"] = len(
            set(announced) - kept.completed
        )
        verdict.wrong["breaks in the audit log"] = kept.breaks


async def _let_in(pool: Pool) -> None:
    hashed = hash_password(_PASSWORD)
    async with pool.acquire() as connection, connection.transaction():
        for login in LOGINS:
            joining = Joining(login, login, Role.LEADERSHIP, password_hash=hashed)
            await accounts.add(connection, joining, datetime.now(UTC))


class Kept(NamedTuple):
    """What the database holds of reviews.

    Attributes:
        answers: All of them.
        signed: Reviews that are signed, settled ones among them.
        completed: Decisions whose verdicts are final: nobody else is to review them, or both agree.
        breaks: Entries of the audit log that don't fit the one before.
    """

    answers: set[Told]
    signed: set[str]
    completed: set[str]
    breaks: int


async def _look(town: Town) -> Kept:
    connection = await asyncpg.connect(
        town.addresses.database_url, server_settings={"search_path": "controlling"}
    )
    try:
        answers = await connection.fetch(_ANSWERS)
        reviews = await connection.fetch("SELECT id, state FROM review")
        completed = await connection.fetch(_COMPLETED)
        verified = await verify(connection)
    finally:
        await connection.close()
    return Kept(
        {Told(*row) for row in answers},
        {str(row["id"]) for row in reviews if row["state"] in {State.SIGNED, State.CLOSED}},
        {row["decision_id"] for row in completed},
        len(verified.breaks),
    )


_ANSWERS = "SELECT review::text, question, version, comment FROM answer"
# Everybody finds everything correct here: two who have signed agree.
_COMPLETED = """
SELECT decision_id FROM review GROUP BY decision_id
HAVING bool_and(state IN ('signed', 'closed'))
"""
