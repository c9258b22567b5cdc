"""What can be in the security log."""

from enum import StrEnum


class Occurrence(StrEnum):
    """What happened, as far as it concerns security."""

    REFUSED = "refused"
    """Somebody isn't known, or may not do what they asked for."""
    MALFORMED = "malformed"
    """A request that can't be read."""
    LIMITED = "limited"
    """Somebody sends too much, or guesses."""
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    ADMINISTERED = "administered"
    """Somebody changed who may do what."""
