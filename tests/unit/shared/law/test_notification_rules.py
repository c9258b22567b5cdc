"""When a decision counts as notified."""

from datetime import date
from pathlib import Path

import pytest

from shared.configuration.places import law_file
from shared.law.errors import NotificationRulesInvalid
from shared.law.notification_rules import FILE, NotificationRules

RULES = NotificationRules.load()


@pytest.mark.parametrize(
    ("statute", "channel", "sent", "notified"),
    [
        ("VwVfG", "post", date(2024, 12, 31), date(2025, 1, 3)),
        ("VwVfG", "post", date(2025, 1, 1), date(2025, 1, 5)),
        ("LVwVfG-BW", "post", date(2026, 1, 5), date(2026, 1, 8)),
        ("LVwVfG-BW", "mailbox", date(2026, 1, 5), date(2026, 1, 8)),
        ("VwVfG", "mailbox", date(2020, 12, 10), date(2020, 12, 13)),
    ],
)
def test_the_rule_of_the_statute_and_the_day_of_sending_counts(
    statute: str, channel: str, sent: date, notified: date
) -> None:
    assert RULES.notified_on(statute, channel, sent) == notified


def test_a_mailbox_notified_nobody_before_the_law_said_so() -> None:
    assert RULES.rule("VwVfG", "mailbox", date(2020, 12, 9)) is None


def test_a_rule_says_where_it_stands() -> None:
    rule = RULES.rule("VwVfG", "mailbox", date(2026, 1, 5))

    assert rule is not None
    assert rule.citation == "§ 9 (1) OZG"


def test_an_e_mail_never_notifies() -> None:
    assert RULES.notified_on("VwVfG", "email", date(2026, 1, 5)) is None


def test_two_rules_for_one_day_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    text = law_file(FILE).read_text(encoding="utf-8").replace(", valid_to: 2024-12-31", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotificationRulesInvalid, match="overlaps an earlier rule"):
        NotificationRules.load(path)
