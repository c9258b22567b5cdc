"""A folder that a print service empties: letters lie there in runs, each with its manifest.

A run becomes visible whole, by one rename. It stays until the printer has acknowledged each of its
letters, and what stands in its manifest is never put there again: so a letter is printed once,
whoever is killed when.

    runs/20260302T153000Z-1f0c5e6d/manifest.json, 5f0c1f5e-….pdf, …
    acknowledgements/ANY-NAME.json      written by the printer, moved here when complete
    unreadable/                         acknowledgements that nobody understands
"""

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.notify.channels.letter.writing import Letter

MANIFEST = "manifest.json"
_TORSO_LASTS = timedelta(hours=1)
_WRITING_LASTS = timedelta(minutes=1)
_FOLDER, _FILE = 0o750, 0o640
_RUN_NAME = "%Y%m%dT%H%M%SZ"


class Sheet(BaseModel):
    """One letter of a run: nothing of its recipient.

    Attributes:
        message: The message's identity.
        file: In the same folder.
        sha256: Of the file, hexadecimal.
        pages: How many.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: UUID
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    pages: int = Field(ge=1)


class Manifest(BaseModel):
    """What a run holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    written_at: AwareDatetime
    letters: tuple[Sheet, ...] = Field(min_length=1)


class Verdict(StrEnum):
    """What a printer says of one letter."""

    POSTED = "posted"
    REFUSED = "refused"
    """It can't be printed."""
    RETURNED = "returned"
    """The post brought it back: nobody of that name lives there."""
    DELIVERED = "delivered"
    """The post says so, where it was paid for."""


class Acknowledgement(BaseModel):
    """What a printer writes back, of one run or of several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    letters: Mapping[UUID, Verdict] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """An acknowledgement in its file; None if nobody understands it."""

    file: Path
    acknowledgement: Acknowledgement | None


class PrintFolder:
    """The folder; several processes may share it. All calls wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self._runs = folder / "runs"
        self._acknowledgements = folder / "acknowledgements"
        self._unreadable = folder / "unreadable"
        self._manifests: dict[str, Manifest] = {}

    def open(self) -> None:
        """Make what is missing, and clear away what was never finished.

        Raises:
            OSError: It can't be written to.
        """
        for folder in (self._runs, self._acknowledgements, self._unreadable):
            folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(folder)
        oldest = datetime.now(UTC) - _TORSO_LASTS
        for torso in self._runs.glob(".*"):
            if _changed(torso) < oldest:
                shutil.rmtree(torso, ignore_errors=True)

    def put(self, letters: Sequence[Letter], now: datetime) -> None:
        """Put letters there as one run, but those that lie there already.

        Raises:
            OSError: None of them is there.
        """
        known = {sheet.message for run in self._visible() for sheet in run.letters}
        new = {letter.identity: letter for letter in letters if letter.identity not in known}
        if not new:
            return
        mark = sha256(b"".join(identity.bytes for identity in sorted(new))).hexdigest()[:8]
        name = f"{now.astimezone(UTC):{_RUN_NAME}}-{mark}"
        torso = self._runs / f".{name}"
        shutil.rmtree(torso, ignore_errors=True)
        torso.mkdir(mode=_FOLDER)
        for letter in new.values():
            _write(torso / _file(letter), letter.content)
        sheets = tuple(map(_sheet, new.values()))
        manifest = Manifest(run=name, written_at=now, letters=sheets)
        _write(torso / MANIFEST, manifest.model_dump_json(indent=2).encode())
        _sync(torso)
        torso.rename(self._runs / name)
        _sync(self._runs)

    def answered(self) -> list[Answered]:
        """Give what the printer wrote back; what can't be read may still be being written."""
        written = datetime.now(UTC) - _WRITING_LASTS
        found = [Answered(file, _read(file)) for file in self._acknowledgements.glob("*.json")]
        return [one for one in found if one.acknowledgement or _changed(one.file) < written]

    def settle(self, answered: Answered) -> None:
        """Forget letters that were acknowledged, or set aside what can't be read."""
        if answered.acknowledgement is None:
            answered.file.rename(self._unreadable / answered.file.name)
            return
        said = answered.acknowledgement.letters
        for run in self._visible():
            gone = [sheet for sheet in run.letters if sheet.message in said]
            self._forget(run, gone)
        answered.file.unlink(missing_ok=True)

    def waiting_since(self) -> datetime | None:
        """Tell when the oldest run was written that isn't acknowledged; None if all are."""
        return min((run.written_at for run in self._visible()), default=None)

    def _forget(self, run: Manifest, sheets: Collection[Sheet]) -> None:
        if not sheets:
            return
        folder = self._runs / run.run
        for sheet in sheets:
            (folder / sheet.file).unlink(missing_ok=True)
        if not any(folder.glob("*.pdf")):
            torso = self._runs / f".{run.run}"
            with suppress(FileNotFoundError):  # another process was faster
                folder.rename(torso)
            shutil.rmtree(torso, ignore_errors=True)

    def _visible(self) -> list[Manifest]:
        """Read the manifests of all runs that are there, each once."""
        names = [one.name for one in self._runs.iterdir() if not one.name.startswith(".")]
        found = dict(self._read_manifests(names))
        self._manifests = found
        return list(found.values())

    def _read_manifests(self, names: Collection[str]) -> Iterator[tuple[str, Manifest]]:
        for name in names:
            if (known := self._manifests.get(name)) is not None:
                yield name, known
                continue
            with suppress(FileNotFoundError):  # acknowledged meanwhile, by another process
                written = (self._runs / name / MANIFEST).read_bytes()
                yield name, Manifest.model_validate_json(written)


def _file(letter: Letter) -> str:
    return f"{letter.identity}.pdf"


def _sheet(letter: Letter) -> Sheet:
    return Sheet(
        message=letter.identity,
        file=_file(letter),
        sha256=sha256(letter.content).hexdigest(),
        pages=letter.pages,
    )


def _read(file: Path) -> Acknowledgement | None:
    try:
        return Acknowledgement.model_validate_json(file.read_bytes())
    except ValidationError:
        return None


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _write(path: Path, content: bytes) -> None:
    """Write a file that a power cut doesn't take away."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
