"""When a decision counts as notified (Bekanntgabe), read from `notification_rules.yaml`."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from pydantic import Field

from shared.configuration.yaml_file import Mistake
from shared.events.vocabulary import Code
from shared.law.dated_table import DatedTable
from shared.law.errors import NotificationRulesInvalid
from shared.law.rule import Rule

FILE = "notification_rules.yaml"


class NotificationRule(Rule):
    """How many days after sending a decision counts as notified."""

    statute: Code
    channel: Code
    days: int = Field(ge=0, le=30)
    on_paper: bool = Field(default=False, description="Its way alone shows written form.")

    def notified_on(self, sent_on: date) -> date:
        """Give the day on which a decision sent on a day counts as notified."""
        return sent_on + timedelta(days=self.days)


class NotificationRules(DatedTable):
    """The dated table of rules."""

    file = FILE
    invalid = NotificationRulesInvalid
    rules: tuple[NotificationRule, ...]

    def rule(self, statute: str, channel: str, sent_on: date) -> NotificationRule | None:
        """Give the rule for a decision sent on a day, if there is one."""
        for rule in self.rules:
            if (rule.statute, rule.channel) == (statute, channel) and rule.in_force(sent_on):
                return rule
        return None

    def notified_on(self, statute: str, channel: str, sent_on: date) -> date | None:
        """Give the day of notification of a decision sent on a day; None without a rule."""
        rule = self.rule(statute, channel, sent_on)
        return None if rule is None else rule.notified_on(sent_on)

    def contradictions(self) -> Iterator[Mistake]:
        """Say which rules can't be in force beside each other."""
        for (_, first), (position, second) in combinations(enumerate(self.rules), 2):
            same = (first.statute, first.channel) == (second.statute, second.channel)
            if same and first.overlaps(second):
                yield Mistake(
                    ("rules", position, "valid_from"),
                    "overlaps an earlier rule for the same statute and channel; "
                    "end that with valid_to",
                )
