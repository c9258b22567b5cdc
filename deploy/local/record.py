"""What the local stack remembers between runs."""

from pathlib import Path

from pydantic import BaseModel, ValidationError


class StackRecord(BaseModel):
    """The content of `stack.json`.

    Attributes:
        ports: Port per part, tried first at the next start.
        addresses: Address per part; true only while the supervisor's lock is held.
        ready_under: The supervisor under which everything has answered; another one's word, of
            a run before, says nothing.
    """

    ports: dict[str, int] = {}
    addresses: dict[str, str] = {}
    ready_under: int | None = None


def load(path: Path) -> StackRecord:
    """Read the record; an unreadable one is an empty one, for it only saves time."""
    try:
        return StackRecord.model_validate_json(path.read_text())
    except (FileNotFoundError, ValidationError):
        return StackRecord()


def save(path: Path, record: StackRecord) -> None:
    """Write the record in one step, so that a reader never sees half of it."""
    draft = path.with_suffix(".draft")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(record.model_dump_json(indent=2))
    draft.replace(path)
