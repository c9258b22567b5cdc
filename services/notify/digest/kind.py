"""What staff are told of in the morning, and who."""

from collections.abc import Mapping
from enum import StrEnum

from shared.organisation.model import Authority


class Kind(StrEnum):
    """What staff are told of; the value is the name of its message."""

    DELIVERY_FAILED = "delivery_failed"
    """No way reached an applicant: somebody must tell them."""
    REVIEWS_DUE = "reviews_due"
    """Reviews end in the next days."""
    REVIEWS_OVERDUE = "reviews_overdue"
    """Reviews should have ended."""
    MEASURES_DUE = "measures_due"
    """Measures end in the next days."""
    MEASURES_OVERDUE = "measures_overdue"
    """Measures should have been carried out."""


def addresses(authority: Authority) -> Mapping[Kind, str]:
    """Give where each kind is read; one without an address is told to nobody."""
    found = {
        Kind.DELIVERY_FAILED: authority.staff_email,
        Kind.REVIEWS_DUE: authority.leadership_email,
        Kind.REVIEWS_OVERDUE: authority.controlling_email,
        Kind.MEASURES_DUE: authority.controlling_email,
        Kind.MEASURES_OVERDUE: authority.leadership_email,
    }
    return {kind: address for kind, address in found.items() if address is not None}
