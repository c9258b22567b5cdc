"""What a printer's verdict on a letter means. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from services.notify.channels.letter.print_folder import Verdict
from services.notify.reports.receipts import (
    ARRIVED,
    NO_SUCH_ADDRESS,
    ON_ITS_WAY,
    UNWELCOME,
    Receipt,
)

_LETTERS: Mapping[Verdict, Receipt] = MappingProxyType(
    {
        Verdict.POSTED: ON_ITS_WAY,
        Verdict.REFUSED: UNWELCOME,
        Verdict.RETURNED: NO_SUCH_ADDRESS,
        Verdict.DELIVERED: ARRIVED,
    }
)


def of_letter(verdict: Verdict) -> Receipt:
    """Read what a printer says; that it was posted is no delivery."""
    return _LETTERS[verdict]
