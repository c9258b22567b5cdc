"""What strangers gave, at the door, in logs, in messages."""

from collections.abc import Callable

from tests.cases.case import Case
from tests.cases.strangers import door, importing, messages

CHECKS: dict[str, Callable[[Case], bool]] = {
    **door.CHECKS,
    **importing.CHECKS,
    **messages.CHECKS,
}
