"""The house by subject: what `docs/decisions` says of rooms and files holds for all of them.

Floors are import-linter's (`pyproject.toml`); here stands what it has no words for.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from subprocess import run

import grimp
import pytest

from shared.observe.metrics import Loop

ROOT = Path(__file__).parents[2]
PRODUCT = ("services", "shared", "deploy")
SERVICES = ("services.intake", "services.controlling", "services.notify")

OUTSIDE = (
    *("aiokafka", "aiosmtplib", "asyncpg", "fastapi", "faststream", "httpx", "requests", "uvicorn"),
    *("ftplib", "imaplib", "poplib", "smtplib", "socket", "socketserver"),
    *("multiprocessing", "subprocess"),
)
"""The network, the broker, the database, other processes; by packages or by Python itself."""
SHELL = frozenset(
    {"announcing", "app", "carrier", "client", "commands", "entering", "export", "finder"}
    | {"following", "handlers", "loop", "opening", "pages", "raising", "returns", "settings"}
    | {"store", "webhook", "wiring"}
)
"""File names of a service that may reach outside, in whatever room; all others are pure."""
OWN_SHELL = {
    "controlling": (
        {"access", "answering", "assigning", "closing", "directory", "entries", "holding"}
        | {"navigation", "releasing", "replying", "stamping"}
    ),
    "intake": {"answers", "contacts", "counting", "delivery", "door"},
    "notify": (
        {"access_token", "dispatcher", "fit_connect", "gateway", "interventions", "parts"}
        | {"recorder", "registry", "simulation", "staff"}
    ),
}
"""What one service calls its own; gets shorter with every renaming."""
SHARED_SHELL = frozenset(
    {"clock", "dead_letters", "held_items", "kafka", "observe", "postgres", "service", "web"}
)
"""Rooms of `shared` that may reach outside."""
PURE_ALL_THE_SAME = frozenset({
    "shared.clock.judging",
    "shared.kafka.sequencing",
    "shared.security.token_bucket",
    "shared.web.pages.formats",
    "shared.web.pages.policy",
    "shared.web.pages.words",
})  # fmt: skip
EVERYWHERE = SHELL | {"__init__", "__main__", "errors", "life", "writing"}
"""File names that a service may have in several rooms."""

STORES = {"store", "entries"}
"""Files that read statements (SQL) and ask the database."""
SPINE = ("shared/kafka", "shared/postgres")
"""Rooms that are nothing else than what every store stands on: inbox, outbox, migrations, keys."""

FILE, FUNCTION, TEST_FILE, ROOM = 400, 60, 700, 1 / 5


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PRODUCT, include_external_packages=True, cache_dir=None)


@cache
def files() -> tuple[Path, ...]:
    return _listed("*.py")


def _listed(*patterns: str) -> tuple[Path, ...]:
    command = ["git", "ls-files", *patterns]
    listed = run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for name in listed.stdout.split() if (path := ROOT / name).exists())


def product() -> Iterator[Path]:
    return (path for path in files() if path.relative_to(ROOT).parts[0] in PRODUCT)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def of(service: str) -> list[Path]:
    folder = ROOT / service.replace(".", "/")
    return [path for path in files() if folder in path.parents]


def reaching_outside() -> set[str]:
    known = [package for package in OUTSIDE if package in graph().modules]
    return {one for package in known for one in graph().find_downstream_modules(package)}


def way_out(module: str) -> str:
    ways = [
        tuple(way)
        for package in OUTSIDE
        if package in graph().modules
        and (way := graph().find_shortest_chain(module, package)) is not None
    ]
    shortest = min(ways, key=len)
    return " -> ".join(shortest)


def shells() -> Iterator[str]:
    """Give the files of services that reach outside."""
    return (
        module
        for module in reaching_outside()
        if module.startswith(SERVICES) and not graph().find_children(module)
    )


def test_services_are_pure_but_for_files_named_as_shell() -> None:
    pure = []
    for module in shells():
        _, service, *_, name = module.split(".")
        if name not in SHELL | OWN_SHELL[service]:
            pure.append(module)
    assert [way_out(module) for module in sorted(pure)] == []


def test_a_shell_name_is_needed_by_two_rooms_or_by_the_one_service_that_calls_it_its_own() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for module in shells():
        room, _, name = module.rpartition(".")
        rooms[name].add(room)
    own = {(service, name) for service, names in OWN_SHELL.items() for name in names}
    needless = {name for name in SHELL if len(rooms[name]) < 2} | {
        f"{service}: {name}"
        for service, name in own
        if name in SHELL or not any(room.split(".")[1] == service for room in rooms[name])
    }
    assert needless == set()


def test_shared_is_pure_but_for_the_rooms_of_the_shell() -> None:
    found = [
        way_out(module)
        for module in sorted(reaching_outside())
        if module.startswith("shared.")
        and (module.split(".")[1] not in SHARED_SHELL or module in PURE_ALL_THE_SAME)
    ]
    assert found == []


@pytest.mark.parametrize("house", [*SERVICES, "shared", "deploy"])
def test_no_two_files_of_a_house_share_a_name_but_those_that_every_room_may_have(
    house: str,
) -> None:
    names = Counter(path.stem for path in of(house))
    assert {
        name for name, number in names.items() if number > 1 and name not in EVERYWHERE
    } == set()


def test_every_room_may_have_only_what_several_have() -> None:
    most: Counter[str] = Counter()
    for house in (*SERVICES, "shared", "deploy"):
        most |= Counter(path.stem for path in of(house))
    assert {name for name in EVERYWHERE - SHELL if most[name] < 2} == set()


def test_statements_are_read_by_the_store_beside_them_alone() -> None:
    readers = {
        path
        for path in product()
        if "= load(__file__)" in path.read_text(encoding="utf-8")
        and path.parent not in {ROOT / room for room in SPINE}
    }
    assert {str(path.relative_to(ROOT)) for path in readers if path.stem not in STORES} == set()
    rooms = {path.parents[1] for path in _listed(*(f"{room}/*/sql/*.sql" for room in PRODUCT))}
    assert {
        str(room.relative_to(ROOT)) for room in rooms - {path.parent for path in readers}
    } == set(SPINE)


@pytest.mark.parametrize("service", SERVICES)
def test_an_error_of_one_room_stands_in_that_room(service: str) -> None:
    folder, rooms = ROOT / service.replace(".", "/"), defaultdict(set)
    for path in of(service):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == f"{service}.errors":
                for error in node.names:
                    rooms[error.name].add(path.relative_to(folder).parts[0])
    one = {error: room for error, [room, *others] in rooms.items() if not others}
    assert {error: room for error, room in one.items() if not room.endswith(".py")} == {}


def test_a_file_of_the_product_can_be_read_in_one_go() -> None:
    pages = [f"{room}/*.{kind}" for room in PRODUCT for kind in ("css", "html", "js", "sql")]
    read = [*product(), *_listed(*pages)]
    long = {str(path.relative_to(ROOT)): lines(path) for path in read if lines(path) > FILE}
    assert long == {}


def test_a_file_of_tests_is_about_one_subject() -> None:
    tests = [path for path in files() if path.is_relative_to(ROOT / "tests")]
    long = {str(path.relative_to(ROOT)): lines(path) for path in tests if lines(path) > TEST_FILE}
    assert long == {}


def test_a_function_fits_on_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}::{node.name}": length
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    }
    assert long == {}


def test_a_function_of_a_script_fits_on_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}::{name}": length
        for path in _listed(*(f"{room}/*.js" for room in PRODUCT))
        for name, length in script_functions(path.read_text(encoding="utf-8"))
        if length > FUNCTION
    }
    assert long == {}


_OPENS = re.compile(r"^( +)(?! |(?:if|for|while|switch|try|class)\b|\})(.*(?:=>|\)) \{)$")


def script_functions(script: str) -> Iterator[tuple[str, int]]:
    """Give functions and methods with their lines; what wraps a whole script is none."""
    read = script.splitlines()
    for first, line in enumerate(read):
        if opens := _OPENS.match(line):
            indent, head = opens.groups()
            after = read[first + 1 :]
            ends = (n for n, one in enumerate(after, 2) if one.startswith(f"{indent}}}"))
            yield head, next(ends)


def test_the_functions_of_a_script_are_told_from_other_blocks() -> None:
    script = """(() => {
  if (a) {
    b();
  }
  const c = async (d) => {
    for (const e of d) {
      f(e);
    }
  };
  class G {
    #h(i) {
      return i;
    }
  }
  page.addEventListener("click", (event) => {
    event.preventDefault();
  });
})();"""
    assert [length for _, length in script_functions(script)] == [5, 3, 3]


def arrows(house: str) -> dict[str, set[str]]:
    """Give what each room of a house imports from the others; a file beside rooms is one, too."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph().find_descendants(house):
        room = module.removeprefix(f"{house}.").split(".")[0]
        for imported in graph().find_modules_directly_imported_by(module):
            other = imported.removeprefix(f"{house}.").split(".")[0]
            if imported.startswith(f"{house}.") and other != room:
                found[room].add(other)
    return found


HOUSES = sorted(
    {
        str(path.parents[1].relative_to(ROOT)).replace("/", ".")
        for path in product()
        if len(path.relative_to(ROOT).parts) > 2
    }
    - {"services"}
)
"""Every folder with folders in it."""


@pytest.mark.parametrize("house", HOUSES)
def test_rooms_import_each_other_in_one_direction(house: str) -> None:
    """A room is taken away once all that it imports is; what is left stands in a circle."""
    left = arrows(house)
    while free := {other for others in left.values() for other in others} - left.keys():
        left = {room: rest for room, others in left.items() if (rest := others - free)}
    assert {room: sorted(others) for room, others in left.items()} == {}


@pytest.mark.parametrize("house", ["services.controlling", "services.notify", "shared"])
def test_no_room_is_over_a_fifth_of_its_house(house: str) -> None:
    """A folder within a room is a room of its own."""
    sizes: Counter[str] = Counter()
    for path in of(house):
        sizes[str(path.parent.relative_to(ROOT))] += lines(path)
    whole = sizes.total()
    assert {room: size for room, size in sizes.items() if size > whole * ROOM} == {}


HOLDS_NOTHING = {
    Loop.CONSUMER: "what it can't apply becomes a dead letter",
    Loop.KAFKA_RIGHTS: "asks one question, and changes nothing",
    Loop.GAUGES: "looks, and changes nothing",
    Loop.CLOCK: "asks one question",
    Loop.SOURCE_TOKENS: "reads what is granted as a whole",
}


def holding() -> set[Loop]:
    """Give the loops that are made with something to set items aside with."""
    makers = r"\.holding\(|\.dispatcher\(outlet, |hold_items\(pool, "
    given = re.compile(rf"(?:{makers})Loop\.([A-Z_]+)[,)]")
    texts = (path.read_text(encoding="utf-8") for path in product())
    return {Loop[name] for text in texts for name in given.findall(text)}


def test_every_loop_sets_items_aside_but_those_that_have_none() -> None:
    assert set(Loop) - holding() == HOLDS_NOTHING.keys()


def test_operations_are_told_of_each_loop_what_it_holds() -> None:
    page = (ROOT / "docs/operations/held-items.md").read_text(encoding="utf-8")
    rows = page.partition("| Loop | Item | Meanwhile |")[2].partition("\n\n")[0].splitlines()[2:]
    assert {name for row in rows for name in row.split("|")[1].strip().split(", ")} == holding()


def test_whoever_silences_a_check_says_why() -> None:
    silenced = re.compile(r"# noqa(?!: [A-Z0-9, ]+ - \S).*")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files()
        for match in silenced.finditer(path.read_text(encoding="utf-8"))
        if path != Path(__file__)
    ]
    assert found == []


def test_a_moment_is_never_told_without_its_zone() -> None:
    told = re.compile(r":(%F %T|%Y-%m-%d %H:%M(:%S)?)\}(?! UTC)")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in product()
        for match in told.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
