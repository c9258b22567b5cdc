"""The operator after a storm: settles what controlling refused, with the commands, interrupted."""

import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from deploy.local.folder import CHECKOUT
from deploy.local.services import PROGRAM
from shared.events.event import Event, encode
from tests.chaos.load import Load
from tests.chaos.town import Town

PATIENCE_SECONDS = 60
_AUDIT = ("--by", "ops-chaos", "--reason", "the database refused it")


class Operator:
    """Replays all refused events but the first, which is given up; each as `gleichfall` does it."""

    def __init__(self, town: Town, load: Load, ledger: Mapping[str, int]) -> None:
        self.interrupted = 0
        self._town = town
        self._load = load
        self._event_at = {(one.subject, ledger[name]): name for name, one in load.repairs.items()}
        self._chance = random.Random(load.seed + 4)

    def settle(self, meanwhile: Callable[[], None]) -> dict[str, Event | None]:
        """Settle every open refusal; gives what became of each event.

        The first command for each event is killed at a random moment and given again. What nobody
        expects to be refused stays a dead letter, which the oracle complains of.
        """
        letters: dict[str, list[str]] = defaultdict(list)
        for letter in self._refusals():
            event = self._event_at.get((letter["case"], letter["sequence"]))
            if event is not None:
                letters[event].append(letter["id"])
        settled: dict[str, Event | None] = {}
        for identity, (first, *repeats) in letters.items():
            repair = self._load.repairs[identity] if settled else None
            command = self._command(first, repair)
            self._interrupt(command)
            self._run(command)
            for repeat in repeats:
                self._run(self._command(repeat, None))
            settled[identity] = repair
            meanwhile()
        return settled

    def _refusals(self) -> list[dict[str, Any]]:
        wanted = ("--service", "controlling", "--defect", "handler_refused", "--json")
        answer = self._run(["dead-letters", "list", *wanted])
        found: list[dict[str, Any]] = json.loads(answer)["dead_letters"]
        return found

    def _command(self, letter: str, repair: Event | None) -> list[str]:
        if repair is None:
            return ["dead-letters", "discard", letter, *_AUDIT]
        path = self._town.folder.root / f"repair-{letter}.json"
        path.write_bytes(encode(repair).data or b"")
        return ["dead-letters", "replay", letter, "--data", str(path), *_AUDIT]

    def _interrupt(self, command: list[str]) -> None:
        process = self._start(command)
        time.sleep(self._chance.uniform(0.5, 2.0))
        if process.poll() is None:
            self.interrupted += 1
        process.kill()
        process.communicate()

    def _run(self, command: list[str]) -> str:
        """Give the command again until it goes through: the database may still be coming back."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            process = self._start(command)
            answer, complaint = process.communicate()
            if process.returncode == 0:
                return answer
            if time.monotonic() > deadline:
                raise AssertionError(f"{' '.join(command[:2])} failed: {complaint.strip()}")
            time.sleep(1)

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *PROGRAM, *command],
            cwd=CHECKOUT.root.parent,
            env=os.environ | {"DATABASE_URL": self._town.addresses.database_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
