"""A print service that prints nothing: it notes each letter of a run and acknowledges it as posted.

It does what docs/operations/printer.md asks of a real one. A process of its own:
`python -m deploy.local.printer --folder FOLDER`.
"""

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event

import click

from deploy.local import child
from deploy.local.folder import Folder

PRINT_FOLDER = "NOTIFY_PRINT_FOLDER"
"""The variable that names a real one's."""
POSTED = "posted.jsonl"
_PAUSE = timedelta(milliseconds=200)


class Printer:
    """The print service of the local stack.

    Args:
        folder: Where its files and the log file are.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @property
    def settings(self) -> Mapping[str, str]:
        """Give notify's settings for it: it acknowledges at once."""
        pause = {"NOTIFY_ACKNOWLEDGEMENT_PAUSE": "PT0.2S"}
        return {PRINT_FOLDER: str(self._folder.printer / "folder")} | pause

    def start(self) -> child.Child:
        """Start the process; nobody waits for it."""
        self._folder.printer.mkdir(parents=True, exist_ok=True)
        return child.start(
            "printer",
            [sys.executable, "-m", "deploy.local.printer", "--folder", str(self._folder.printer)],
            log=self._folder.log("printer"),
        )


def posted_in(printer: Path) -> list[dict[str, str]]:
    """Read what was printed, in order: one line for each letter of each run."""
    file = printer / POSTED
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def print_new(printer: Path) -> Iterator[str]:
    """Print the runs that are new, and give their names; a run is acknowledged by one file."""
    known = {letter["run"] for letter in posted_in(printer)}
    for manifest in sorted((printer / "folder" / "runs").glob("[!.]*/manifest.json")):
        if manifest.parent.name in known:
            continue  # acknowledged: notify takes it away at any moment
        run = json.loads(manifest.read_bytes())
        verdicts = {
            sheet["message"]: "posted" if _is_whole(manifest.parent, sheet) else "refused"
            for sheet in run["letters"]
        }
        with (printer / POSTED).open("a", encoding="utf-8") as file:
            for message in verdicts:
                file.write(f"{json.dumps({'run': run['run'], 'message': message})}\n")
        _acknowledge(printer / "folder" / "acknowledgements", run["run"], verdicts)
        yield run["run"]


def _is_whole(folder: Path, sheet: Mapping[str, str]) -> bool:
    return sha256((folder / sheet["file"]).read_bytes()).hexdigest() == sheet["sha256"]


def _acknowledge(folder: Path, run: str, verdicts: Mapping[str, str]) -> None:
    written = folder / f".{run}"
    written.write_text(json.dumps({"letters": verdicts}), encoding="utf-8")
    written.rename(folder / f"{run}.json")


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where to work.")
def main(folder: Path) -> None:
    """Print until SIGTERM or SIGINT."""
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(_PAUSE.total_seconds()):
        for _ in print_new(folder):
            pass


if __name__ == "__main__":
    main()
