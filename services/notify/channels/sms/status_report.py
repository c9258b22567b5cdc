"""What a status report of the network means, by its TP-Status. Pure."""

from services.notify.reports.receipts import (
    ARRIVED,
    NO_SUCH_ADDRESS,
    NOT_THIS_TIME,
    ON_ITS_WAY,
    Receipt,
)

# 3GPP TS 23.040, 9.2.3.15 (TP-Status).
_RECEIVED = 0x00
_GIVEN_UP = range(0x40, 0x80)
# Incompatible destination, refused by the phone, not obtainable, no interworking.
_NO_SUCH_NUMBER = frozenset({0x41, 0x42, 0x43, 0x45})


def of_sms(status: int) -> Receipt:
    """Read a status report of the network by its TP-Status (3GPP TS 23.040).

    Only `0x00` says that the phone has the message; `0x01` is a network that couldn't confirm it.
    """
    if status == _RECEIVED:
        return ARRIVED
    if status in _NO_SUCH_NUMBER:
        return NO_SUCH_ADDRESS
    if status in _GIVEN_UP:
        return NOT_THIS_TIME
    return ON_ITS_WAY
