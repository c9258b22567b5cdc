"""Values at the bounds of what the door lets in, of which every load sends some.

Each is the longest, the largest, the earliest, the last or none at all; people's data hold what
text may hold. What the oracle counts (unit, type, direction, period) stays as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

from shared.events.catalogue.case import (
    ApplicationAcknowledged,
    DocumentsRequested,
    ParticipationRequested,
)
from shared.events.envelope import EARLIEST
from shared.events.registry import Facts
from shared.law.months import add_months

_LONGEST_KEY = "k" * 64
_EASTMOST, _WESTMOST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
_LAST_PLAN = add_months(datetime.now(UTC).date(), 120) - timedelta(days=1)

FACTS: Sequence[Facts] = (
    DocumentsRequested(items=(_LONGEST_KEY,) * 50, due=None),
    DocumentsRequested(items=("a",), due=_LAST_PLAN),
    ApplicationAcknowledged(complete=None),
    ParticipationRequested(body=_LONGEST_KEY),
)
"""What happens beside decisions."""

DECISIONS: Sequence[Mapping[str, Any]] = (
    {"features": {f"{'f' * 61}-{chr(97 + n % 26)}{n // 26}": _LONGEST_KEY for n in range(32)}},
    {"features": {"most": 9_999, "least": -9_999, "none": 0, "no": False}},
    {"features": {}, "legal_basis": None, "reasons_given": None, "dataref": None},
    {"legal_basis": "§ 9999zz (99z) Abs. 99z Satz 99 Halbsatz 9 Nummer 999z lit. zz AufenthG"},
    {"dataref": "f" * 64, "language": "zh-Hant", "discretion_exercised": None},
    {"language": "sr-Latn-RS", "discretion_exercised": False, "co_signer": None},
)
"""What a decision says beside what is counted."""


def moment(number: int, at: datetime, *, counted: bool) -> datetime:
    """Write a point in time as nobody here would; what nobody counts by it lies at the beginning.

    Args:
        number: Chooses.
        at: When it happened.
        counted: Whether the time decides anything.
    """
    if not counted and number % 2:
        return datetime.combine(EARLIEST, time(), UTC).astimezone(_EASTMOST)
    return at.astimezone(_EASTMOST if number % 3 else _WESTMOST)


_BIDI = "\u202e\u2066محمد\u2069\u202c"
PEOPLE: Sequence[Mapping[str, Any]] = (
    {"language": "ar", "name": f"{_BIDI} Ö\u2019Brien-Łukaszewicz"},
    {
        "language": "uk",
        "name": "Її" * 100,
        "postal_address": ("Ї" * 35, "Kaiserallee 8", "76133 Karlsruhe"),
    },
    {"language": "fr", "name": "a\u0301\u200d\U0001f468\u200d\U0001f469\u200d\U0001f467 \ufeff"},
    {"language": "tr", "name": "İıŞş", "phone": "+49 (0)721 0000000 000000 000000 000000"},
    {"language": "zh-Hant", "email": f"{'l' * 64}@{'.'.join(['d' * 61] * 3)}.org"},
    {"language": "en", "email": "!#$%&'*+/=?^_`{|}~-@xn--mnchen-3ya.example"},
)
"""What contacts hold."""
