"""`make ops-demo`: three faults on a running stack, what fired, what ended it.

It plays on the stack of this checkout, and starts one if none runs; that one it ends again.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local import presence
from deploy.local.folder import STACK
from tests.watched import FAULTS, Fault, Operator, Watch, commands, typed, wait_until, watching


def main() -> None:
    """Start what is missing, and play."""
    operator = Operator(STACK)
    ours = not presence.is_ready(STACK)
    if ours:
        print("starting a stack")
        print(operator.call("up", "--detach"))
    try:
        with TemporaryDirectory() as folder, watching(Path(folder), operator) as watch:
            print(f"Prometheus {watch.prometheus}, Alertmanager {watch.alertmanager}")
            for fault in FAULTS:
                play(fault, operator, watch)
    finally:
        if ours:
            print(operator.call("down"), end="")


def play(fault: Fault, operator: Operator, watch: Watch) -> None:
    """Let a fault happen, and mend it as its runbook says."""
    print(f"\n{fault.alert}")
    began = time.monotonic()
    fault.happen(operator)
    wait_until(lambda: fault.alert in watch.told())
    print(f"  fired    after {time.monotonic() - began:.0f} s")
    fault.remove(operator)
    for line in commands(fault.alert):
        print(f"  $ {line}")
        told = typed(operator, line, fault.ids(operator) if "ID" in line.split() else ())
        print("".join(f"    {one}\n" for one in told.splitlines()), end="")
    mended = time.monotonic()
    wait_until(lambda: fault.alert not in watch.told())
    print(f"  cleared  {time.monotonic() - mended:.0f} s later")


if __name__ == "__main__":
    main()
