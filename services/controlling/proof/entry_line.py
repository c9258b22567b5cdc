"""The lines of decisions in an export: read by the one form that they can be written in.

One expression checks fields, values and their order at once, and nothing else could be written in
the same bytes; a model and a comparison with what it would be written as took four times as long.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, get_args, get_type_hints

from pydantic import StringConstraints

from services.controlling.proof.record import AnyHeader, EarlierEntry, Entry, Header
from shared.events.vocabulary import DrawReason

Texts: TypeAlias = tuple[str, ...]
"""What stands in the fields of an `Entry`, in their order; empty what an earlier one hasn't.

Words and numbers without their quotation marks, flags and what drew it as they are written: a
period can have millions of decisions, and a tuple is made in a fifth of the time of a dictionary.
"""
NOT_DRAWN: Final = "null"
BY_CHANCE: Final = f'"{DrawReason.RANDOM}"'
TOPPED_UP: Final = f'"{DrawReason.TOP_UP}"'
YES, NO = "true", "false"


def entry_reader(header: AnyHeader) -> Callable[[Sequence[bytes]], list[Texts]]:
    """Give what reads lines of decisions in an export with such a first line.

    It raises `ValueError` if one of them is none.
    """
    form = _FORM if isinstance(header, Header) else _EARLIER_FORM

    def read(lines: Sequence[bytes]) -> list[Texts]:
        found: list[Texts] = form.findall(b"".join(lines).decode())
        if len(found) != len(lines):  # each match is a whole line
            raise ValueError("not only decisions")
        if form is _EARLIER_FORM:
            return [(name, "", stratum, "", "", *rest) for name, stratum, *rest in found]
        return found

    return read


def _form_of(kind: type[Entry | EarlierEntry]) -> re.Pattern[str]:
    fields = get_type_hints(kind, include_extras=True)
    written = (f'"{name}":{_value(form)}' for name, form in fields.items())
    return re.compile("^\\{" + ",".join(written) + "\\}\n", re.MULTILINE)


def _value(kind: Any) -> str:  # noqa: ANN401 - what stands behind a field
    if kind is bool:
        return f"({YES}|{NO})"
    text = next((one for one in get_args(kind) if isinstance(one, StringConstraints)), None)
    if text is None:
        return f"({NOT_DRAWN}|{BY_CHANCE}|{TOPPED_UP})"
    longest = "" if text.max_length is None else f'(?=[^"]{{0,{text.max_length}}}")'
    pattern = str(text.pattern).removeprefix("^").removesuffix("$")
    return f'"{longest}({pattern})"'


_FORM, _EARLIER_FORM = _form_of(Entry), _form_of(EarlierEntry)
