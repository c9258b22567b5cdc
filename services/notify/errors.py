"""What can go wrong in notify."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from shared.errors import PermanentError, TransientError
from shared.events.vocabulary import FailureReason


class MessageInvalid(PermanentError):
    """A text or its description can't be used; found when the service starts."""

    def __init__(self, where: Path, *what: str) -> None:
        super().__init__("\n".join(f"{where}: {one}" for one in what))


class MessagesInvalid(MessageInvalid):
    """Texts or descriptions can't be used; everything that is wrong is told, a line each."""

    def __init__(self, found: Iterable[MessageInvalid]) -> None:
        lines = (line for one in found for line in str(one).splitlines())
        PermanentError.__init__(self, "\n".join(dict.fromkeys(lines)))


class ValueMissing(PermanentError):
    """A text needs a value that the cause or the configuration doesn't give."""

    def __init__(self, message: str, what: str) -> None:
        super().__init__(f"message {message}: {what}")


class MessageUnknown(PermanentError):
    """Somebody asks for a message that isn't there."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no message {name}; there are {', '.join(known)}")


class CaseUnknown(PermanentError):
    """Nothing is kept of what a case was told."""

    def __init__(self, case_ref: str) -> None:
        super().__init__(
            f"nothing is known of a case {case_ref}: no event of it asked for a message, or the "
            "retention has ended; a case is named by its pseudonym, case- and 26 characters"
        )


class TextUnavailable(PermanentError):
    """Somebody asks for a language or channel that a message doesn't have."""

    def __init__(self, message: str, wanted: str, offered: Iterable[str]) -> None:
        super().__init__(f"message {message} has no text for {wanted}, only {', '.join(offered)}")


class SmtpUrlInvalid(PermanentError):
    """SMTP_URL can't be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"SMTP_URL {reason}; write it as smtp://host:port, smtp+starttls://user:password@host "
            "or smtps://user:password@host"
        )


class DkimKeyInvalid(PermanentError):
    """The key that mails are signed with can't be used; the message never quotes it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the secret dkim_rsa_pem {what}; put it back from the backup, or remove it and run "
            "'gleichfall secrets create'"
        )


class DkimSelectorInvalid(PermanentError):
    """The name of a DKIM key can't stand in the DNS (RFC 6376, 3.1)."""

    def __init__(self, selector: str) -> None:
        super().__init__(
            f"the DKIM selector {selector!r} can't stand in the DNS: letters, digits and hyphens, "
            "like march2026"
        )


class MailboxUrlInvalid(PermanentError):
    """NOTIFY_BOUNCE_MAILBOX can't be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"NOTIFY_BOUNCE_MAILBOX {reason}; write it as imaps://user:password@host/INBOX"
        )


class MailboxUnreachable(TransientError):
    """The mailbox that mails come back to can't be read."""

    def __init__(self, where: str, cause: BaseException) -> None:
        # The server's own words may quote an address: only the kind of error is told.
        super().__init__(
            f"the mailbox at {where} can't be read ({type(cause).__name__}); reports wait there"
        )


class ReportUnreadable(PermanentError):
    """Somebody gives a mail that reports nothing of a message of ours."""

    def __init__(self) -> None:
        super().__init__(
            "this mail says nothing of one message of ours: it is no report of delivery, or about "
            "a mail of somebody else"
        )


class RunUnacknowledged(TransientError):
    """A printer hasn't said for long what became of letters."""

    def __init__(self, since: datetime) -> None:
        super().__init__(
            f"letters lie in the print folder since {since:%Y-%m-%d %H:%M} UTC and the printer has "
            "not acknowledged them; ask it, see docs/operations/printer.md"
        )


class MessagesOverdue(PermanentError):
    """Messages have not ended though they should have."""

    def __init__(self, amount: int) -> None:
        super().__init__(
            f"{amount:,} messages should have ended: look whether notify is ready (/readyz) and at "
            "its log; they leave by themselves when what they wait for is back"
        )


class OutcomesUnrecorded(TransientError):
    """What became of messages can't be written down; nothing more is sent until it can."""

    def __init__(self, outcomes: int) -> None:
        super().__init__(
            f"what became of {outcomes:,} messages can't be written down: the database is away or "
            "slow, or another session holds a lock; nothing more is sent until it can"
        )


class MessagesUnreadable(PermanentError):
    """Rows of due messages can't be read; `errors` says why, by message."""

    def __init__(self, errors: Mapping[UUID, Exception]) -> None:
        super().__init__(f"{len(errors):,} due messages can't be read from the database")
        self.errors = errors


class OutcomesRefused(PermanentError):
    """The database will never take what became of messages."""

    def __init__(self, states: Collection[str], reason: str) -> None:
        super().__init__(
            f"what became of it ({', '.join(sorted(states))}) can't be written down: {reason}"
        )


class WeightsInvalid(PermanentError):
    """Two providers can't share messages by these weights."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"two providers share messages by weights from 0 to 100, not both resting at 0; {what}"
        )


class MessageNotFound(PermanentError):
    """Somebody names a message that was never asked for."""

    def __init__(self, message: UUID) -> None:
        super().__init__(
            f"there is no message {message}; 'gleichfall messages show CASE' names those of a case"
        )


class NeverLeft(PermanentError):
    """Somebody wants to read a message again that no provider took."""

    def __init__(self, message: UUID) -> None:
        super().__init__(
            f"no provider is known to have taken {message}, or it left before copies were kept; "
            "'gleichfall messages show CASE' says where it stands"
        )


class NothingLeft(PermanentError):
    """Somebody wants to read a message again whose content is gone on purpose."""

    def __init__(self, message: UUID, digest: str) -> None:
        super().__init__(
            f"of {message} only state, times and the hash {digest} are left: its retention has "
            "ended, or its recipient was erased"
        )


class WrittenOtherwise(PermanentError):
    """A message that left is written differently by now."""

    def __init__(self, message: UUID, renewed: Iterable[str]) -> None:
        since = ", ".join(renewed) or "its own code"
        super().__init__(
            f"{message} can't be shown as it left: this release writes other bytes than were "
            f"handed over; changed since: {since}. The release of that time still can"
        )


class Obstacle(StrEnum):
    """Why a message must not be sent once more."""

    MAY_ARRIVE = "may_arrive"
    UNTRUE = "untrue"
    TOO_LATE = "too_late"
    NOT_KEPT = "not_kept"
    WAY_CLOSED = "way_closed"


class CannotResend(PermanentError):
    """A message must not be sent once more.

    Attributes:
        obstacle: Why; pages have words for each.
        reason: Why its way is closed, if it is that.
    """

    def __init__(
        self, message: UUID, obstacle: Obstacle, why: str, reason: FailureReason | None = None
    ) -> None:
        super().__init__(f"{message} is not sent again: {why}. Nothing was done")
        self.obstacle = obstacle
        self.reason = reason


class CannotStop(PermanentError):
    """A message can't be stopped any more."""

    def __init__(self, message: UUID, state: str) -> None:
        advice = "; try again in a moment" if state == "sending" else ""
        super().__init__(f"{message} can't be stopped: it is {state}{advice}. Nothing was done")


class TaskNotFound(PermanentError):
    """Somebody closes a task that isn't there."""

    def __init__(self, message: UUID) -> None:
        super().__init__(
            f"there is no task about {message}; 'gleichfall messages tasks' lists those that wait"
        )
