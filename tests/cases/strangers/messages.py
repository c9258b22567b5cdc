"""What strangers gave in messages, after public bug reports of systems like this one."""

from collections.abc import Callable

from tests.cases.case import Case

CHECKS: dict[str, Callable[[Case], bool]] = {}
