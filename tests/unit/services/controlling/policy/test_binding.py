"""A policy's digest follows what it says, not how that was written or which release reads it."""

from decimal import Decimal

from services.controlling.policy.binding import digest_of
from services.controlling.policy.file import load_policy
from services.controlling.policy.policy import Policy, TriggerKind
from shared.configuration.places import POLICY


def policy(**sections: object) -> Policy:
    return Policy.model_validate({"version": "test", "default_rate": Decimal("0.1"), **sections})


def test_another_content_has_another_digest() -> None:
    assert digest_of(policy()) != digest_of(policy(default_minimum=1))


def test_what_is_kept_has_the_digest_of_the_file() -> None:
    shipped = load_policy(POLICY)
    assert digest_of(Policy.model_validate_json(shipped.model_dump_json())) == digest_of(shipped)


def test_an_entry_that_only_says_the_default_changes_nothing() -> None:
    assert digest_of(policy(close_after_days=7, triggers={})) == digest_of(policy())
    inaction, lost = TriggerKind.INACTION, TriggerKind.APPEAL_LOST
    first = policy(triggers={inaction: {}, lost: {}})
    assert digest_of(policy(triggers={lost: {}, inaction: {}})) == digest_of(first)
