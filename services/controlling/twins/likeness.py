"""In what a decision is compared with others, by a policy's rule. Pure."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from pydantic_core import from_json, to_json

from services.controlling.policy.policy import Twins
from services.controlling.policy.strata import FEATURE, Stratum
from services.controlling.twins.distance import Case
from shared.events.vocabulary import FeatureValue


class Uncompared(NamedTuple):
    """A decision that was not yet compared with others; `facts` is what its event said, as JSON."""

    decision_id: str
    case_ref: str
    period: str
    type_code: str
    stratum: str
    decided_at: datetime
    facts: str | None

    @property
    def direction(self) -> str:
        """Which way it was decided."""
        return Stratum.parse(self.stratum).direction.value

    def case(self, rule: Twins) -> Case:
        """Give it as a half of a pair."""
        features = self.features(rule)
        values = tuple(features[feature.field] for feature in rule.features)
        return Case(self.decision_id, self.case_ref, self.decided_at, values)

    def block(self, rule: Twins) -> str:
        """Give what must be the same in its twin, as one text."""
        values = self._values(rule.alike_in)
        return to_json(sorted(values.items())).decode()

    def features(self, rule: Twins) -> dict[str, FeatureValue | None]:
        """Give in what it is compared."""
        return self._values([feature.field for feature in rule.features])

    def _values(self, fields: Collection[str]) -> dict[str, FeatureValue | None]:
        facts = {"features": {}, **from_json(self.facts or "{}"), "type_code": self.type_code}
        return {
            field: facts["features"].get(field.removeprefix(FEATURE))
            if field.startswith(FEATURE)
            else facts.get(field)
            for field in fields
        }
