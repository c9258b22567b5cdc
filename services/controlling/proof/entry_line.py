"""The line of a decision in an export: read by the one form that it can be written in.

One expression checks fields, values and their order at once, and nothing else could be written in
the same bytes; a model and a comparison with what it would be written as took four times as long.
"""

import re
from collections.abc import Callable
from typing import Any, Final, get_args, get_type_hints

from pydantic import StringConstraints

from services.controlling.proof.record import AnyEntry, AnyHeader, EarlierEntry, Entry, Header
from shared.events.vocabulary import DrawReason

_FLAGS: Final = {"true": True, "false": False}
_DRAWN: Final = {
    "null": None,
    **{f'"{one}"': one for one in (DrawReason.RANDOM, DrawReason.TOP_UP)},
}
_LONGEST_STRATUM = 512


def entry_reader(header: AnyHeader) -> Callable[[bytes], AnyEntry]:
    """Give what reads the line of a decision in an export with such a first line.

    It raises `ValueError` for what is none.
    """
    form = _FORM if isinstance(header, Header) else _EARLIER_FORM

    def read(line: bytes) -> AnyEntry:
        found = form.fullmatch(line.decode())
        if found is None:
            raise ValueError("no decision")
        entry: Any = found.groupdict()
        if len(entry["stratum"]) > _LONGEST_STRATUM:
            raise ValueError("no stratum")
        entry["drawn"] = _DRAWN[entry["drawn"]]
        for flag in ("late", "corrected", "withdrawn"):
            entry[flag] = _FLAGS[entry[flag]]
        read_entry: AnyEntry = entry
        return read_entry

    return read


def _form_of(kind: type[Entry | EarlierEntry]) -> re.Pattern[str]:
    fields = get_type_hints(kind, include_extras=True)
    written = (f'"{name}":{_value(name, form)}' for name, form in fields.items())
    return re.compile("\\{" + ",".join(written) + "\\}\n")


def _value(name: str, kind: Any) -> str:  # noqa: ANN401 - what stands behind a field
    if kind is bool:
        return f"(?P<{name}>{'|'.join(_FLAGS)})"
    pattern = next(
        (one.pattern for one in get_args(kind) if isinstance(one, StringConstraints)), None
    )
    if pattern is None:
        return f"(?P<{name}>{'|'.join(_DRAWN)})"
    return f'"(?P<{name}>{str(pattern).removeprefix("^").removesuffix("$")})"'


_FORM, _EARLIER_FORM = _form_of(Entry), _form_of(EarlierEntry)
