"""What can be wrong with rules of law kept as data."""

from collections.abc import Sequence

from shared.configuration.yaml_file import FileInvalid
from shared.errors import PermanentError


class DecisionTypesInvalid(FileInvalid):
    """The catalogue of decision types can't be used; the message names line, field and mend."""


class NotificationRulesInvalid(FileInvalid):
    """The table of notification rules can't be used; the message names line, field and mend."""


class TimeLimitsInvalid(FileInvalid):
    """The table of time limits can't be used."""


class ParticipationsInvalid(FileInvalid):
    """The table of bodies that must take part can't be used."""


class LawInvalid(PermanentError):
    """Files of the law can't be used; everything that is wrong in any of them is told."""

    def __init__(self, files: Sequence[FileInvalid]) -> None:
        super().__init__("\n".join(map(str, files)))
