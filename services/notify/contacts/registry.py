"""Registers contacts: opened, checked, encrypted under each recipient's key, stored."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from services.notify.announcing import publish_ends
from services.notify.contacts import store
from services.notify.contacts.normal_form import WrongField, leads_somewhere, normal_form
from services.notify.contacts.vault import StoredContact, Vault
from shared.contacts.contact import Contact
from shared.contacts.handover import SealedContact, open_contact
from shared.errors import PermanentError
from shared.postgres.errors import TRANSIENT, DatabaseUnreachable
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.key_ring import Key

TellLate = Callable[[Transaction, Collection[str]], Awaitable[None]]
"""Sends what waits for these people, or in their cases, on its way."""


class ContactsRefused(PermanentError):
    """Addresses in contacts can't be used; which and why, `wrong` says, and never their values."""

    def __init__(self, wrong: Sequence[WrongField]) -> None:
        super().__init__(f"{len(wrong)} addresses can't be used; each is named with its reason")
        self.wrong = wrong


class Registry:
    """The contact data of all recipients."""

    def __init__(self, pool: Pool, vault: Vault, private_key: Key, tell_late: TellLate) -> None:
        """Wire a registry; `private_key` opens what intake sealed."""
        self._pool = pool
        self._vault = vault
        self._private_key = private_key
        self._tell_late = tell_late

    async def register(self, boxes: Sequence[SealedContact]) -> list[WrongField]:
        """Store or replace contacts, all or none. When this returns, it is committed.

        Of several boxes of one recipient the last one counts.

        Returns:
            Addresses that can't be used, of contacts that have another one: they are left out.

        Raises:
            SealBroken, ContactInvalid: A box can't be used; nothing is stored.
            ContactsRefused: Of one, no address can be used; nothing is stored.
            DatabaseUnreachable: Nothing is known of the outcome; registering again is safe.
        """
        latest = {box.contact_ref: box for box in boxes}
        # Opening a box and reading what is in it takes a fraction of a millisecond, which the event
        # loop can't spare a thousand times.
        contacts, wrong = await asyncio.to_thread(self._open, list(latest.values()))
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                keys = await store.keys_of(connection, list(latest), self._vault.new_key)
                locked = await asyncio.to_thread(self._lock, contacts, keys)
                await store.put_contacts(connection, locked)
                transaction = Transaction(connection)
                await self._tell_late(transaction, list(latest))
                await transaction.flush()
            transaction.tell()
        except TRANSIENT as error:
            raise DatabaseUnreachable("DATABASE_URL", error) from error
        return wrong

    async def erase(self, contact_ref: str) -> None:
        """Destroy a recipient's key; what waits for them ends. When this returns, it is committed.

        Erasing one who isn't there, or not any more, changes nothing.

        Raises:
            DatabaseUnreachable: Nothing is known of the outcome; erasing again is safe.
        """
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                transaction = Transaction(connection)
                # What a representative was to be told goes to the person again.
                alone = await store.unname(connection, contact_ref)
                await self._tell_late(transaction, alone)
                publish_ends(transaction, await store.erase(connection, contact_ref))
                await transaction.flush()
            transaction.tell()
        except TRANSIENT as error:
            raise DatabaseUnreachable("DATABASE_URL", error) from error

    def _open(self, boxes: Sequence[SealedContact]) -> tuple[list[Contact], list[WrongField]]:
        read = [normal_form(open_contact(self._private_key, box)) for box in boxes]
        contacts = [contact for contact, _ in read]
        wrong = [one for _, found in read for one in found]
        if any(found and not leads_somewhere(contact) for contact, found in read):
            raise ContactsRefused(wrong)
        return contacts, wrong

    def _lock(self, contacts: Sequence[Contact], keys: Mapping[str, bytes]) -> list[StoredContact]:
        return [self._vault.lock(contact, keys[contact.contact_ref]) for contact in contacts]
