"""What reviews found, taken out of the system as a file."""

import csv
from pathlib import Path

from services.controlling.audit.entry import OPERATOR, Act, Entry
from services.controlling.audit.store import changing
from services.controlling.errors import PeriodUnknown
from services.controlling.figures.store import reviews_as_lines
from services.controlling.proof.store import closed_period
from shared.configuration.replacing import replacing
from shared.postgres.pool import Pool


async def export_reviews(pool: Pool, key: str, path: Path) -> int:
    """Write what signed reviews say of a period's decisions; tells of how many.

    Before anything is written, it is noted that it was.

    Args:
        pool: As controlling.
        key: The period.
        path: The file to write, in the form that `gleichfall stats period` reads.

    Raises:
        PeriodUnknown: no decision of that period was ever registered.
        CatalogueMissing: a catalogue with which a review began wasn't kept.
        FileUnwritable: the file can't be written; none is left behind then.
    """
    async with changing(pool) as change:
        if await closed_period(change.connection, key) is None:
            raise PeriodUnknown(key)
        change.note(Entry(None, OPERATOR, Act.EXPORTED, f"reviews:{key}"))
    lines = await reviews_as_lines(pool, key)
    with replacing(path) as torso, torso.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    return len(lines) - 1
