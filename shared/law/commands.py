"""`gleichfall law`: the law as its files describe it."""

from pathlib import Path

import click

from shared.configuration import places
from shared.law.checking import FILES, LawFiles


@click.group(name="law")
def law() -> None:
    """Check the files that say which law an authority applies."""


@law.command()
@click.argument(
    "folder",
    metavar="[FOLDER]",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar=places.LAW_VARIABLE,
    default=places.LAW,
)
def check(folder: Path) -> None:
    """Check the law in FOLDER and list everything that is wrong, by file, line and field.

    Without FOLDER, the one that GLEICHFALL_LAW names is checked, or what comes with the system.
    Refused is also what one file says of another: a limit for a decision type that isn't there, a
    legal basis in no known statute. Leaves with 0 when the law can be used, with 1 when it can't.

    \b
    Example:
        gleichfall law check deploy/examples/trade-office/law
    """
    found = LawFiles.read(folder)
    click.echo(
        f"{folder}: files: {len(FILES)}, decision types: {len(found.types.codes)}, "
        f"groups: {len(found.types.groups)}, statutes: {len(found.statutes)}, "
        f"time limits: {len(found.limits.limits)}"
    )
