"""What happens to one message; its content is never in an event."""

from functools import partial
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import Channel, Code, FailureReason, Language, Timestamp

notification_fact = partial(fact, topic=Topic.NOTIFICATION_EVENTS, subject=SubjectKind.CASE)

MessageId = Annotated[
    str,
    StringConstraints(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    Field(description="UUIDv5 of cause, message, recipient and channel."),
]


class NotificationFact(Facts):
    """A step of one message."""

    message_id: MessageId
    message: Code = Field(description="Name of the text, e.g. `application_received`.")
    channel: Channel


@notification_fact("notification.planned")
class NotificationPlanned(NotificationFact):
    """A cause asked for this message."""

    language: Language
    cause: Code = Field(description="Name of the event type that caused it.")


@notification_fact("notification.held")
class NotificationHeld(NotificationFact):
    """The message waits on purpose."""

    until: Timestamp | None = None


@notification_fact("notification.sent")
class NotificationSent(NotificationFact):
    """The message left for its provider."""


@notification_fact("notification.accepted")
class NotificationAccepted(NotificationFact):
    """The provider took the message. Accepted is not delivered."""


@notification_fact("notification.delivered")
class NotificationDelivered(NotificationFact):
    """The provider reported delivery."""


class NotificationEnded(NotificationFact):
    """The message ended without delivery."""

    reason: FailureReason


@notification_fact("notification.bounced")
class NotificationBounced(NotificationEnded):
    """The recipient's server sent the message back."""


@notification_fact("notification.failed")
class NotificationFailed(NotificationEnded):
    """The message could not be sent."""


@notification_fact("notification.expired")
class NotificationExpired(NotificationEnded):
    """The message would have come too late."""


@notification_fact("notification.superseded")
class NotificationSuperseded(NotificationEnded):
    """Another message or event made it needless: a newer one, an earlier one that arrived."""


@notification_fact("notification.suppressed")
class NotificationSuppressed(NotificationEnded):
    """The message must not or cannot be sent to this recipient."""
