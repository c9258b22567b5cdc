"""Writes the dashboards, or holds the files against what is written here: `make check` does."""

import sys
from pathlib import Path

import click

from deploy.dashboards.boards import BOARDS
from deploy.dashboards.drawing import written

FOLDER = Path(__file__).parent / "grafana"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if files differ.")
def main(*, check: bool) -> None:
    """Write each dashboard as Grafana reads it."""
    wanted = {FOLDER / f"{board.key}.json": written(board) for board in BOARDS}
    there = {path: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.json"))}
    if not check:
        for path in there.keys() - wanted.keys():
            path.unlink()
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return
    differing = [
        path.name for path in sorted({*wanted, *there}) if wanted.get(path) != there.get(path)
    ]
    if differing:
        click.echo(f"{', '.join(differing)}: write them with 'python -m deploy.dashboards'")
        sys.exit(1)


if __name__ == "__main__":
    main()
