"""What can be wrong with rules of law kept as data."""

from shared.configuration.yaml_file import FileInvalid


class DecisionTypesInvalid(FileInvalid):
    """The catalogue of decision types can't be used; the message names line, field and mend."""


class NotificationRulesInvalid(FileInvalid):
    """The table of notification rules can't be used; the message names line, field and mend."""


class TimeLimitsInvalid(FileInvalid):
    """The table of time limits can't be used."""


class ParticipationsInvalid(FileInvalid):
    """The table of bodies that must take part can't be used."""
