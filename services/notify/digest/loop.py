"""Tells staff each working morning how many applicants no message reached since the last one.

One mail a day, however much fails: when a mail server refuses everybody, nobody needs a thousand.
"""

import logging
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from services.notify.channels.email.carrier import SmtpConnection
from services.notify.channels.email.writing import Mail, compose
from services.notify.digest import store
from services.notify.messages.catalogue import BINDING_LANGUAGE, Messages
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import render
from services.notify.sending.answer import Answer
from shared.held_items.holding import Holding
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool

logger = logging.getLogger(__name__)

MESSAGE = "delivery_failed"
MORNING = time(7)
LOOK = timedelta(minutes=5)
HELD = timedelta(minutes=15)

# Made once at random; another one would make every digest a new mail.
_IDENTITIES = UUID("6a1c0b0e-6a7b-4a38-8a3b-5a43c3d0b7a1")


class Digest:
    """Looks every few minutes whether this morning's mail has left; several processes send one."""

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
        """Wire it; `holding` sets days aside whose mail can't be written."""
        self._pool = pool
        self._connection = connection
        self._kind = messages.by_name[MESSAGE]
        self._organisation = organisation
        self._calendar = Calendar.of(organisation)
        self._sender = sender
        self._holding = holding

    async def look(self, now: datetime) -> None:
        """Tell staff if it is time and nobody has.

        Raises:
            ProviderUnreachable: The mail server is away; the next look tries again.
        """
        day, address = self._calendar.day_of(now), self._organisation.authority.staff_email
        early = now < self._calendar.moment(day, MORNING)
        if address is None or early or not self._calendar.is_working_day(day):
            return
        if day.isoformat() in await self._holding.look():
            return
        async with self._pool.acquire() as connection:
            amount = await store.hold_digest(connection, day, now, HELD)
        if amount is None:
            return
        async with self._holding.item(day.isoformat()):
            if amount and not await self._tell(self._mail(day, amount, address, now)):
                return
            async with self._pool.acquire() as connection:
                await store.end_digest(connection, day, now)

    async def _tell(self, mail: Mail) -> bool:
        try:
            answer = await self._connection.send(mail)
        finally:
            await self._connection.close()
        if answer is not Answer.ACCEPTED:
            logger.error("the mail server refuses the mail to staff: %s", answer.name)
        return answer is Answer.ACCEPTED

    def _mail(self, day: date, amount: int, address: str, now: datetime) -> Mail:
        rendered = render(self._kind, BINDING_LANGUAGE, {"amount": amount}, self._organisation)
        identity = uuid5(_IDENTITIES, day.isoformat())
        return compose(
            rendered, identity=identity, sender=self._sender, recipient=address, dated=now
        )
