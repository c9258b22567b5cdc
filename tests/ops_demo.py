"""`make ops-demo`: four faults on a running stack, what fired, what ended it.

It plays on a stack of its own, for nobody's data should be broken to show something, and ends it.
"""

import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from textwrap import indent

from deploy.local import presence
from deploy.local.folder import STACK, Folder
from tests.runbooks import runbook, words_of
from tests.watched import FAULTS, Fault, NothingComes, Operator, Watch, wait_until, watching

FOLDER = Folder(STACK.root / "ops-demo")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Play from beginning to end; what was started ends, whatever happens."""
    if presence.running(FOLDER) is not None:
        sys.exit(f"a demo is running already, in {FOLDER.root}: let it end")
    shutil.rmtree(FOLDER.root, ignore_errors=True)
    FOLDER.root.mkdir(parents=True)
    operator = Operator(FOLDER)
    for ending in ENDINGS:
        signal.signal(ending, interrupt)
    try:
        demonstrate(operator)
    except KeyboardInterrupt:
        say("\ninterrupted")
        sys.exit(130)
    except NothingComes as nothing:
        sys.exit(f"  {nothing}: what each process said is in {FOLDER.logs}")
    finally:
        be_in_no_hurry()
        say("\nending what was started")
        say(operator.call("down").rstrip())


def interrupt(*_: object) -> None:
    """End what was started, once."""
    be_in_no_hurry()
    raise KeyboardInterrupt


def be_in_no_hurry() -> None:
    """Hear no Ctrl-C any more: an impatient one would leave things running."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)


def demonstrate(operator: Operator) -> None:
    """Let each fault happen under the eyes of Prometheus and Alertmanager."""
    say("starting a stack of its own, for about half a minute; one that runs already is left alone")
    say(operator.call("up", "--detach").rstrip())
    watched = FOLDER.root / "watching"
    watched.mkdir()
    with watching(watched, operator) as watch:
        say(f"Prometheus {watch.prometheus}, Alertmanager {watch.alertmanager}, both until the end")
        for number, fault in enumerate(FAULTS, start=1):
            say(f"\n{number} of {len(FAULTS)}: {fault.alert}")
            play(fault, operator, watch)
    say(f"\nall {len(FAULTS)} have fired and cleared")


def play(fault: Fault, operator: Operator, watch: Watch) -> None:
    """Let a fault happen, and mend it as its runbook says."""
    page = runbook(fault.alert)
    say(f"  {fault.happens}")
    fault.happen(operator)
    took = waited(lambda: fault.alert in watch.told())
    assert not is_over(fault, operator), "it would be over while it lasts"
    say(f"  fired    {took:.0f} s later")
    for summary in watch.summaries(fault.alert):
        say(f"    {summary}")
    say(f"  docs/operations/runbooks.md#{fault.alert.lower()} says to look:")
    for line, shown in zip(page.looks, fault.shown, strict=True):
        assert shown.search(type_in(operator, line, ())), f"{line} doesn't show it"
    fault.remove(operator)
    if fault.removed:
        say(f"  {fault.removed}")
    say("  and to do:")
    ids = fault.ids(operator)
    for line in page.does:
        type_in(operator, line, ids)
    took = waited(lambda: fault.alert not in watch.told())
    say(f"  cleared  {took:.0f} s later, and this says that it is over:")
    wait_until(lambda: is_over(fault, operator))
    for line in page.proofs:
        type_in(operator, line, ())


def type_in(operator: Operator, line: str, ids: Sequence[str]) -> str:
    """Show a command and what it prints; gives that."""
    words = words_of(line, {"ID": ids})
    said = operator.call(*words)
    say(f"  $ {shlex.join(['gleichfall', *words])}")
    say(indent(said.rstrip(), "    "))
    return said


def is_over(fault: Fault, operator: Operator) -> bool:
    """Tell whether all proofs of a fault's runbook say that it is over."""
    return all(
        said.search(operator.call(*words_of(line, {})))
        for line, said in zip(runbook(fault.alert).proofs, fault.over, strict=True)
    )


def waited(true: Callable[[], bool]) -> float:
    """Wait for what is bound to come; gives how many seconds."""
    began = time.monotonic()
    wait_until(true)
    return time.monotonic() - began


def say(line: str) -> None:
    """Print it now, also into a file."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
