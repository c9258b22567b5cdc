"""The whole log as a file, an entry a line (JSON Lines)."""

from collections.abc import AsyncIterable, Sequence
from pathlib import Path

from pydantic_core import to_json

from services.controlling.audit.entry import Link
from shared.configuration.replacing import replacing


async def write(path: Path, batches: AsyncIterable[Sequence[Link]]) -> int:
    """Write the log; gives how many entries it has.

    Args:
        path: The file.
        batches: Its entries, in their order.

    Raises:
        NoFileToReplace, FileUnwritable: the file can't be written; none is left behind then.
    """
    written = 0
    with replacing(path) as torso, torso.open("wb") as file:
        async for batch in batches:
            file.writelines(map(_line, batch))
            written += len(batch)
    return written


def _line(one: Link) -> bytes:
    return to_json({
        "number": one.number,
        "at": one.at,
        "account": one.account,
        "role": one.role,
        "act": one.act,
        "object": one.object,
        "detail": dict(one.detail),
        "previous": one.previous.hex(),
        "hash": one.hash.hex(),
    }) + b"\n"  # fmt: skip
