"""The message log for staff: what a case was told, by which way, why not, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from babel import Locale
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator, Field

from services.notify.follow_up.store import Task
from services.notify.follow_up.store import tasks as open_tasks
from services.notify.messages.catalogue import Messages
from services.notify.messages.text import title_of
from services.notify.operation import store
from services.notify.operation.errors import CannotResend, CannotStop, MessageNotFound, TaskNotFound
from services.notify.operation.interventions import Done, Operator, resend, stop, tell
from services.notify.operation.line import acts_on, line_of, stands
from services.notify.operation.refused import Refused
from services.notify.operation.written import Action, Written
from services.notify.reference import code_of, hash_of
from services.notify.reports.reasons import load_reasons
from services.notify.staff import Act, staff_of
from services.notify.states import State
from shared.events.vocabulary import CaseRef
from shared.postgres.pool import Connection
from shared.web.pages.page import pages_of
from shared.web.pages.refusals import PageRoute
from shared.web.pages.selection import Search
from shared.web.pages.typed import Typed
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
LONGEST = 500
SHOWN = 50
"""Open tasks on the page."""
MOST_TASKS = 10_000
"""Of which a unit's own are looked for."""
_ACTS = {Action.RESENT: Act.RESENT, Action.STOPPED: Act.STOPPED, Action.TOLD: Act.TOLD}
_DO = {Action.RESENT: resend, Action.STOPPED: stop, Action.TOLD: tell}
_REASONS = load_reasons()
router = APIRouter(prefix="/messages", route_class=PageRoute)


class Given(BaseModel):
    """An act on a message as its form sends it.

    Attributes:
        seen: How the message stood on the page.
    """

    act: Action
    reason: Annotated[Typed, BeforeValidator(lambda text: str(text).strip())] = Field(
        default="", max_length=LONGEST, pattern=r"^[^\x00]*$"
    )
    seen: State


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says of the act before it.

    Attributes:
        message: With which something was done, or not.
        done: What was done; `before` that, by somebody else.
        given: What was typed and wasn't done: no reason stands there, or it was refused.
        refused: Why.
    """

    message: UUID | None = None
    done: Action | None = None
    before: bool = False
    given: Given | None = None
    refused: Refused | None = None

    def happened(self, written: Sequence[Written]) -> bool:
        """Tell whether it was done: anybody can write an address that says so.

        What was done before may have been done with another message of the case.
        """
        about = [one for one in written if self.before or one.id == self.message]
        return any(done.action is self.done for one in about for done in one.interventions)

    @property
    def status(self) -> HTTPStatus:
        """The status of a page that says so."""
        if self.given is None:
            return HTTPStatus.OK
        return HTTPStatus.CONFLICT if self.refused else HTTPStatus.UNPROCESSABLE_ENTITY


def _told(
    done: Action | None = None,
    message: UUID | None = None,
    before: Annotated[bool, Query()] = False,  # noqa: FBT002 - a field of the address
) -> Told:
    return Told(message, done, before)


@router.get("")
async def search(request: Request, signed: SignedIn, case: Search = "") -> Response:
    """Lead to the case that somebody names, and list what a person must tell."""
    staff, said = staff_of(request), case.strip()
    async with staff.pool.acquire() as connection:
        unit = staff.own_unit(signed)
        found = await _cases(connection, said, unit) if said else []
        waiting = await _tasks(connection, unit)
    if len(found) == 1:
        return RedirectResponse(f"/messages/cases/{found[0]}", HTTPStatus.SEE_OTHER)
    return show(
        request,
        signed,
        "messages.html",
        said=said,
        found=found,
        own_only=unit is not None,
        tasks=waiting[:SHOWN],
        total=len(waiting),
        code=code_of,
        opens=staff.opens(request, signed),
        names=_Names(staff.messages, signed.session.language),
    )


@router.get("/cases/{case_ref}")
async def of_case(
    request: Request,
    signed: SignedIn,
    case_ref: CaseRef,
    told: Annotated[Told, Depends(_told)],
) -> Response:
    """Show what a case was told."""
    written = await _visible(request, signed, case_ref)
    said = told if told.happened(written) else Told()
    return await _shown(request, signed, case_ref, written, said)


@router.post("/cases/{case_ref}/{message}")
async def act(
    request: Request,
    signed: SignedIn,
    case_ref: CaseRef,
    message: UUID,
    given: Annotated[Given, Form()],
) -> Response:
    """Send a message once more, stop it, or note that its recipient was told otherwise."""
    written = await _visible(request, signed, case_ref)
    if message not in {one.id for one in written}:
        raise _unknown("message-unknown")
    if not given.reason:
        return await _shown(request, signed, case_ref, written, Told(message, given=given))
    staff, by = staff_of(request), f"{signed.account.role}:{signed.account.id}"
    try:
        async with staff.acting() as work:
            done = await _DO[given.act](work.connection, message, Operator(by, given.reason))
            if not done.before:
                on = f"messages:{case_ref}"
                work.note(signed, _ACTS[given.act], on, message=str(message))
    except (CannotResend, CannotStop, TaskNotFound) as error:
        now = await _visible(request, signed, case_ref)
        told = Told(message, given=given, refused=Refused.of(error, given.act))
        return await _shown(request, signed, case_ref, now, told)
    except MessageNotFound as error:
        raise _unknown("message-unknown") from error
    return _to(case_ref, message, done)


def _to(case_ref: str, message: UUID, done: Done) -> Response:
    told = {"done": done.action.value, "message": message, "before": done.before}
    return RedirectResponse(f"/messages/cases/{case_ref}?{urlencode(told)}", HTTPStatus.SEE_OTHER)


def _unknown(name: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, name, "Nothing is kept under this name")


async def _visible(request: Request, signed: Signed, case_ref: str) -> Sequence[Written]:
    """Give the messages of a case, if it is one that somebody may see, the latest first.

    Raises:
        Problem: nothing is known of it, or it is another unit's, or nobody knows whose.
    """
    staff = staff_of(request)
    unit = staff.own_unit(signed)
    async with staff.pool.acquire() as connection:
        if unit is not None and await _unit(connection, case_ref) != unit:
            await staff.note_refused(request, signed)
            raise _unknown("case-untold")
        written = await store.of_case(connection, case_ref)
    if not written:
        raise _unknown("case-untold")
    return written[::-1]


async def _unit(connection: Connection, case_ref: str) -> str | None:
    return (await store.units_of(connection, [case_ref])).get(case_ref)


async def _cases(connection: Connection, said: str, unit: str | None) -> Sequence[str]:
    """Give the cases that somebody means: by pseudonym, or by the code that messages carry.

    Of a unit's own alone if one is given: of another's nobody learns so much as that there is one.
    """
    code = hash_of(said)
    if await store.is_known(connection, said):
        found = [said]
    else:
        found = [] if code is None else await store.cases_of_code(connection, code)
    if unit is None:
        return found
    units = await store.units_of(connection, found)
    return [one for one in found if units.get(one) == unit]


async def _tasks(connection: Connection, unit: str | None) -> Sequence[Task]:
    """Give what a person must tell, of a unit's own cases alone if one is given."""
    found = await open_tasks(connection, MOST_TASKS)
    if unit is None:
        return found
    units = await store.units_of(connection, [one.case_ref for one in found])
    return [one for one in found if units.get(one.case_ref) == unit]


class _Names:
    """What messages, causes and languages are called in the language of a page."""

    def __init__(self, messages: Messages, language: str) -> None:
        self._messages, self._language = messages, language
        self._locale = Locale.parse(language)
        self.reasons = _REASONS[language]

    def title(self, name: str) -> str:
        """Give what a text is about, in its own words; one that is gone by its name."""
        kind = self._messages.by_name.get(name)
        return name if kind is None else title_of(kind, self._language)

    def language(self, key: str) -> str:
        """Name a language."""
        return Locale.parse(key, sep="-").get_display_name(self._locale) or key

    @staticmethod
    def cause(text: str) -> str:
        """Give the key of what asked for a message: an event by its type, or an earlier one."""
        return "message" if text.startswith("message:") else text.removeprefix("gleichfall.")


async def _shown(
    request: Request, signed: Signed, case_ref: str, written: Sequence[Written], told: Told
) -> Response:
    """Show the messages of a case; that somebody looked is an entry of the log, before they do."""
    async with staff_of(request).acting() as work:
        work.note(signed, Act.READ, f"messages:{case_ref}")
    pages, language = pages_of(request), signed.session.language
    names = _Names(staff_of(request).messages, language)
    keys = {f"cause.{names.cause(one.cause)}" for one in written}
    keys |= {f"role.{done.by.split(':')[0]}" for one in written for done in one.interventions}
    return show(
        request,
        signed,
        "messages_of_case.html",
        told.status,
        case_ref=case_ref,
        code=code_of(case_ref),
        written=written,
        arrived=sum(one.state is State.DELIVERED for one in written),
        told=told,
        said=pages.words(language, *keys),
        names=names,
        line_of=line_of,
        stands=stands,
        acts_on=acts_on,
        longest=LONGEST,
    )
