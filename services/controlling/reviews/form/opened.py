"""A review with all that its page shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.criterion import Criterion
from services.controlling.reviews.asked import Sheet
from services.controlling.reviews.life import THIRD, State
from services.controlling.reviews.verdict import Answer as Given


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One of somebody's reviews.

    Attributes:
        group: Of the decision.
        task: What holds it together with reviews of like cases; None: nothing does.
        has_twin: Whether there is a like case with another outcome, whoever reviews it.
        signed_at: When it was signed; None before.
    """

    id: UUID
    decision_id: str
    round: int
    state: State
    form_digest: str | None
    group: str
    task: str | None = None
    has_twin: bool = False
    signed_at: datetime | None = None

    @property
    def works(self) -> bool:
        """Whether it can be answered."""
        return self.state in (State.TAKEN, State.IN_REVIEW)

    @property
    def settles(self) -> bool:
        """Whether it settles where two others differ."""
        return self.round == THIRD


@dataclass(frozen=True, slots=True)
class Opened:
    """A review with all that its page shows.

    Attributes:
        review: Whose page it is.
        case: What happened in the case, seen from the decision.
        order: The codes of all that its catalogue may ask of any case, in the order of the form.
        questions: Everything that the form asks.
        sheet: What is asked, told and answered; of who settles, only where two differ.
        others: Both answers to each question that is to be settled; empty for all others.
    """

    review: Reviewed
    case: CaseFile
    order: Sequence[str]
    questions: Sequence[Criterion]
    sheet: Sheet
    others: Mapping[str, tuple[Given | None, Given | None]]
