"""What waits in a case goes to whom its person's contact data name now, and to nobody else.

Contact data may come, or change, after messages were planned: § 14(3) VwVfG holds for those, too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid5

from services.notify.announcing import SOURCE, publish_ends, step
from services.notify.contacts import store as contacts_store
from services.notify.contacts.vault import Vault
from services.notify.planning import store
from services.notify.planning.expiry import Times
from services.notify.planning.finder import LateContacts
from services.notify.planning.plan import way_of
from services.notify.planning.store import Moved, Waiting
from services.notify.recipients import store as recipients_store
from services.notify.recipients.addressees import Addressee, addressees
from services.notify.states import State
from shared.events.catalogue.notification import NotificationHeld, NotificationPlanned
from shared.events.event import new_event
from shared.events.registry import Facts
from shared.observe.metrics import MESSAGES, MessageState
from shared.postgres.transaction import Transaction


@dataclass(frozen=True, slots=True)
class FollowedParties:
    """Turns what waits to whom it is for now.

    Attributes:
        late: Finds the ways of what waits for contact data.
        times: How long that waits.
        vault: Encrypts what a message tells anew, for who gets it now.
    """

    late: LateContacts
    times: Times
    vault: Vault

    async def tell(self, transaction: Transaction, contact_refs: Collection[str]) -> None:
        """Send what waits for these people, or in their cases, on its way."""
        connection = transaction.connection
        waiting = await store.waiting_about(connection, contact_refs)
        named = await recipients_store.parties(
            connection, sorted({one.case_ref for one in waiting})
        )
        moved: list[Moved] = []
        left: list[Waiting] = []
        for group in _by_cause(waiting):
            person, present = group[0].person, {one.contact_ref for one in group}
            wanted = addressees(person, named.get(group[0].case_ref, ()))
            moved.extend(
                self._moved(group[0], to) for to in wanted if to.contact_ref not in present
            )
            left.extend(one for one in group if one.contact_ref not in _refs(wanted))
        publish_ends(transaction, await store.turn_away(connection, left))
        if moved:
            await self._enter(transaction, moved)
        found = {*contact_refs, *(one.contact_ref for one in moved)}
        publish_ends(transaction, await self.late.tell(connection, found))

    def _moved(self, source: Waiting, to: Addressee) -> Moved:
        assert to.contact_ref is not None
        now = datetime.now(UTC)
        thread = uuid5(source.thread, to.contact_ref)
        wanted_at = max(now, source.leaves_at)
        return Moved(
            id=way_of(thread, None),
            thread=thread,
            source=source,
            contact_ref=to.contact_ref,
            capacity=to.capacity,
            wanted_at=wanted_at,
            leaves_at=max(wanted_at, self.times.waits_until(now, source.expires_at)),
        )

    async def _enter(self, transaction: Transaction, moved: Sequence[Moved]) -> None:
        connection = transaction.connection
        refs = {one.contact_ref for one in moved} | {one.source.contact_ref for one in moved}
        keys = await contacts_store.keys_of(connection, sorted(refs), self.vault.new_key)
        opened = {ref: self.vault.key_of(ref, wrapped) for ref, wrapped in keys.items()}
        sealed = {}
        for one in moved:
            if one.source.sealed is not None:
                told = opened[one.source.contact_ref].unseal(one.source.thread, one.source.sealed)
                sealed[one.id] = opened[one.contact_ref].seal(one.thread, told.as_json())
        entered = await store.move(connection, moved, sealed)
        for one in (one for one in moved if one.id in entered):
            MESSAGES.of(MessageState.HELD, one.source.channel).inc()
            transaction.reach([step(one.source, one.id, State.HELD)])
            transaction.publish_all(
                new_event(
                    SOURCE,
                    one.source.case_ref,
                    facts,
                    time=datetime.now(UTC),
                    traceparent=one.source.traceparent,
                )
                for facts in _announcements(one)
            )


def _announcements(moved: Moved) -> Iterator[Facts]:
    source = moved.source
    known = {"message_id": str(moved.id), "message": source.name, "channel": source.channel}
    yield NotificationPlanned(**known, language=source.language, cause=source.cause)
    yield NotificationHeld(**known, until=moved.leaves_at)


def _refs(wanted: Sequence[Addressee]) -> set[str | None]:
    return {one.contact_ref for one in wanted}


def _by_cause(waiting: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    """Put together what tells several people the same."""
    found: defaultdict[tuple[str, str, int], list[Waiting]] = defaultdict(list)
    for one in waiting:
        found[one.case_ref, one.name, one.sequence].append(one)
    yield from found.values()
