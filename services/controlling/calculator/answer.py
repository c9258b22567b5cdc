"""How the calculator answers: nothing rounded."""

from collections.abc import Mapping

import click

from shared.console.json_text import json_text
from shared.console.numbers import UNKNOWN


def print_figures(figures: Mapping[str, object], *, as_json: bool) -> None:
    """Print what a command found; what is undefined is null, or a dash for people."""
    if as_json:
        click.echo(json_text(figures))
        return
    width = max(map(len, figures))
    for name, figure in figures.items():
        click.echo(f"{name:{width}}  {UNKNOWN if figure is None else _text(figure)}")


def _text(figure: object) -> str:
    return figure if isinstance(figure, str) else json_text(figure)
