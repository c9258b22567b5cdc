"""`python -m tests.chaos.shifted 7200 module …`: a module as a program whose clock is wrong.

Only what Python asks is moved: the machine's, the database's and the broker's clock stay right, as
they would on other machines. What counts seconds since a start goes on evenly, as it does when
somebody sets a clock.
"""

import ctypes
import gc
import runpy
import sys
import time
from datetime import datetime, timedelta, tzinfo
from typing import Any


def set_clock(by: timedelta) -> None:
    """Let this process's clock be ahead (or, negative, back), whoever asks it from now on."""
    right, seconds = time.time, by.total_seconds()
    time.time = lambda: right() + seconds
    time.time_ns = lambda: int(time.time() * 1_000_000_000)

    def now(cls: type[datetime], tz: tzinfo | None = None) -> datetime:
        return cls.fromtimestamp(time.time(), tz)

    # A type written in C can't be patched otherwise, and a subclass would be another type.
    attributes: dict[str, Any] = gc.get_referents(datetime.__dict__)[0]
    attributes["now"] = classmethod(now)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))


def main() -> None:
    """Set the clock, then become the program that the other words name."""
    _, shift, module, *words = sys.argv
    set_clock(timedelta(seconds=float(shift)))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
