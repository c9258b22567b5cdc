"""JSON as commands print it; loads nothing that draws tables."""

import json

from pydantic_core import to_jsonable_python

from shared.errors import PermanentError


class NoFigure(PermanentError):
    """A figure came out as no number, which JSON can't say and nobody can use."""

    def __init__(self) -> None:
        super().__init__(
            "a figure came out as no number, so nothing is printed; "
            "the fault is this program's: please report the command and its input"
        )


def json_text(document: object, *, indent: int | None = None) -> str:
    """Write a document: for programs in a line, for people indented.

    Raises:
        NoFigure: there is NaN or infinity in it.
    """
    try:
        return json.dumps(
            to_jsonable_python(document), allow_nan=False, ensure_ascii=False, indent=indent
        )
    except ValueError as error:
        raise NoFigure from error
