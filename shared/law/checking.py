"""The files of the law in force here, each by itself and one against the other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from shared.configuration.places import law_file
from shared.configuration.yaml_file import FileInvalid
from shared.law import citation, decision_types, notification_rules, participation, time_limits
from shared.law.citation import load_statutes
from shared.law.decision_types import DecisionTypes
from shared.law.errors import LawInvalid
from shared.law.notification_rules import NotificationRules
from shared.law.participation import Participations
from shared.law.time_limits import TimeLimits

FILES = (
    citation.FILE,
    decision_types.FILE,
    notification_rules.FILE,
    participation.FILE,
    time_limits.FILE,
)

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class LawFiles:
    """All that an authority's law is kept in."""

    statutes: frozenset[str]
    types: DecisionTypes
    notification: NotificationRules
    participations: Participations
    limits: TimeLimits

    @classmethod
    def read(cls, folder: Path | None = None) -> Self:
        """Read every file, and look what each says of another.

        Args:
            folder: Where they lie; without it, those in force here.

        Raises:
            LawInvalid: with everything that is wrong in any of them, by file, line and field.
        """
        wrong: list[FileInvalid] = []

        def of(name: str) -> Path:
            return law_file(name) if folder is None else folder / name

        def tried(read: Callable[[], _Read]) -> _Read | None:
            try:
                return read()
            except FileInvalid as error:
                wrong.append(error)
                return None

        statutes = tried(lambda: load_statutes(of(citation.FILE)))
        types = tried(lambda: DecisionTypes.load(of(decision_types.FILE), statutes))
        codes = None if types is None else types.codes
        rules = tried(lambda: NotificationRules.load(of(notification_rules.FILE)))
        bodies = tried(lambda: Participations.load(of(participation.FILE), codes))
        limits = tried(lambda: TimeLimits.load(of(time_limits.FILE), codes))
        if wrong:
            raise LawInvalid(wrong)
        assert statutes is not None
        assert types is not None
        assert rules is not None
        assert bodies is not None
        assert limits is not None
        return cls(statutes, types, rules, bodies, limits)
