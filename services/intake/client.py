"""The sending side of intake's API, used by every command that feeds it."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx
from pydantic import SecretStr, ValidationError
from pydantic_core import to_json

from services.intake.outcome import BATCH_LIMIT, BatchOutcome, KnownLog, SentEvent, SentEvents
from shared.configuration.shown_address import shown_address
from shared.contacts.contact import Contact
from shared.errors import PermanentError, TransientError
from shared.events.envelope import BATCH_JSON, CloudEvent
from shared.events.json_format import to_document

_RETRIED = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = timedelta(milliseconds=250)
_LONGEST_PAUSE = timedelta(seconds=30)
_REQUEST_TIMEOUT = timedelta(seconds=60)


class IntakeUnavailable(TransientError):
    """Intake can't be reached, or is too busy for longer than we are willing to wait."""


class IntakeRefused(PermanentError):
    """Intake refuses the request as a whole: wrong token, wrong address, wrong version."""


class IntakeClient:
    """Sends events and contacts to intake, one batch after the other.

    Batches of one client never overtake each other, so the order within a case is the order of
    the calls. A batch whose answer was lost is sent again: intake answers `duplicate` and nothing
    happens twice. Busy answers (429, 503) and lost connections are waited for, as long as
    `patience` lasts per batch.

    Example:
        async with IntakeClient(url, token) as client:
            outcome = await client.send_events(batch)
    """

    def __init__(
        self,
        url: str,
        token: SecretStr,
        *,
        patience: timedelta = timedelta(minutes=2),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._patience = patience
        self._where = shown_address(url)
        self._turn = asyncio.Lock()
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"authorization": f"Bearer {token.get_secret_value()}"},
            timeout=_REQUEST_TIMEOUT.total_seconds(),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send_events(self, events: Sequence[CloudEvent | bytes]) -> BatchOutcome:
        """Send up to 1,000 events, each an envelope or one ready JSON document.

        Raises:
            IntakeUnavailable: intake stayed away or busy for longer than the client's patience.
            IntakeRefused: intake refused the request as a whole.
        """
        _check_size(events)
        documents = (event if isinstance(event, bytes) else to_document(event) for event in events)
        answer = await self._post("/v1/events", b"[" + b",".join(documents) + b"]", BATCH_JSON)
        try:
            outcome = BatchOutcome.model_validate_json(answer.content)
        except ValidationError:
            raise _refused(answer) from None
        if len(outcome.receipts) + len(outcome.errors) != len(events):
            raise _refused(answer)
        return outcome

    async def begin_import(self, source: str, keys: str, mapping: str) -> KnownLog:
        """Announce the import of a log, and learn what was accepted of it before.

        Args:
            source: Whose events they will be.
            keys: What each is known by, in words.
            mapping: Fingerprint of the mapping that makes them.

        Raises:
            IntakeUnavailable: intake stayed away or busy for longer than the client's patience.
            IntakeRefused: the events would have other keys than those sent before, or intake
                refused the request.
        """
        body = to_json({"source": source, "keys": keys, "mapping": mapping})
        answer = await self._post("/v1/imports", body, "application/json")
        if answer.status_code == httpx.codes.CONFLICT:
            raise IntakeRefused(_detail(answer))
        try:
            return KnownLog.model_validate_json(answer.content)
        except ValidationError:
            raise _refused(answer) from None

    async def sent_events(self, source: str, after: str) -> Sequence[SentEvent]:
        """Give some of a log's events that were accepted, behind an id; none: there are no more.

        Raises:
            IntakeUnavailable: intake stayed away or busy for longer than the client's patience.
            IntakeRefused: intake refused the request.
        """
        address = httpx.URL("/v1/imports/events", params={"source": source, "after": after})
        answer = await self._call(self._http.build_request("GET", address))
        try:
            return SentEvents.model_validate_json(answer.content).events
        except ValidationError:
            raise _refused(answer) from None

    async def send_contacts(self, contacts: Sequence[Contact]) -> None:
        """Hand over up to 1,000 contacts; a contact sent again replaces itself.

        Raises:
            IntakeUnavailable: intake stayed away or busy for longer than the client's patience.
            IntakeRefused: intake refused the contacts.
        """
        _check_size(contacts)
        body = b"[" + b",".join(contact.plaintext() for contact in contacts) + b"]"
        answer = await self._post("/v1/contacts", body, "application/json")
        if not answer.is_success:
            raise _refused(answer)

    async def _post(self, path: str, body: bytes, content_type: str) -> httpx.Response:
        headers = {"content-type": content_type}
        return await self._call(
            self._http.build_request("POST", path, content=body, headers=headers)
        )

    async def _call(self, request: httpx.Request) -> httpx.Response:
        async with self._turn, self._within_patience():
            attempt = 0
            while True:
                answer = await self._attempt(request)
                if answer is not None and answer.status_code not in _RETRIED:
                    return answer
                await asyncio.sleep(_pause(answer, attempt).total_seconds())
                attempt += 1

    async def _attempt(self, request: httpx.Request) -> httpx.Response | None:
        """Send once; None when the connection failed, whatever intake may have done by then."""
        try:
            return await self._http.send(request)
        except httpx.UnsupportedProtocol:
            raise IntakeRefused(
                f"{self._where} is no address of intake; it starts with http:// or https://"
            ) from None
        except httpx.TransportError:
            return None

    @asynccontextmanager
    async def _within_patience(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                yield
        except TimeoutError:
            raise IntakeUnavailable(
                f"intake at {self._where} did not take the batch within "
                f"{self._patience.total_seconds():.0f} s; is it up ('gleichfall status')? "
                "Running the command again continues without doubling"
            ) from None


def _check_size(items: Sequence[object]) -> None:
    if len(items) > BATCH_LIMIT:
        raise ValueError(f"a batch holds at most {BATCH_LIMIT} items, not {len(items)}")


def _pause(answer: httpx.Response | None, attempt: int) -> timedelta:
    """Give the wait that intake asks for, else one that doubles, spread so that senders part."""
    asked = None if answer is None else _retry_after(answer.headers.get("retry-after"))
    if asked is not None:
        return asked
    longest: timedelta = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing


def _retry_after(header: str | None) -> timedelta | None:
    """Read Retry-After: seconds or a date (RFC 9110 § 10.2.3); None when absent or unreadable."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return timedelta(seconds=int(header))
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(until - datetime.now(UTC), timedelta())


def _refused(answer: httpx.Response) -> IntakeRefused:
    mend = {
        401: "; check the secret client_token",
        403: "; check the secret client_token and the sources it may send for",
        404: "; check the address",
        413: "; send smaller batches",
    }.get(answer.status_code, "")
    return IntakeRefused(
        f"intake refused the request to {shown_address(str(answer.request.url))} with status "
        f"{answer.status_code}: {_detail(answer)}{mend}"
    )


def _detail(answer: httpx.Response) -> str:
    """Give the problem details' own words (RFC 9457), else the reason phrase."""
    try:
        problem: Any = answer.json()
    except ValueError:
        return answer.reason_phrase
    if not isinstance(problem, dict):
        return answer.reason_phrase
    return str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
