"""The handle of a mailbox at the central portal (BundID), in normal form. Pure."""

import re

from services.notify.recipients.errors import MailboxHandleInvalid
from shared.security.personal import Personal

_HANDLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_handle(text: str) -> bool:
    """Tell whether a text has the form of a handle, a UUID."""
    return _HANDLE.fullmatch(text.strip()) is not None


def read(text: str) -> Personal[str]:
    """Write a handle in small letters, as portals do.

    Raises:
        MailboxHandleInvalid: It is no UUID; whether there is such a mailbox, only the portal knows.
    """
    if not is_handle(text):
        raise MailboxHandleInvalid
    return Personal(text.strip().lower())
