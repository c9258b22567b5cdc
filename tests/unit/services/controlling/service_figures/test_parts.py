"""Each part of a page of figures has its sentence, table, bars and definition, and goes along."""

import re
from collections.abc import Iterator

import pytest

from services.controlling.service_figures.pages import FOLDER

PARTS = {
    "sentence": 'class="kern-body',
    "table": r"kern\.table\(",
    "bars": r"\b(bar|of_flow)\(",
    "why": r"kern\.why\(",
}
PAGES = {
    "today.html": "/today/table.csv",
    "process.html": "/process/table.csv",
    "clocks.html": "/clocks/list.csv",
}
ELSEWHERE = {
    ("process.html", "whole"): {"table", "bars"},  # its steps are the next part
    ("process.html", "process.services"): {"sentence", "why"},  # what the first part says of all
    ("clocks.html", "clocks.title"): {"why"},  # below the list
    ("clocks.html", "clocks.list"): {"sentence", "bars"},  # a work list, counted in bars above it
}


def parts() -> Iterator[tuple[str, str, str]]:
    """Give page, name and markup of every part; of `clocks.html` from its first heading on."""
    for page in PAGES:
        level = r"<h[12]" if page == "clocks.html" else "<h2"
        _, *found = re.split(level, (FOLDER / page).read_text())
        for part in found:
            if named := re.search(r'id="(\w+)"|_\("([\w.]+)"', part):
                yield page, named[1] or named[2], part


def test_all_parts_are_found() -> None:
    assert len(list(parts())) > 12
    assert set(ELSEWHERE) <= {(page, name) for page, name, _ in parts()}


@pytest.mark.parametrize(("page", "name", "markup"), list(parts()), ids=lambda one: one[:20])
def test_a_figure_is_told_in_every_way(page: str, name: str, markup: str) -> None:
    missing = {part for part, sign in PARTS.items() if not re.search(sign, markup)}
    assert missing - ELSEWHERE.get((page, name), set()) == set()


@pytest.mark.parametrize(("page", "file"), PAGES.items())
def test_a_page_of_figures_goes_along_as_a_file(page: str, file: str) -> None:
    assert f'link_button("{file}"' in (FOLDER / page).read_text()
