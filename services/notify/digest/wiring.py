"""The mails to staff, wired."""

from collections.abc import Mapping
from datetime import timedelta

from services.notify.channels.email import wiring as email
from services.notify.digest.kind import addresses
from services.notify.digest.loop import LOOK, Digest
from services.notify.parts import Parts, utc_now
from shared.observe.metrics import Loop
from shared.service.loops import Looping

_LIMIT = timedelta(minutes=20)


def wire(parts: Parts) -> Mapping[Loop, Looping]:
    """Put the loop together; none where staff have no address at all."""
    materials = parts.materials
    if not addresses(materials.organisation.authority):
        return {}
    digest = Digest(
        parts.spine.pool,
        email.Wiring(parts.secrets, materials).connection(),
        materials.messages,
        materials.organisation,
        materials.sender,
        holding=parts.spine.holding(Loop.DIGEST),
    )
    rounds = parts.every(LOOK, lambda: digest.look(utc_now()), Loop.DIGEST, _LIMIT)
    return {Loop.DIGEST: rounds}
