"""What somebody has signed, in the database."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.controlling.reviews.listed import Sought
from shared.events.vocabulary import DrawReason, FileVerdict
from shared.postgres.paging import Listing, Moment, Order, Page, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class SignedReview:
    """A review that somebody has signed.

    Attributes:
        verdict: What they said of the decision on the file as it was; None: they settled something
            else.
        comparable: Whether others have reviewed the same decision, and all are done.
    """

    id: UUID
    unit: str
    type_code: str
    decided_at: datetime
    reasons: tuple[DrawReason, ...]
    signed_at: datetime
    verdict: FileVerdict | None
    comparable: bool


SIGNED = Listing(
    QUERIES["signed_reviews"],
    {"kind": Words, "unit": Words, "decided": date, "signed": Moment},
    unique={"id": UUID},
    usual="-signed",
)


async def signed_reviews(
    connection: Connection,
    account: UUID,
    verdict: FileVerdict | None,
    sought: Sought,
    order: Order,
) -> Page[SignedReview]:
    """Give a page of what somebody has signed, in whatever order it is asked for."""
    only = verdict and verdict.value
    named = (sought.words, sought.zone)
    found = await SIGNED.page(connection, order, account, sought.text, sought.unit, only, *named)
    return found.each(_read)


def _read(row: dict[str, object]) -> SignedReview:
    reasons, verdict = row["reasons"], row["verdict"]
    assert isinstance(reasons, list)
    read = {
        "reasons": tuple(map(DrawReason, reasons)),
        "verdict": None if verdict is None else FileVerdict(str(verdict)),
    }
    return SignedReview(**(row | read))  # type: ignore[arg-type]
