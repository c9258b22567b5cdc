"""Personal data that can be carried but not printed."""

from typing import Generic, NoReturn, TypeVar

Value = TypeVar("Value")


class Personal(Generic[Value]):
    """Wraps a value about a person, so that it can't be printed by accident.

    `repr`, `str` and `format` show `***`, in logs, errors and traces alike; it can't be pickled.
    Who needs the value says so with `reveal`.
    """

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def reveal(self) -> Value:
        """Give the value itself, for the one place that must send or store it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and bool(self._value == other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Personal(***)"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("personal data is never pickled; reveal it where it must be stored")
