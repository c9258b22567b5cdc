"""The draw of a closed period as figures need it: from its export, or from the register."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from services.controlling.figures.sample import Sample, drawn_sample
from services.controlling.proof.errors import DrawDiffers
from services.controlling.proof.export import read_record, verify_file
from services.controlling.proof.record import Entry, Header
from shared.postgres.pool import Pool

_ENTRY = TypeAdapter(Entry)


def sample_in_file(path: Path) -> tuple[str, Sample]:
    """Read period and sample from an export; it is verified first.

    Raises:
        RecordUnreadable, ExportInaccessible: it is no export, or can't be read.
        DrawDiffers: the draw in it is not what seed and policy give.
    """
    report = verify_file(path)
    if report.differences:
        raise DrawDiffers(len(report.differences))
    with path.open("rb") as lines:
        header = Header.model_validate_json(next(lines))
        return header.period, drawn_sample(header, _entries(lines))


async def sample_in_register(pool: Pool, key: str, zone: ZoneInfo) -> Sample:
    """Read the sample of a closed period from the register.

    Raises:
        PeriodUnknown, PeriodOpen: there is no such record.
    """
    header, entries = await read_record(pool, key, zone)
    return drawn_sample(header, entries)


def _entries(lines: Iterator[bytes]) -> Iterator[Entry]:
    """Give all lines but the last, which is the seal."""
    for line, _ in pairwise(lines):
        yield _ENTRY.validate_json(line)
