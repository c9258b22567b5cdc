"""`gleichfall openapi`: intake's interface for machines."""

from pathlib import Path

import click

from services.intake.open_api.document import text
from shared.configuration.replacing import replacing
from shared.console.options import OUT
from shared.errors import GleichfallError


class InterfaceDrift(GleichfallError):
    """The committed document says something else than the code."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} differs from the code. Run `gleichfall openapi --out {path}`")


@click.command()
@click.option("--out", type=OUT, help="Write it to this file.")
@click.option("--check", type=OUT, help="Compare this file with it; exit 1 where it differs.")
def openapi(out: Path | None, check: Path | None) -> None:
    """Describe intake's HTTP interface as an OpenAPI 3.1 document, as `/openapi.json` gives it.

    \b
    Examples:
        gleichfall openapi --out docs/guide/openapi.json
        gleichfall openapi --check docs/guide/openapi.json
    """
    if check is not None:
        if not check.exists() or check.read_text(encoding="utf-8") != text():
            raise InterfaceDrift(check)
        click.echo(f"{check} says what the code does")
    elif out is not None:
        with replacing(out) as torso:
            torso.write_text(text(), encoding="utf-8")
    else:
        click.echo(text(), nl=False)
