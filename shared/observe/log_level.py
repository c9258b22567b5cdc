"""How much is logged: what LOG_LEVEL may say."""

from collections.abc import Mapping
from typing import Literal, get_args

from shared.errors import PermanentError

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
VARIABLE = "LOG_LEVEL"


class LogLevelUnknown(PermanentError):
    """The environment asks for a level that there isn't."""

    exit_code = 2

    def __init__(self, found: str) -> None:
        levels = ", ".join(get_args(LogLevel))
        super().__init__(f"{VARIABLE} is {found!r}, must be one of {levels}; or unset it")


def check_log_level(environment: Mapping[str, str]) -> None:
    """Refuse a level that there isn't before anything is done; what is empty says nothing.

    Raises:
        LogLevelUnknown: the environment names one.
    """
    found = environment.get(VARIABLE)
    if found and found not in get_args(LogLevel):
        raise LogLevelUnknown(found)
