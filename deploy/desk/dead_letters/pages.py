"""Records that a service gave up on: see, repair, send again, give up, in a browser."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from deploy.desk.acting import LONGEST_REASON, OneService, Reason, acting, key_of, only
from deploy.desk.dead_letters.refusals import REASON_MISSING, REFUSALS, Refusal, refusal
from deploy.desk.dead_letters.written_record import LONGEST, repair, written
from services.controlling.accounts.access import allows
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from shared.configuration.places import SERVICES
from shared.dead_letters import settlement, store
from shared.dead_letters.errors import DeadLetterUnknown
from shared.dead_letters.settlement import Operator, Outcome
from shared.dead_letters.store import DeadLetter, Filter, Place, State
from shared.postgres.pool import Connection
from shared.web.pages.refusals import PageRoute
from shared.web.pages.typed import Typed
from shared.web.problems import Problem
from shared.web.sign_in.frame import show
from shared.web.sign_in.recognising import SignedIn, pool_of
from shared.web.sign_in.session import Signed

FOLDER = Path(__file__).parent
MOST = 200
"""How many of a service a list shows, and how many cases a page of those that wait."""
_PLACE = TypeAdapter(Place)
router = APIRouter(
    prefix="/operations", route_class=PageRoute, dependencies=[allows(Role.OPERATIONS)]
)

Long = Annotated[Typed, Form(max_length=LONGEST)]
Settle = Callable[[Connection], Awaitable[Outcome]]
_ACTS = {
    Outcome.REPLAYED: Act.DEAD_LETTER_REPLAYED,
    Outcome.DISCARDED: Act.DEAD_LETTER_DISCARDED,
    Outcome.ACKNOWLEDGED: Act.DEAD_LETTER_ACKNOWLEDGED,
    Outcome.REOPENED: Act.DEAD_LETTER_REOPENED,
}


_DONE = {
    State.REPLAYED: Outcome.REPLAYED,
    State.DISCARDED: Outcome.DISCARDED,
    State.ACKNOWLEDGED: Outcome.ACKNOWLEDGED,
}


@router.get("/dead-letters")
async def dead_letters(
    request: Request, signed: SignedIn, service: OneService = "", *, settled: bool = False
) -> Response:
    """List dead letters, open ones unless those are asked for that are settled, too."""
    wanted = Filter(state=None if settled else State.OPEN, most=MOST)
    async with pool_of(request).acquire() as connection:
        letters = await store.find(connection, wanted, only(service))
    return show(
        request,
        signed,
        "dead_letters.html",
        letters=letters,
        service=service,
        services=SERVICES,
        settled=settled,
        most=MOST,
    )


@router.get("/parked")
async def parked(
    request: Request,
    signed: SignedIn,
    service: OneService = "",
    after: Annotated[str, Query(max_length=1_000)] = "",
) -> Response:
    """List cases with events that wait for an earlier one, a page at a time."""
    behind = _place(after) if after else None
    async with pool_of(request).acquire() as connection:
        number = await store.number_of_gaps(connection, only(service))
        gaps = await store.gaps(connection, only(service), behind=behind, most=MOST + 1)
    shown = gaps[:MOST]
    return show(
        request,
        signed,
        "parked.html",
        gaps=shown,
        number=number,
        after=after,
        further=_PLACE.dump_json(shown[-1].place).decode() if len(gaps) > MOST else None,
        service=service,
        services=SERVICES,
    )


@router.get("/dead-letters/{letter}")
async def dead_letter(
    request: Request, signed: SignedIn, letter: UUID, done: Outcome | None = None
) -> Response:
    """Show a dead letter whole."""
    return _page(request, signed, await _read(request, signed, letter), done=done)


@router.post("/dead-letters/{letter}/replay")
async def replay(
    request: Request,
    signed: SignedIn,
    letter: UUID,
    *,
    reason: Reason = "",
    value: Long = "",
    headers: Long = "",
    dropped: Annotated[Sequence[str], Form()] = (),
) -> Response:
    """Send a dead letter again, repaired as it was typed or as it is."""
    operator = Operator(key_of(signed), reason.strip())

    async def settle(connection: Connection) -> Outcome:
        found = await _known(connection, letter)
        wanted = repair(found[0].record, value, headers, dropped)
        return await settlement.replay(connection, letter, wanted, operator)

    typed = {"value": value, "headers": headers, "dropped": dropped, "reason": reason}
    return await _settle(request, signed, letter, settle, typed)


@router.post("/dead-letters/{letter}/discard")
async def discard(
    request: Request,
    signed: SignedIn,
    letter: UUID,
    *,
    reason: Reason = "",
    sequence: Annotated[str, Form(pattern=r"^\s*(?:[1-9]\d{0,17})?\s*$")] = "",
) -> Response:
    """Give a dead letter up for ever."""
    place = int(sequence) if sequence.strip() else None
    operator = Operator(key_of(signed), reason.strip())
    act = partial(settlement.discard, letter_id=letter, operator=operator, sequence=place)
    return await _settle(request, signed, letter, act, {"sequence": sequence, "reason": reason})


@router.post("/dead-letters/{letter}/acknowledge")
async def acknowledge(
    request: Request, signed: SignedIn, letter: UUID, reason: Reason = ""
) -> Response:
    """Close the entry of a record that somebody else wrote."""
    operator = Operator(key_of(signed), reason.strip())
    act = partial(settlement.acknowledge, letter_id=letter, operator=operator)
    return await _settle(request, signed, letter, act, {"reason": reason})


@router.post("/dead-letters/{letter}/reopen")
async def reopen(request: Request, signed: SignedIn, letter: UUID, reason: Reason = "") -> Response:
    """Open an entry again whose record was sent once more and never arrived."""
    operator = Operator(key_of(signed), reason.strip())
    act = partial(settlement.reopen, letter_id=letter, operator=operator)
    return await _settle(request, signed, letter, act, {"reason": reason})


async def _settle(
    request: Request, signed: Signed, letter: UUID, act: Settle, typed: Mapping[str, object]
) -> Response:
    """Do what was asked for and write it down, both or neither; or show the letter and say why not.

    Who did it stands with the letter and in the log; why, with the letter alone.
    """
    refused = None if str(typed["reason"]).strip() else REASON_MISSING
    if refused is None:
        try:
            async with acting(pool_of(request)) as change:
                outcome = await act(change.connection)
                if outcome is not Outcome.SETTLED_BEFORE:
                    change.note(Entry.by(signed.account, _ACTS[outcome], _named(letter)))
        except DeadLetterUnknown as error:
            raise _unknown() from error
        except REFUSALS as error:
            refused = refusal(error)
        else:
            address = f"/operations/dead-letters/{letter}?done={quote(outcome)}"
            return RedirectResponse(address, HTTPStatus.SEE_OTHER)
    found = await _read(request, signed, letter)
    return _page(request, signed, found, refused=refused, typed=typed)


def _page(
    request: Request,
    signed: Signed,
    letters: Sequence[DeadLetter],
    *,
    done: Outcome | None = None,
    refused: Refusal | None = None,
    typed: Mapping[str, object] | None = None,
) -> Response:
    record = letters[0].record
    states = {letter.state for letter in letters}
    return show(
        request,
        signed,
        "dead_letter.html",
        HTTPStatus.OK if refused is None else HTTPStatus.CONFLICT,
        typed=State.OPEN in states,
        letters=letters,
        record=record,
        written=written(record),
        open=State.OPEN in states,
        replayed=State.REPLAYED in states,
        tried=request.url.path.rpartition("/")[2] if refused else None,
        done=done if done in _happened(letters) else None,
        refused=refused,
        kept=typed or {},
        longest=LONGEST,
        longest_reason=LONGEST_REASON,
    )


def _happened(letters: Sequence[DeadLetter]) -> set[Outcome]:
    """Tell what may have been done with a letter: anybody can write an address that says so."""
    states = {letter.state for letter in letters}
    found = {done for state, done in _DONE.items() if state in states}
    if any(letter.state is State.OPEN and letter.earlier for letter in letters):
        found.add(Outcome.REOPENED)
    return found | {Outcome.SETTLED_BEFORE} if found else found


async def _read(request: Request, signed: Signed, letter: UUID) -> list[DeadLetter]:
    """Give a letter to be shown; who looks stands in the log, for others may have written it."""
    async with acting(pool_of(request)) as change:
        found = await _known(change.connection, letter)
        change.note(Entry.by(signed.account, Act.DEAD_LETTER_READ, _named(letter)))
    return found


async def _known(connection: Connection, letter: UUID) -> list[DeadLetter]:
    found = await store.find(connection, Filter(id=letter))
    if not found:
        raise _unknown()
    return found


def _place(after: str) -> Place:
    try:
        return _PLACE.validate_json(after)
    except ValidationError:
        unfit = "There is no such place in this list"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "list-unfit", unfit) from None


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "dead-letter-unknown", "There is no such dead letter")


def _named(letter: UUID) -> str:
    return f"dead-letter:{letter}"
