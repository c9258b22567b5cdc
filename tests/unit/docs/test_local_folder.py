"""What docs/operations/local.md says of `.local/` is what the local stack keeps there."""

import re
from pathlib import Path

import pytest

from deploy.local.commands import PARTS
from deploy.local.folder import Folder
from deploy.local.store import QUERIES
from tests.unit.docs.pages import PAGES, ROOT, name

PAGE = (ROOT / "docs" / "operations" / "local.md").read_text(encoding="utf-8")
LOCAL = Path("/local")
KEPT = {
    place.name
    for attribute, one in vars(Folder).items()
    if isinstance(one, property) and (place := getattr(Folder(LOCAL), attribute)).parent == LOCAL
}
ROWS = {
    name: row[-1]
    for row in re.findall(r"^\| (`.+`) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    for name in re.findall(r"`([^`]+)`", row[0])
}
SAMPLE = PAGE.split("$ gleichfall status\n")[1].split("```")[0]
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
    assert re.search(rf"^ {part} ", SAMPLE, re.MULTILINE)


def test_the_sample_of_status_shows_every_count() -> None:
    counts = set(re.findall(r"\d, '([a-z]+(?:_[a-z]+)*)'", QUERIES["counts"]))
    assert {"unlisted_keys", "decisions_drawn"} <= counts
    shown = {
        one.replace(" ", "_") for one in re.findall(r" [\d,]+  ([a-z ]+)$", SAMPLE, re.MULTILINE)
    }
    assert counts <= shown


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_of_the_checkout_that_samples_name_are_there(page: Path) -> None:
    named = re.findall(r"…/(deploy/[\w/.]+)", page.read_text(encoding="utf-8"))
    assert [one for one in named if not (ROOT / one).exists()] == []
