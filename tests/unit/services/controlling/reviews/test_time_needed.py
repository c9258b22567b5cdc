"""About how long a review takes."""

from datetime import timedelta
from decimal import Decimal

from services.controlling.policy.policy import Policy
from services.controlling.reviews.time_needed import Durations

POLICY = Policy.model_validate({
    "version": "1",
    "default_rate": Decimal("0.1"),
    "review_hours": Decimal("1.5"),
    "rates": (
        {"group": "ending-stay", "rate": Decimal(1), "review_hours": Decimal(3), "why": "Deep."},
        {"group": "family", "rate": Decimal(1), "why": "As long as others."},
    ),
})  # fmt: skip


def test_what_is_measured_counts_before_what_is_assumed() -> None:
    known = Durations({"ending-stay": timedelta(minutes=50)}, POLICY)
    assert known.of("ending-stay/adverse/unit-4") == timedelta(minutes=50)


def test_what_is_assumed_follows_the_policy_s_rules() -> None:
    known = Durations({}, POLICY)
    assert known.of("ending-stay(language:uk)/adverse/unit-4") == timedelta(hours=3)
    assert known.of("family/adverse/unit-3") == timedelta(hours=1.5)
    assert known.of("work/favourable/unit-2") == timedelta(hours=1.5)


def test_before_the_first_period_nothing_is_known() -> None:
    assert Durations({}, None).of("work/favourable/unit-2") is None
