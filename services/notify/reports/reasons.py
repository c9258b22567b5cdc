"""Why a message didn't arrive, in words for people: what happened, and what to do.

The words stand in one file per language, `reasons.de.yaml` first: staff read German.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import model_validator

from shared.configuration.yaml_file import FileInvalid, Section, load
from shared.events.vocabulary import FailureReason

FOLDER = Path(__file__).parent


class ReasonsInvalid(FileInvalid):
    """A file of reasons can't be used."""


class Words(Section):
    """A reason as staff read it.

    Attributes:
        happened: What happened, as whole sentences.
        advice: What to do now.
    """

    happened: str
    advice: str


class Reasons(Section):
    """All reasons in one language."""

    reasons: dict[FailureReason, Words]

    @model_validator(mode="after")
    def _every_reason_has_words(self) -> Self:
        missing = set(FailureReason) - self.reasons.keys()
        if missing:
            raise ValueError(f"words are missing for {', '.join(sorted(missing))}")
        return self


def load_reasons(folder: Path = FOLDER) -> Mapping[str, Mapping[FailureReason, Words]]:
    """Read the reasons of every language there is a file of, by language.

    Raises:
        ReasonsInvalid: A file is wrong or lacks a reason; the message says where.
    """
    return {
        path.name.split(".")[1]: load(path, Reasons, invalid=ReasonsInvalid).reasons
        for path in sorted(folder.glob("reasons.*.yaml"))
    }
