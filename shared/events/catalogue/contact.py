"""What happens to a recipient's contact data. The data itself is never in an event."""

from functools import partial

from shared.events.registry import Facts, SubjectKind, fact
from shared.events.vocabulary import Channel, Language

contact_fact = partial(fact, topic=None, subject=SubjectKind.CONTACT)


@contact_fact("contact.registered")
class ContactRegistered(Facts):
    """Contact data were handed to notify, sealed."""

    channels: tuple[Channel, ...] = ()
    language: Language = "de"


@contact_fact("contact.changed")
class ContactChanged(Facts):
    """Contact data were replaced."""

    channels: tuple[Channel, ...] = ()
    language: Language = "de"


@contact_fact("contact.erased")
class ContactErased(Facts):
    """The recipient's key was destroyed; the data can't be read any more."""
