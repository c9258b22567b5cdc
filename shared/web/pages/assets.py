"""What pages are made with beside their text: sheets, fonts and scripts."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Response, params

from shared.web.access import Access, requires
from shared.web.pages.words import FOLDER
from shared.web.problems import Problem

_STYLE = (FOLDER / "style.css").read_bytes()
_TYPES = {".css": "text/css", ".woff2": "font/woff2", ".js": "text/javascript"}
_SCRIPT = ".js"
# What refers to other files comes last.
_ORDER = (".woff2", ".js", ".css")
_REFERENCE = re.compile(r'url\("(?P<name>[\w.-]+)"\)')

router = APIRouter(prefix="/assets", dependencies=[requires(Access.PUBLIC)])


@router.get("/style.css")
async def style() -> Response:
    """Give the style of the public pages."""
    return Response(
        _STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a browser may keep for ever, for its address changes with what it says."""

    address: str
    media_type: str
    content: bytes

    @property
    def response(self) -> Response:
        """Give it."""
        return Response(
            self.content,
            media_type=self.media_type,
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )


class Assets:
    """The sheets, fonts and scripts of some folders, by name."""

    def __init__(self, *folders: Path) -> None:
        files = [path for folder in folders for path in folder.iterdir() if path.suffix in _TYPES]
        self._assets: dict[str, Asset] = {}
        for path in sorted(files, key=lambda one: (_ORDER.index(one.suffix), one.name)):
            self._assets[path.name] = self._read(path)

    def address(self, name: str) -> str:
        """Give the address of a file, for templates."""
        return self._assets[name].address

    def routers(self, scripts_for: params.Depends) -> Iterable[APIRouter]:
        """Give what serves them: scripts to those who are let pass, all else to everybody."""
        scripts = [one for one in self._assets.values() if one.media_type == _TYPES[_SCRIPT]]
        others = [one for one in self._assets.values() if one not in scripts]
        yield _serving("/assets", others, requires(Access.PUBLIC))
        yield _serving("/scripts", scripts, scripts_for)

    def _read(self, path: Path) -> Asset:
        content = path.read_bytes()
        if path.suffix == ".css":
            known = self._assets

            def whole(found: re.Match[str]) -> str:
                return f'url("{known[found["name"]].address}")'

            content = _REFERENCE.sub(whole, content.decode()).encode()
        digest = hashlib.sha256(content).hexdigest()[:16]
        folder = "scripts" if path.suffix == _SCRIPT else "assets"
        address = f"/{folder}/{path.stem}-{digest}{path.suffix}"
        return Asset(address, _TYPES[path.suffix], content)


def _serving(prefix: str, assets: Iterable[Asset], for_whom: params.Depends) -> APIRouter:
    by_address: Mapping[str, Asset] = {one.address: one for one in assets}
    serving = APIRouter(prefix=prefix, dependencies=[for_whom])

    @serving.get("/{name}")
    async def asset(name: str) -> Response:
        found = by_address.get(f"{prefix}/{name}")
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "asset-unknown", "There is no such file")
        return found.response

    return serving
