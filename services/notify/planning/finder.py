"""What was to be told before anybody knew how: it leaves as soon as the contact data come."""

from collections.abc import Collection
from dataclasses import dataclass

from services.notify.message import Ended
from services.notify.messages.catalogue import Messages
from services.notify.planning import store
from services.notify.recipients.preferences import route
from services.notify.recipients.store import wishes
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class LateContacts:
    """Finds the ways of messages that wait for contact data.

    Attributes:
        messages: Which ways a message may take.
        carried: The channels that somebody carries.
    """

    messages: Messages
    carried: frozenset[Channel]

    async def tell(self, connection: Connection, contact_refs: Collection[str]) -> list[Ended]:
        """Send what waits for these recipients on its way; gives what has none and ended."""
        waiting = await store.awaiting(connection, contact_refs)
        if not waiting:
            return []
        known = await wishes(connection, list({one.contact_ref for one in waiting}), self.carried)
        routed = []
        for one in waiting:
            kind = self.messages.by_name.get(one.name)
            if kind is None or one.contact_ref not in known:
                continue
            offered = kind.description.channels
            way = route(offered, kind.texts, known[one.contact_ref])
            channel = next(iter(way.channels), offered[0])
            routed.append(store.Routed(one.id, channel, way.language, way.reason))
        return await store.route(connection, routed)
