"""Reading the body of a request: of whoever is known by now, and not for longer than it may be."""

from http import HTTPStatus

from fastapi import Request

from shared.web.problems import Problem


def announced_size(request: Request) -> int | None:
    """Give how many bytes the body will have; None when the caller doesn't say."""
    announced = request.headers.get("content-length", "")
    return int(announced) if announced.isascii() and announced.isdecimal() else None


async def read_json(request: Request, most_values: int) -> bytes:
    """Read a body of JSON, unparsed, and stop as soon as it holds more than anybody needs.

    JSON of a few bytes per value grows manyfold when it is parsed; between two values is a comma.

    Raises:
        Problem: 413, the body holds too many values; 415, it is encoded.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "encoded-body",
            "The body is encoded",
            "Send it as it is, without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )
    pieces: list[bytes] = []
    values = 0
    async for piece in request.stream():
        values += piece.count(b",")
        if values > most_values:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "too-many-values",
                "The body holds too many values",
                f"It may hold {most_values}; send less at once.",
            )
        pieces.append(piece)
    return b"".join(pieces)
