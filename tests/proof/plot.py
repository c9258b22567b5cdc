"""The picture of coverage: a row per breakdown and stratum, the promised band behind it."""

from collections.abc import Mapping, Sequence
from html import escape
from math import sqrt

from tests.proof.coverage import Covered

_LEFT, _ROW, _WIDTH, _TOP = 400, 22, 460, 56
_FROM, _TO = 0.90, 1.0
BAND = (0.94, 0.99)


def picture(rows: Mapping[str, Covered], title: str, description: str) -> str:
    """Draw it as SVG; a screen reader gets title, description and each row's numbers."""
    height = _TOP + _ROW * len(rows) + 40
    box = f"0 0 {_LEFT + _WIDTH + 140} {height}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img"',
        'aria-labelledby="title description" font-family="sans-serif" font-size="13">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
        _band(height),
        *_axis(height),
    ]
    for number, (name, covered) in enumerate(rows.items()):
        parts += _row(name, covered, _TOP + _ROW * number + _ROW // 2)
    return "\n".join([*parts, "</svg>", ""])


def _x(share: float) -> float:
    inside = min(max(share, _FROM), _TO)
    return round(_LEFT + (inside - _FROM) / (_TO - _FROM) * _WIDTH, 1)


def _band(height: int) -> str:
    left, right = map(_x, BAND)
    return (
        f'<rect x="{left}" y="{_TOP - 8}" width="{right - left:.1f}" '
        f'height="{height - _TOP - 24}" fill="#d9e8f5"/>'
    )


def _axis(height: int) -> Sequence[str]:
    ticks = [_FROM + step / 100 for step in range(0, 11, 2)] + [0.95]
    return [
        f'<line x1="{_x(tick)}" y1="{_TOP - 8}" x2="{_x(tick)}" y2="{height - 32}" '
        f'stroke="#767676" stroke-width="{1.5 if tick == 0.95 else 0.5}"/>'
        f'<text x="{_x(tick)}" y="{height - 14}" text-anchor="middle">{100 * tick:.0f} %</text>'
        for tick in ticks
    ]


def _row(name: str, covered: Covered, y: int) -> Sequence[str]:
    share = covered.share
    reach = 1.96 * sqrt(share * (1 - share) / covered.intervals)
    return [
        f'<text x="{_LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(name)}</text>',
        (
            f'<line x1="{_x(share - reach)}" y1="{y}" x2="{_x(share + reach)}" y2="{y}" '
            'stroke="#0b4f8a" stroke-width="2"/>'
        ),
        f'<circle cx="{_x(share)}" cy="{y}" r="4.5" fill="#0b4f8a"/>',
        (
            f'<text x="{_LEFT + _WIDTH + 12}" y="{y + 4}">{100 * share:.1f} % of '
            f"{covered.intervals:,}</text>"
        ),
    ]
