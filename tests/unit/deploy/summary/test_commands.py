"""Which events the books expect a message of at once."""

from deploy.summary.commands import told_at_once
from services.notify.messages.catalogue import load_messages


def test_only_what_is_told_at_once_is_expected_at_once() -> None:
    causes = told_at_once(load_messages())

    assert "gleichfall.provisional_paper.issued.v1" in causes
    assert "gleichfall.application.received.v1" in causes, "also for a day to come, and at once"
    assert "gleichfall.permit.issued.v1" not in causes
    assert len(causes) == len(set(causes))
