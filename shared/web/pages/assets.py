"""What pages are made with beside their text: one style for all."""

from fastapi import APIRouter, Response

from shared.web.access import Access, requires
from shared.web.pages.words import FOLDER

_STYLE = (FOLDER / "style.css").read_bytes()

router = APIRouter(prefix="/assets", dependencies=[requires(Access.PUBLIC)])


@router.get("/style.css")
async def style() -> Response:
    """Give the style of all pages."""
    return Response(
        _STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )
