"""What README, guides and operations tell somebody to type does what they say, on a running stack.

The blocks of a page run one after the other in one shell, in a folder whose `.local` is the stack.
Those marked `sh` are typed as they stand; of others, which show what is printed as well, each line
after `$` is typed and must print what stands below it.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tests.patience import PATIENCE
from tests.typing_in import typed
from tests.unit.docs.pages import PAGES, ROOT, name

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

_BLOCK = re.compile(
    r"^( *)```sh\n(?P<typed>.*?)^ *```\n(?:\s*^ *```json\n(?P<answer>.*?)^ *```\n)?",
    re.MULTILINE | re.DOTALL,
)
_SHOWN = re.compile(
    r"^( *)```(?:console|bash|shell)?\n"
    r"(?P<text>(?:\$ |(?:gleichfall|make|curl|docker|podman|psql|git|python|sudo) ).*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
_PROBLEM = "urn:gleichfall:problem:"
ELSEWHERE = {
    "CONTRIBUTING.md": "test_recipes.py follows each recipe on a copy of the checkout",
    "docs/guide/another-authority.md": "test_another_authority.py has a stack of its own",
}
NOT_HERE = {
    "make run": "is the two commands themselves; test_real_run.py and test_demo.py play the run",
    "gleichfall clock accept": "settles a doubt; test_clock.py has one",
    "make check": "needs containers; test_compose.py starts what the file says",
    "gleichfall dead-letters replay": "names a record; test_dead_letters.py has some",
    "gleichfall dead-letters show": "names a record; test_dead_letters.py has some",
    "gleichfall dead-letters discard": "names a record; test_dead_letters.py has some",
    "gleichfall dead-letters acknowledge": "names a record; test_dead_letters.py has some",
    "gleichfall dead-letters list --service": "names records; test_dead_letters.py has some",
    "gleichfall held retry": "names an item; test_held_items.py has some",
    "gleichfall draw note-gap": "names what a register lost; test_register_gap.py has some",
    "gleichfall held list --loop": "names items; test_held_items.py has some",
    "gleichfall messages told": "names a message; test_ops_demo.py has one",
    "gleichfall messages stop": "names a message; test_followed_runbooks.py stops one",
    "kafka-configs.sh": "needs Kafka with users; test_kafka_access.py has one",
    "gleichfall topics apply": "needs Kafka with users; test_kafka_access.py has one",
    "export PGPASSWORD": "opens psql for a person, at a port that differs",
    "gleichfall status": "looks at a port that differs; test_status.py and test_stack.py look, too",
    "gleichfall down": "ends the stack; test_stack.py ends and starts one",
}
"""What a block begins with that can't run on a fresh stack without a person, and why."""
SHOWN_ONLY = {
    "$ make run ONCE=1": "is the two commands themselves; test_real_run.py holds its numbers",
    "$ gleichfall import ../shared/data/": "needs a real log; test_import.py has it",
    "gleichfall import ../shared/data/": "needs a real log; test_import.py imports and proposes",
    "gleichfall messages show CASE": "names a case and messages; test_operation.py has some",
    "gleichfall simulate --weeks 4": "takes a year of events; test_commands.py invents weeks",
    "$ gleichfall organisation check next": "needs a changed file; test_succession.py writes some",
    "$ gleichfall policy preview": "shows the register of nine weeks; test_policies.py has one",
    "$ gleichfall policy schedule": "takes effect on a day to come; test_policies.py schedules",
    "$ gleichfall stats": "test_statistics.py and test_real_logs.py compare what is printed",
    "$ grep -rh --exclude='supervisor*'": "follows an invented case; test_stack.py follows one",
    "$ gleichfall up": "shows a run of ports and versions; test_stack.py starts and ends one",
    "gleichfall tokens create": "needs a system of one's own; test_tokens.py has some",
}
"""What a block begins with that shows more than it is to be typed, and where it is held instead."""
LEFT_OUT = 32
"""How many beginnings are left out; who leaves out one more changes this, and says why above."""


@dataclass(frozen=True, slots=True)
class Block:
    """What somebody types, and the answer that the page shows."""

    typed: str
    answer: str | None

    @property
    def left_out(self) -> str | None:
        """How it begins, if it isn't run."""
        return next((one for one in NOT_HERE if self.typed.startswith(one)), None)


def blocks(page: Path) -> list[Block]:
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(dedent(one["typed"]), one["answer"]) for one in found]


def shown(page: Path) -> list[str]:
    """Give the blocks that are not marked `sh` and show something to type."""
    found = _SHOWN.finditer(page.read_text(encoding="utf-8"))
    return [dedent(one["text"]) for one in found]


def shown_only(block: str) -> str | None:
    return next((one for one in SHOWN_ONLY if block.startswith(one)), None)


COMPARED = [(page, block) for page in PAGES for block in shown(page) if shown_only(block) is None]
FOLLOWED = [page for page in PAGES if blocks(page) and name(page) not in ELSEWHERE]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder as a checkout is to whoever types, with its stack running."""
    folder = tmp_path_factory.mktemp("followed")
    (folder / "deploy").symlink_to(ROOT / "deploy")
    given = {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL"}
    environment = {name: text for name, text in os.environ.items() if name not in given} | {
        "GLEICHFALL_STACK_DIR": str(folder / ".local"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    gleichfall = [sys.executable, "-m", "deploy.command_line"]
    subprocess.run([*gleichfall, "up", "--detach"], env=environment, check=True, timeout=180)
    try:
        yield folder, environment
    finally:
        subprocess.run([*gleichfall, "down"], env=environment, check=True, timeout=PATIENCE)


@pytest.mark.parametrize("page", FOLLOWED, ids=name)
def test_what_a_page_says_can_be_typed(page: Path, home: tuple[Path, dict[str, str]]) -> None:
    folder, environment = home
    followed = [block for block in blocks(page) if block.left_out is None]
    script = "\n".join(f"{block.typed}\nprintf '\\0'" for block in followed)

    printed = typed(script, folder, environment, PATIENCE)

    for block, said in zip(followed, printed.split("\0"), strict=False):
        assert _PROBLEM not in said, f"{block.typed}\n{said}"
        if block.answer is not None:
            assert json.loads(said) == json.loads(block.answer), block.typed


@pytest.mark.parametrize(("page", "block"), COMPARED, ids=lambda one: str(one)[:40])
def test_what_is_shown_below_a_command_is_what_it_prints(
    page: Path, block: str, home: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = home
    for call in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = call.partition("\n")
        done = subprocess.run(
            ["bash", "-c", f"{command} 2>&1"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.stdout.strip() == printed.strip(), f"{name(page)}: {command}"


def test_every_page_with_something_to_type_is_followed_or_says_why_not() -> None:
    assert {name(page) for page in PAGES if blocks(page)} == {
        *map(name, FOLLOWED),
        *ELSEWHERE,
    }
    guides = {f"docs/guide/{one}.md" for one in ("events", "measures", "messages", "organisation")}
    assert guides <= set(map(name, FOLLOWED))


def test_nothing_is_left_out_that_no_page_says() -> None:
    said = {block.left_out for page in FOLLOWED for block in blocks(page)}
    assert NOT_HERE.keys() - said == set()
    told = {shown_only(block) for page in PAGES for block in shown(page)}
    assert SHOWN_ONLY.keys() - told == set()


def test_nothing_more_is_left_out_than_was_decided() -> None:
    left_out = [*NOT_HERE, *SHOWN_ONLY, *ELSEWHERE]
    assert len(left_out) == LEFT_OUT, "a block was left out, or need not be any more"
    for block in (block for page in PAGES for block in shown(page)):
        assert block.startswith("$ ") or shown_only(block), f"mark it sh, or say why not: {block}"
