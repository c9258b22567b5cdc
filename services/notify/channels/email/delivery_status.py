"""What a delivery status notification means, by its action and enhanced code. Pure."""

import re

from services.notify.reports.receipts import (
    ARRIVED,
    LOST_ON_THE_WAY,
    NO_SUCH_ADDRESS,
    NOT_THIS_TIME,
    ON_ITS_WAY,
    UNWELCOME,
    Receipt,
)

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_PERMANENT = "5"

# RFC 3463: of addresses (X.1) only what is wrong with the recipient's own, not with the sender's.
_NO_SUCH_MAILBOX = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
_ADDRESS, _MAILBOX, _MEDIA, _POLICY = 1, 2, 6, 7
_OUR_OWN = frozenset({(1, 7), (1, 8)})
"""Of addresses, what is wrong with the sender's: ours."""
_TOO_BIG = frozenset({(2, 3), (3, 4)})


def of_mail(action: str, status: str) -> Receipt:
    """Read what a delivery status notification says of one recipient (RFC 3464).

    Args:
        action: `failed`, `delayed`, `delivered`, `relayed` or `expanded` (2.3.3). Relayed and
            expanded mean that nothing more will be told, so they are no delivery.
        status: The enhanced code of RFC 3463, as `5.1.1`.
    """
    match action.strip().lower():
        case "delivered":
            return ARRIVED
        case "failed" | "error":  # OpenSMTPD says the latter
            return _failed_mail(status)
    return ON_ITS_WAY


def _failed_mail(status: str) -> Receipt:
    found = _STATUS.match(status.strip())
    if found is None:
        return LOST_ON_THE_WAY
    kind, subject, detail = found[1], int(found[2]), int(found[3])
    if kind == _PERMANENT and (subject, detail) in _NO_SUCH_MAILBOX:
        return NO_SUCH_ADDRESS
    if subject in {_MEDIA, _POLICY} or (subject, detail) in _TOO_BIG:
        return UNWELCOME
    if (subject, detail) in _OUR_OWN:
        return LOST_ON_THE_WAY
    return NOT_THIS_TIME if subject in {_ADDRESS, _MAILBOX} else LOST_ON_THE_WAY
