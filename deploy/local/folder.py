"""Where the local stack keeps everything: one folder, nothing outside of it."""

import os
from dataclasses import dataclass
from pathlib import Path

from shared.configuration.places import ROOT


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one local stack and the places inside."""

    root: Path

    @property
    def kafka(self) -> Path:
        """Kafka's configuration and log directory."""
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        """The private database cluster."""
        return self.root / "postgres"

    @property
    def mail(self) -> Path:
        """The Maildir that takes every mail."""
        return self.root / "mail"

    @property
    def sms(self) -> Path:
        """What the SMS gateways took, a file for each."""
        return self.root / "sms"

    @property
    def printer(self) -> Path:
        """The print folder, and what the simulated print service noted."""
        return self.root / "printer"

    @property
    def fake_fit_connect(self) -> Path:
        """What the fake of FIT-Connect took, and its keys."""
        return self.root / "fake-fit-connect"

    @property
    def secrets(self) -> Path:
        """One file per secret."""
        return self.root / "secrets"

    @property
    def demo_password(self) -> Path:
        """With which invented people sign in to the workbench."""
        return self.root / "demo-password"

    @property
    def truth(self) -> Path:
        """What is really wrong with the decisions that were simulated last."""
        return self.root / "truth.ndjson"

    @property
    def draw(self) -> Path:
        """The draw of a closed period, as anybody may check it."""
        return self.root / "draw.jsonl"

    @property
    def jars(self) -> Path:
        """Jars in Maven's layout."""
        return self.root / "m2"

    @property
    def record(self) -> Path:
        """Ports and addresses, remembered between runs."""
        return self.root / "stack.json"

    @property
    def ending(self) -> Path:
        """Why the last run ended by itself."""
        return self.root / "ending.txt"

    @property
    def data_lock(self) -> Path:
        """Held by every process that works on the data."""
        return self.root / "data.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor, with its process id."""
        return self.root / "supervisor.lock"

    @property
    def logs(self) -> Path:
        """What the processes have said, in this run and in some before."""
        return self.root / "log"

    def log(self, name: str) -> Path:
        """What leads to the log file of one process."""
        return self.logs / f"{name}.log"


CHECKOUT = Folder(ROOT / ".local")
"""What this checkout keeps, whichever stack runs: downloads, the tests' folders."""

STACK = Folder(Path(os.environ.get("GLEICHFALL_STACK_DIR") or CHECKOUT.root).resolve())
"""The folder of the stack that the commands are about."""
