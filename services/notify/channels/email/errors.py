"""What can go wrong with mails, and with those that come back."""

from shared.errors import PermanentError, TransientError


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
