"""`gleichfall pseudonym`: identifiers of source systems in, pseudonyms out, line by line."""

import re
import sys
from datetime import UTC, datetime

import click

from shared.errors import PermanentError
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind
from shared.security.secrets import SecretName, SecretStore

_QUARTER = re.compile(r"([0-9]{4})-([1-4])")


class LineUnusable(PermanentError):
    """A line holds no identifier. The message never quotes it."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"line {number} {what}; it must be one identifier in UTF-8")


class _Quarter(click.ParamType[datetime]):
    """A quarter of a year; gives a moment in it."""

    name = "YYYY-Q"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Give the quarter's first moment, read in UTC.

        Raises:
            BadParameter: it is none.
        """
        found = _QUARTER.fullmatch(value)
        if found is None or int(found[1]) == 0:
            self.fail(f"{value} is no quarter; write it as 2026-4", param, ctx)
        return datetime(int(found[1]), 3 * int(found[2]) - 2, 1, tzinfo=UTC)


@click.command()
@click.argument("kind", type=click.Choice([kind.value for kind in PseudonymKind]))
@click.option(
    "--quarter",
    type=_Quarter(),
    help="Of a decider: the quarter of the decisions, on the authority's clock.",
)
def pseudonym(kind: str, quarter: datetime | None) -> None:
    """Read identifiers from standard input, a line each, and print the pseudonym of each.

    The key is the secret `pseudonym_key` in $GLEICHFALL_SECRETS_DIR. A line counts as it stands,
    with its blanks and capitals. A decider has another pseudonym each quarter. How it is computed,
    for any language, with samples to test against: docs/guide/events.md.

    \b
    Examples:
        echo 4711/2026 | gleichfall pseudonym case
        gleichfall pseudonym decider --quarter 2026-4 < staff-numbers.txt
    """
    which = PseudonymKind(kind)
    if (which is PseudonymKind.DECIDER) != (quarter is not None):
        raise click.UsageError("a decider needs --quarter, and nobody else has one")
    key = SecretStore.from_environment().key(SecretName.PSEUDONYM_KEY)
    names = Pseudonymiser(key.get_secret_value())
    for number, line in enumerate(sys.stdin.buffer, start=1):
        value = _identifier(line, number)
        click.echo(
            names.of(which, value) if quarter is None else names.decider(value, quarter, UTC)
        )


def _identifier(line: bytes, number: int) -> str:
    try:
        value = line.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise LineUnusable(number, "is not UTF-8") from None
    if not value.strip():
        raise LineUnusable(number, "is empty")
    return value
