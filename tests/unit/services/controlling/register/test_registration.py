"""What the register keeps of a decision: all that its event says, but not who decided."""

from services.controlling.policy.strata import FIELDS
from services.controlling.register.registration import facts_of
from shared.events.catalogue.case import DecisionMade
from tests.contract.samples import events

ELSEWHERE = {"decision_id", "type_code", "direction", "unit"}
"""They have columns of their own, or stand in the stratum."""
NOBODY = {"decider", "co_signer"}


def said() -> list[DecisionMade]:
    """The decisions of the corpus."""
    return [one.data for one in events() if isinstance(one.data, DecisionMade)]


def test_every_field_of_the_event_is_kept_but_who_decided() -> None:
    kept = set().union(*map(facts_of, said()))
    assert kept == DecisionMade.model_fields.keys() - ELSEWHERE - NOBODY


def test_what_is_kept_is_what_was_said() -> None:
    for one in said():
        told = {name: value for name, value in facts_of(one).items() if value is not None}
        assert told == {name: getattr(one, name) for name in told}
        assert set(told) == {name for name, value in one if value is not None} - ELSEWHERE - NOBODY


def test_what_isnt_said_is_named_only_where_strata_may_be_made_of_it() -> None:
    less = DecisionMade.model_validate(
        {name: value for name, value in said()[0] if DecisionMade.model_fields[name].is_required()}
    )
    assert set(facts_of(less)) == {*FIELDS, "features"}
