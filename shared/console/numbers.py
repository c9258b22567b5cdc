"""Numbers on a command line: exact as they are written, short as they are read."""

from fractions import Fraction

import click

UNKNOWN = "-"


class Number(click.ParamType[Fraction]):
    """A number as it is written, exact: 0.1 is a tenth."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        """Read `0.05`, `.05` or `1/20`."""
        try:
            return Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a number like 0.05 or 1/20", param, ctx)


SHARE = Number()
COUNT = click.IntRange(min=0)


def percent(share: float | None) -> str:
    """Write a share for people."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"
