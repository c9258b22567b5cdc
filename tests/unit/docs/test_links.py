"""What README and docs point to is there: files, headings, commands with their options."""

import re
from pathlib import Path

import click
import pytest

from deploy.command_line import SUBCOMMANDS
from tests.unit.docs.pages import (
    PAGES,
    ROOT,
    anchors,
    commands,
    links,
    name,
    targets_of_make,
)

EVERY_COMMAND_HAS = {"--help", "-h"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_exists_with_the_options_shown(page: Path) -> None:
    for words in commands(page):
        assert words[0] in SUBCOMMANDS, words
        command = SUBCOMMANDS[words[0]].load()
        rest = words[1:]
        while isinstance(command, click.Group) and rest and rest[0][0].isalpha():
            found = command.get_command(click.Context(command), rest.pop(0))
            assert found, words
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
        shown = {word.partition("=")[0].rstrip(".,") for word in rest if word.startswith("-")}
        assert shown <= known | EVERY_COMMAND_HAS, words


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets_of_make(page) <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    assert set(PAGES) - {index} <= listed


@pytest.mark.parametrize("drawing", ["system.svg", "walks.svg"])
def test_a_picture_can_be_read_aloud(drawing: str) -> None:
    picture = (ROOT / "docs" / drawing).read_text(encoding="utf-8")
    assert re.search(r"<title[^>]*>\S", picture)
    assert re.search(r"<desc[^>]*>\S", picture)
