"""A version names one content for ever: what was drawn refers to it."""

import hashlib
import json

from services.controlling.policy.policy import Policy


def digest_of(policy: Policy) -> str:
    """Give the digest of what a policy says: SHA-256 of its JSON, keys sorted, without defaults.

    Without defaults, so that an entry which a later release adds changes no digest of before.
    """
    said = policy.model_dump(mode="json", exclude_defaults=True)
    written = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()
