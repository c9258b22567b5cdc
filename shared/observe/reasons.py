"""What went wrong, in words that may be shown to everybody who operates the system."""

import errno
from pathlib import Path
from traceback import extract_tb
from types import TracebackType

import asyncpg
from pydantic_core import ValidationError

from shared.configuration.places import ROOT
from shared.errors import GleichfallError

_OURS = ("services", "shared", "deploy")
_SHOWN = 5


def reason_of(error: BaseException) -> str:
    """Quote only what was written for readers: any other text may hold what it choked on.

    Of other errors the kind is told and, where it was our code, the place.
    """
    if isinstance(error, GleichfallError):
        return str(error)
    fields = _fields(error) if isinstance(error, ValidationError) else ""
    return f"{kind_of(error)}{fields}{_place(error.__traceback__)}"


def kind_of(error: BaseException) -> str:
    """Name an error's kind; a disk that is full by what it is, for nothing mends itself then."""
    if isinstance(error, GleichfallError):
        return str(error)
    if isinstance(error, asyncpg.DiskFullError):
        return "PostgreSQL has no space left on its disk"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "no space left on the disk"
    return type(error).__qualname__


def _fields(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, one['loc']))} ({one['type']})" for one in found[:_SHOWN]]
    return f" of {error.title}: {', '.join(told)}"


def _place(traceback: TracebackType | None) -> str:
    for frame in reversed(extract_tb(traceback)):
        path = Path(frame.filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in _OURS:
            return f" at {path.relative_to(ROOT)}:{frame.lineno}"
    return ""
