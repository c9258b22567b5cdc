"""A draw repeated by hand."""

from collections.abc import Sequence
from pathlib import Path

import click

from services.controlling.calculator.answer import print_figures
from services.controlling.calculator.options import choice
from services.controlling.statistics import published_samplers
from services.controlling.statistics.errors import TableInvalid
from shared.console.options import FILE, json_option

LARGEST = 1_000_000
"""So many are drawn in seconds and fit into any memory."""
NUMBER = click.IntRange(-(10**18), 10**18)


@click.command("sampler")
@click.argument("file", required=False, type=FILE)
@click.option("--range", "bounds", type=NUMBER, nargs=2, help="Draw from the numbers A to B.")
@click.option("--seed", required=True, help="Taken as it is written: 0 and 00 differ.")
@click.option("--take", type=click.IntRange(0, LARGEST), required=True, help="How many to draw.")
@click.option(
    "--digits", type=click.IntRange(1, 64), default=9, show_default=True, help="Of a ticket."
)
@click.option("--replacement", is_flag=True, help="Let an id be drawn more than once.")
@click.option(
    "--method",
    type=choice(published_samplers.Method),
    default=published_samplers.Method.CONSISTENT.value,
    show_default=True,
)
@json_option
def sample_of(
    *,
    file: Path | None,
    bounds: tuple[int, int] | None,
    seed: str,
    take: int,
    digits: int,
    replacement: bool,
    method: str,
    as_json: bool,
) -> None:
    """Repeat a draw: from the ids in FILE, one per line, or from a range of numbers.

    \b
    Examples:
        gleichfall stats sampler --seed 314159 --take 4 decisions.txt
        gleichfall stats sampler --seed 1 --take 3 --range 1 1000 --method rivest-2011
    """
    if (file is None) == (bounds is None):
        raise click.UsageError("Give either FILE or --range A B.")
    if bounds and bounds[1] - bounds[0] >= LARGEST:
        raise click.UsageError(f"--range holds more than {LARGEST:,} numbers; draw from fewer")
    ids = _ids(file) if file else range(bounds[0], bounds[1] + 1) if bounds else ()
    if published_samplers.Method(method) is published_samplers.Method.CONSISTENT:
        drawn = published_samplers.consistent(
            ids, seed, take, digits=digits, replacement=replacement
        )
    else:
        drawn = published_samplers.rivest_2011(ids, seed, take, replacement=replacement)
    print_figures({"sample": [one._asdict() for one in drawn]}, as_json=as_json)


def _ids(file: Path) -> Sequence[str | int]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise TableInvalid(file, 1, "can't be read as UTF-8 text") from None
    return [line.strip() for line in lines if line.strip()]
