"""The logs of several processes as one stream, each line with the name of its process."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from deploy.local.child import Child


@dataclass(slots=True)
class _Source:
    name: str
    log: Path
    position: int = 0

    def new_lines(self) -> list[str]:
        """The complete lines written since the last call."""
        with self.log.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self.position:  # it was cut
                self.position = 0
            file.seek(self.position)
            content = file.read()
        complete = content[: content.rfind(b"\n") + 1]
        self.position += len(complete)
        return complete.decode(errors="replace").splitlines()


class LogStream:
    """Copies what processes have written to their log files since the last look.

    Args:
        processes: Whose logs to follow, from their beginning.
        output: Where to.
    """

    def __init__(self, processes: Sequence[Child], output: TextIO) -> None:
        self._sources = [_Source(process.name, process.log) for process in processes]
        self._output = output
        self._width = max((len(source.name) for source in self._sources), default=0)

    def copy_new(self) -> None:
        """Write the new lines; an output that is gone must not end the system."""
        for source in self._sources:
            for line in source.new_lines():
                with suppress(BrokenPipeError):
                    self._output.write(f"{source.name:<{self._width}} | {line}\n")
        with suppress(BrokenPipeError):
            self._output.flush()
