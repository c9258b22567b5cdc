"""One validated YAML file; what is wrong in it is named by line and field."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, to_json

from shared.errors import PermanentError

DEEPEST = 32
"""How many lists and sections may stand in each other; files of ours have a handful."""
MOST_REPEATED = 10_000
"""How many values aliases may repeat in a file; in those of ours it is a handful, too."""
Place = tuple[str | int, ...]
"""The way from the top of the file to a value: field names and positions in lists."""


class Section(BaseModel):
    """A part of a configuration file: closed, frozen, nothing converted silently."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file, and what to write instead."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class LocatedMistake:
    """A mistake with the line it stands in, counted from 1."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: {self.reason}"


class FileInvalid(PermanentError):
    """A configuration file can't be used; it tells everything that is wrong in it, a line each."""

    def __init__(self, path: Path, mistakes: Sequence[LocatedMistake]) -> None:
        self.path = path
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{path}, {mistake}" for mistake in mistakes))


Model = TypeVar("Model", bound=BaseModel)


def load(
    path: Path,
    model: type[Model],
    *,
    invalid: type[FileInvalid],
    contradictions: Callable[[Model], Iterable[Mistake]] = lambda _: (),
) -> Model:
    """Read `path` as `model`.

    Args:
        path: The YAML file, UTF-8.
        model: What the file must hold.
        invalid: The error to raise, named for the kind of file.
        contradictions: What two parts of a file that is valid in each part say against each other.

    Raises:
        FileInvalid: as `invalid`: the file can't be read, isn't YAML, or something in it is wrong.
    """
    root, document = _parse(path, invalid)
    try:
        value = model.model_validate_json(to_json(document))
    except ValidationError as error:
        found = _causes(
            [Mistake(tuple(item["loc"]), _reason(model, item)) for item in error.errors()]
        )
        raise invalid(path, [_locate(root, mistake) for mistake in found]) from None
    found = list(contradictions(value))
    if found:
        raise invalid(path, [_locate(root, mistake) for mistake in found])
    return value


def located(text: str, mistakes: Iterable[Mistake]) -> list[LocatedMistake]:
    """Say in which lines of a YAML text, which can be read, mistakes stand."""
    root = yaml.CSafeLoader(text).get_single_node()
    if root is None:
        return [LocatedMistake(1, "", mistake.reason) for mistake in mistakes]
    return [_locate(root, mistake) for mistake in mistakes]


def excess(text: str) -> LocatedMistake | None:
    """Find where a YAML text stands for far more than is written in it, or nests without end.

    A few lines of aliases of aliases stand for more values than any memory holds. To be asked
    before a text is read: its events come one by one, and an alias is only one of them.

    Raises:
        yaml.YAMLError: The text up to there isn't YAML.
    """
    values = repeated = 0
    begun: list[tuple[str | None, int]] = []  # anchors of what is open, and the values before it
    sizes: dict[str | None, int] = {}
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                return LocatedMistake(line, "", f"*{event.anchor} stands for nothing before it")
            repeated += sizes[event.anchor]
            values += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            values += 1
            sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            begun.append((event.anchor, values))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = begun.pop()
            sizes[anchor] = values - before + 1
        if repeated > MOST_REPEATED:
            reason = f"aliases repeat more than {MOST_REPEATED:,} values; write out what is meant"
            return LocatedMistake(line, "", reason)
        if len(begun) > DEEPEST:
            return LocatedMistake(line, "", f"nests deeper than {DEEPEST} lists and sections")
    return None


def _parse(path: Path, invalid: type[FileInvalid]) -> tuple[yaml.Node, object]:
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        if found := excess(text):
            raise invalid(path, [found])
        loader = yaml.CSafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            raise invalid(path, [LocatedMistake(1, "", "the file is empty")])
        repeated = [_locate(root, mistake) for mistake in _repeated_keys(root, ())]
        if repeated:
            raise invalid(path, repeated)
        return root, loader.construct_document(root)
    except OSError as error:
        raise invalid(path, [LocatedMistake(1, "", f"can't be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise invalid(path, [LocatedMistake(1, "", "is not UTF-8 text")]) from None
    except yaml.MarkedYAMLError as error:
        last = text.count("\n") + 1  # of what is missing at the end, another one is told
        line = 1 if error.problem_mark is None else min(error.problem_mark.line + 1, last)
        reason = f"is not YAML: {error.problem}"
        raise invalid(path, [LocatedMistake(line, "", reason)]) from None


def _repeated_keys(node: yaml.Node, place: Place) -> Iterator[Mistake]:
    """Find keys that stand twice in one mapping; YAML would silently keep the last."""
    for step, child in _children(node):
        yield from _repeated_keys(child, (*place, step))
    if isinstance(node, yaml.MappingNode):
        names = [key.value for key, _ in node.value]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            yield Mistake((*place, name), "stands here twice; keep one")


def _children(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), value
    if isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def _causes(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Leave out what only follows: a list counts as too short when its items are wrong."""
    return [
        mistake
        for mistake in mistakes
        if not any(
            len(other.place) > len(mistake.place)
            and other.place[: len(mistake.place)] == mistake.place
            for other in mistakes
        )
    ]


def _locate(root: yaml.Node, mistake: Mistake) -> LocatedMistake:
    """Follow the place as far as the file goes; a missing field has the line of its section."""
    node = root
    for step in mistake.place:
        child = dict(_children(node)).get(step)
        if child is None:
            break
        node = child
    field = ".".join(str(step) for step in mistake.place)
    return LocatedMistake(node.start_mark.line + 1, field, mistake.reason)


def _reason(model: type[BaseModel], error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is missing; add it"
    if error["type"] == "extra_forbidden":
        *way, name = error["loc"]
        known = sorted(_fields_at(model, way))
        listed = f"; there are {', '.join(known)}" if known else ""
        return f"is unknown here{nearest(str(name), known)}{listed}"
    return error["msg"].removeprefix("Value error, ")


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was perhaps meant, as the tail of a sentence."""
    found = get_close_matches(name, list(known), n=1)
    return f" (did you mean {found[0]}?)" if found else ""


def _fields_at(model: type[BaseModel], way: Iterable[str | int]) -> Iterable[str]:
    """Give the fields of the section at a place; none when it may be one of several kinds."""
    for step in way:
        field = model.model_fields.get(str(step))
        if field is not None:  # else an item of a list or a mapping
            sections = list(_sections_in(field.annotation))
            if len(sections) != 1:
                return ()
            model = sections[0]
    return model.model_fields


def _sections_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - a type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections_in(argument)
