"""What a page says is in a file is in it: the glossary's words, the steps of the walks."""

from pathlib import Path

import pytest

from tests.unit.docs.pages import PAGES, ROOT, found, name, names

NAMED = [page for page in PAGES if names(page)]


def test_the_pages_that_name_most_are_read() -> None:
    glossary, walks = (ROOT / "docs" / "guide" / page for page in ("glossary.md", "walks.md"))
    rows = [line for line in glossary.read_text(encoding="utf-8").splitlines() if "](" in line]
    assert len(names(glossary)) == len(rows) > 40
    assert len(names(walks)) > 50


@pytest.mark.parametrize("page", NAMED, ids=name)
def test_what_a_page_names_is_in_the_file_that_it_links_to(page: Path) -> None:
    missing = []
    for named, file in names(page):
        try:
            found(named, file)
        except (AttributeError, ImportError):
            missing.append(f"{named} in {file.relative_to(ROOT)}")
    assert missing == []
