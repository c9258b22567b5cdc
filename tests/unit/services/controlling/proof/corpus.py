"""All files that were tampered with, by what was done to them; every verifier is tried on each."""

from tests.unit.services.controlling.proof.gapped import gapped
from tests.unit.services.controlling.proof.malformed import malformed
from tests.unit.services.controlling.proof.stamped_heads import stamped_heads
from tests.unit.services.controlling.proof.tampered import (
    latecomers,
    registers,
    tampered,
    witnesses,
)

CORPUS = [
    *tampered(),
    *registers(),
    *latecomers(),
    *witnesses(),
    *gapped(),
    *stamped_heads(),
    *malformed(),
]
