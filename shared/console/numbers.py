"""Numbers on a command line: exact as they are written, short as they are read."""

import re
from fractions import Fraction
from math import isfinite
from typing import Any

import click

UNKNOWN = "-"
_LONGEST = 50
_EXPONENT = re.compile(r"[eE][+-]?(\d+)")


class Number(click.ParamType[Fraction]):
    """A number as it is written, exact: 0.1 is a tenth.

    One with more digits than anybody writes is refused: 1e-999999999 would fill the memory.
    """

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        """Read `0.05`, `.05` or `1/20`."""
        text = str(value).replace("_", "")
        exponent = _EXPONENT.search(text)
        if len(text) > _LONGEST or (exponent and int(exponent[1]) > _LONGEST):
            self.fail(f"a number has at most {_LONGEST} digits", param, ctx)
        try:
            return Fraction(text)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a number like 0.05 or 1/20", param, ctx)


class FiniteRange(click.FloatRange):
    """A number in a range; `nan` lies in none."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - click's
        """Read it."""
        found = super().convert(value, param, ctx)
        if not isfinite(found):
            self.fail(f"{value!r} is not a number {self._describe_range()}", param, ctx)
        return found


SHARE = Number()
COUNT = click.IntRange(min=0, max=10**12)
"""Behind 10^12 floats can't tell neighbours apart any more, as formulas must."""


def percent(share: float | None) -> str:
    """Write a share for people."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"
