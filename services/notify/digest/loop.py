"""Tells staff each working morning what waits for them: one mail of each kind at most.

One mail a day, however much there is: when a mail server refuses everybody, nobody needs a
thousand.
"""

import logging
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from services.notify.channels.email.carrier import SmtpConnection
from services.notify.channels.email.writing import Mail, compose
from services.notify.digest import store
from services.notify.digest.kind import Kind, addresses
from services.notify.messages.catalogue import Messages
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import render
from services.notify.messages.text import BINDING_LANGUAGE
from services.notify.sending.answer import Answer
from shared.held_items.holding import Holding
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool

logger = logging.getLogger(__name__)

MORNING = time(7)
AHEAD = 3
"""Working days before its last one from which on a review is due; the message says so."""
LOOK = timedelta(minutes=5)
HELD = timedelta(minutes=15)

# Made once at random; another one would make every digest a new mail.
_IDENTITIES = UUID("6a1c0b0e-6a7b-4a38-8a3b-5a43c3d0b7a1")


class Digest:
    """Looks every few minutes which of this morning's mails have left; many processes send one."""

    def __init__(
        self,
        pool: Pool,
        connection: SmtpConnection,
        messages: Messages,
        organisation: Organisation,
        sender: Sender,
        *,
        holding: Holding,
    ) -> None:
        """Wire it; `holding` sets mails aside that can't be written."""
        self._pool = pool
        self._connection = connection
        self._messages = messages
        self._organisation = organisation
        self._addresses = addresses(organisation.authority)
        self._calendar = Calendar.of(organisation)
        self._sender = sender
        self._holding = holding

    async def look(self, now: datetime) -> None:
        """Tell staff if it is time and nobody has.

        Raises:
            ProviderUnreachable: The mail server is away; the next look tries again.
        """
        day = self._calendar.day_of(now)
        early = now < self._calendar.moment(day, MORNING)
        if early or not self._calendar.is_working_day(day):
            return
        passed_over = await self._holding.look()
        for kind in self._addresses:
            if _item(kind, day) not in passed_over:
                await self._tell(kind, day, now)

    async def _tell(self, kind: Kind, day: date, now: datetime) -> None:
        async with self._holding.item(_item(kind, day)):
            ahead = self._calendar.add_working_days(day, AHEAD)
            async with self._pool.acquire() as connection:
                amount = await store.hold_digest(connection, kind, day, now, held=HELD, ahead=ahead)
            if amount is None:
                return
            if amount and not await self._send(self._mail(kind, day, amount, now)):
                return
            async with self._pool.acquire() as connection:
                await store.end_digest(connection, kind, day, now)

    async def _send(self, mail: Mail) -> bool:
        try:
            answer = await self._connection.send(mail)
        finally:
            await self._connection.close()
        if answer is not Answer.ACCEPTED:
            logger.error("the mail server refuses the mail to staff: %s", answer.name)
        return answer is Answer.ACCEPTED

    def _mail(self, kind: Kind, day: date, amount: int, now: datetime) -> Mail:
        rendered = render(
            self._messages.by_name[kind], BINDING_LANGUAGE, {"amount": amount}, self._organisation
        )
        return compose(
            rendered,
            identity=uuid5(_IDENTITIES, _item(kind, day)),
            sender=self._sender,
            recipient=self._addresses[kind],
            dated=now,
        )


def _item(kind: Kind, day: date) -> str:
    return f"{kind} {day}"
