"""What docs/operations/local.md says of `.local/` is what the local stack keeps there."""

import re
from pathlib import Path

import pytest

from deploy.local.commands import PARTS
from deploy.local.folder import Folder
from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "docs" / "operations" / "local.md").read_text(encoding="utf-8")
LOCAL = Path("/local")
KEPT = {
    place.name
    for name, one in vars(Folder).items()
    if isinstance(one, property) and (place := getattr(Folder(LOCAL), name)).parent == LOCAL
}
ROWS = {
    name: row[-1]
    for row in re.findall(r"^\| (`.+`) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    for name in re.findall(r"`([^`]+)`", row[0])
}
SAVED = {name for name in KEPT if ROWS.get(name, "").startswith("yes")}


def words_of(command: str) -> set[str]:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"cd .local && {command}"))
    return set(line.split())


def test_the_table_names_all_that_is_kept() -> None:
    assert {name for name in KEPT if not name.endswith(".lock")} <= ROWS.keys()


def test_a_backup_holds_what_the_table_wants_in_it() -> None:
    assert words_of("tar") >= SAVED


def test_beginning_anew_removes_what_belongs_together() -> None:
    assert words_of("rm") >= SAVED


@pytest.mark.parametrize("part", [*PARTS, "policy", "maildir", "printer"])
def test_the_sample_of_status_shows_every_part(part: str) -> None:
    sample = PAGE.split("$ gleichfall status\n")[1].split("```")[0]
    assert re.search(rf"^ {part} ", sample, re.MULTILINE)
