"""What the local stack remembers between runs."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from shared.configuration.places import POLICY_VARIABLE


class StackRecord(BaseModel):
    """The content of `stack.json`.

    Attributes:
        ports: Port per part, tried first at the next start.
        addresses: Address per part; true only while the supervisor's lock is held.
        ready_under: The supervisor under which everything has answered; another one's word, of
            a run before, says nothing.
        policy: The file by which it draws, as it was named last; None where none ever was.
    """

    ports: dict[str, int] = {}
    addresses: dict[str, str] = {}
    ready_under: int | None = None
    policy: str | None = None


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


def with_policy(path: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Give the environment with the policy that is named there, else with the one named last.

    What is named is remembered: the next start goes on with it, whoever starts and from where.
    """
    last = load(path)
    if named := environment.get(POLICY_VARIABLE):
        last = last.model_copy(update={"policy": str(Path(named).absolute())})
        save(path, last)
    return environment if last.policy is None else {**environment, POLICY_VARIABLE: last.policy}
