"""Hands messages to mailboxes in two steps, the first of which is written down before the second.

A submission is opened, its name is kept, and then the message is put in. Who was killed anywhere
between finds it again: what has left isn't put in once more, and what was opened and never kept
stays empty. So a message arrives once, however often it is tried.
"""

import asyncio
from datetime import timedelta

from services.notify.channels.mailbox import store
from services.notify.channels.mailbox.event_log import of_submission
from services.notify.channels.mailbox.fit_connect import NAME, FitConnect, SubmissionGone
from services.notify.channels.mailbox.security_event import SecurityEvent
from services.notify.channels.mailbox.writing import MailboxMessage, Submission
from services.notify.parts import utc_now
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import SEND_TIMEOUT, ProviderUnreachable
from services.notify.sending.circuit import Circuit, Position
from shared.events.vocabulary import Channel
from shared.observe.metrics import PROVIDER_ERRORS, ProviderName
from shared.postgres.errors import TRANSIENT
from shared.postgres.pool import Pool

BATCH = 16
"""How many are claimed at once: each takes a few requests."""
_PROVIDER = ProviderName(Channel.MAILBOX.value)


class Postbox:
    """A carrier to mailboxes; all sending loops share it."""

    def __init__(self, pool: Pool, fit_connect: FitConnect, *, look_after: timedelta) -> None:
        """Wire it; `look_after` is when a submission's event log is looked at first."""
        self._pool = pool
        self._fit_connect = fit_connect
        self._look_after = look_after
        self._circuit = Circuit()

    @property
    def is_open(self) -> bool:
        """Whether the service is asked now."""
        return self._circuit.position(utc_now()) is not Position.OPEN

    async def open(self) -> None:
        """Log in and get the key that messages are encrypted with, unless both are there.

        Raises:
            ProviderUnreachable: Not now, or the service has failed lately and is left alone.
        """
        if not self.is_open:
            raise ProviderUnreachable(NAME, "too many failures")
        await self._fit_connect.greet()

    async def close(self) -> None:
        """Take leave."""
        await self._fit_connect.close()

    async def send(self, message: MailboxMessage) -> Answer:
        """Hand one message over, unless it has left before.

        Raises:
            ProviderUnreachable: We aren't let in; nothing was handed over.
        """
        self._circuit, may = self._circuit.ask(utc_now())
        if not may:
            raise ProviderUnreachable(NAME, "too many failures")
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                answer = await self._hand_over(message)
        except TimeoutError:
            answer = Answer.UNCLEAR
        except ProviderUnreachable:
            self._failed()
            raise
        if answer is Answer.UNCLEAR:
            self._failed()
        else:
            self._circuit = self._circuit.succeeded()
        return answer

    def _failed(self) -> None:
        self._circuit = self._circuit.failed(utc_now())
        PROVIDER_ERRORS.of(_PROVIDER).inc()

    async def _hand_over(self, message: MailboxMessage) -> Answer:
        try:
            known = await self._opened_before(message)
        except TRANSIENT:
            return Answer.LATER
        if known is not None:
            try:
                if await self._has_left(known):
                    return Answer.ACCEPTED
                return await self._fit_connect.submit(known, message)
            except SubmissionGone:
                pass
        opened = await self._fit_connect.announce(message.sender)
        try:
            async with self._pool.acquire() as connection:
                kept = await store.keep_submission(
                    connection, message.identity, opened, gone=known, look_after=self._look_after
                )
        except TRANSIENT:
            return Answer.LATER
        return await self._fit_connect.submit(kept, message)

    async def _opened_before(self, message: MailboxMessage) -> Submission | None:
        if not message.tried:
            return None
        async with self._pool.acquire() as connection:
            known = await store.submissions(connection, [message.identity])
        return known.get(message.identity)

    async def _has_left(self, submission: Submission) -> bool:
        log = await self._fit_connect.events(submission)
        return of_submission(one for one in log if isinstance(one, SecurityEvent)) is not None
