"""The picture of both tails: a line per cell, how often it misses on either side."""

from collections.abc import Mapping, Sequence
from html import escape

from tests.proof.grid import Seen

_MIDDLE, _HALF, _LEFT, _ROW, _TOP = 470, 280, 180, 30, 84
_WIDTH = _MIDDLE + _HALF + 30
_MOST, _WANTED = 0.04, 0.025
_STYLE = (
    "svg{font-family:sans-serif;font-size:13px}.ground{fill:#fff}text{fill:#222}"
    ".cell{stroke:#0b4f8a;stroke-opacity:.25;stroke-width:1.5}.line{stroke:#767676}"
    ".limit{stroke:#b3261e;stroke-width:1.5;stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){.ground{fill:#16191d}text{fill:#e6e6e6}"
    ".cell{stroke:#8ec5ff}.limit{stroke:#ff8a80}}"
)


def picture(rows: Mapping[str, Sequence[Seen]], title: str, description: str) -> str:
    """Draw it as SVG, light or dark as the reader's screen; numbers stand at both ends."""
    height = _TOP + _ROW * len(rows) + 44
    bottom = height - 36
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"',
        'aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{_STYLE}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
        f'<text x="12" y="26" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="{_MIDDLE - 12}" y="56" text-anchor="end">← lower limit above the truth</text>',
        f'<text x="{_MIDDLE + 12}" y="56">upper limit below the truth →</text>',
        f'<line class="line" x1="{_MIDDLE}" x2="{_MIDDLE}" y1="{_TOP - 16}" y2="{bottom}"/>',
        *(_mark(sign * share, bottom) for sign in (-1, 1) for share in (0.01, 0.02, _WANTED)),
    ]
    for number, (name, seen) in enumerate(rows.items()):
        parts += _row(name, seen, _TOP + _ROW * number)
    return "\n".join([*parts, "</svg>", ""])


def _x(share: float) -> float:
    return round(_MIDDLE + max(-1.0, min(1.0, share / _MOST)) * _HALF, 1)


def _mark(share: float, bottom: int) -> str:
    wanted = abs(share) == _WANTED
    text = "2.5 %" if wanted else f"{100 * abs(share):.0f} %"
    kind = "limit" if wanted else "line"
    return (
        f'<line class="{kind}" x1="{_x(share)}" x2="{_x(share)}" y1="{_TOP - 16}" y2="{bottom}"/>'
        f'<text x="{_x(share)}" y="{bottom + (34 if wanted else 18)}" text-anchor="middle">'
        f"{text}</text>"
    )


def _row(name: str, seen: Sequence[Seen], top: int) -> Sequence[str]:
    shares = {round(-one.tails.above, 4) for one in seen}
    shares |= {round(one.tails.below, 4) for one in seen}
    marks = "".join(f"M{_x(share)} {top}v18" for share in sorted(shares))
    return [
        f'<text x="{_LEFT - 6}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
        f'<path class="cell" fill="none" d="{marks}"/>',
    ]
