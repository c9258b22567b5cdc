"""Options have a use in the product: a default that no call of its own overrides is no option."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PRODUCT = ("services", "shared", "deploy")

# Whose arguments are filled by a framework: commands, routes, validators.
FILLED_BY_FRAMEWORKS = ("command", "group", "get", "post", "delete", "validator")
# Call what they are given, with what they are given behind it.
CALL_FOR_OTHERS = ("partial", "to_thread")
# What nobody in the product says, and why it can be said all the same.
NEVER_SAID = {
    "tests say what time it is": [
        "services/intake/opening_hours.py::opening(now)",
        "services/intake/rate_limit.py::RateLimit.__init__(clock)",
        "services/intake/tokens/following.py::TokenBook.__init__(now)",
        "services/notify/channels/mailbox/access_token.py::AccessToken.__init__(clock)",
        "shared/clock/clock.py::Clock.__init__(own)",
        "shared/clock/clock.py::Clock.__init__(running)",
        "shared/observe/health.py::Liveness.__init__(clock)",
        "shared/service/looking.py::Looks.__init__(clock)",
        "shared/web/strangers.py::Strangers.__init__(clock)",
    ],
    "tests can't wait so long, or bring so much": [
        "deploy/local/child.py::start(stop_timeout)",
        "services/intake/client.py::IntakeClient.__init__(patience)",
        "services/intake/importers/inspection/order.py::Steps.__init__(recent)",
        "services/intake/importers/translation/case_memory.py::CaseMemory.__init__(recent)",
        "services/notify/channels/letter/carrier.py::Press.__init__(quiet)",
    ],
    "tests have texts, lists and topics of their own": [
        "services/notify/operation/edition.py::Edition.current(texts)",
        "services/notify/plain_language/wording.py::load_wording(path)",
        "services/notify/reports/reasons.py::load_reasons(folder)",
        "shared/kafka/topics.py::apply_topics(topics)",
        "shared/kafka/topics.py::declared_topics(path)",
    ],
    "tests stand in for who is at the other end": [
        "services/intake/client.py::IntakeClient.__init__(transport)",
    ],
    "tests run a product that they broke, and forge what must not be believed": [
        "deploy/local/fake_fit_connect/service.py::SimulatedService.signed(key)",
        "deploy/local/services.py::start(program)",
    ],
    "peers' cases grow by other steps": ["services/notify/sending/retry.py::BackOff(base)"],
    "the contract (docs/guide/events.md): a type that changes gets another version": [
        "shared/events/registry.py::fact(version)",
    ],
    "called by another name, with it": [
        "services/controlling/statistics/intervals.py::wilson(confidence)",
    ],
    "called by opentelemetry": [
        "shared/observe/tracing.py::_TraceparentAlone.extract(context)",
        "shared/observe/tracing.py::_TraceparentAlone.extract(getter)",
        "shared/observe/tracing.py::_TraceparentAlone.inject(context)",
        "shared/observe/tracing.py::_TraceparentAlone.inject(setter)",
        "shared/observe/tracing.py::_WithoutCallersText.on_start(parent_context)",
    ],
    "how Kafka is read, each number by its name": [
        "shared/kafka/subscription.py::Polling(graceful)",
        "shared/kafka/subscription.py::Polling(max_partition_fetch_bytes)",
        "shared/kafka/subscription.py::Polling(max_records)",
        "shared/kafka/subscription.py::Polling(session_timeout)",
        "shared/kafka/subscription.py::Polling(wait)",
        "shared/kafka/subscription.py::subscribe(polling)",
    ],
}


class Option(NamedTuple):
    """An argument with a default, or a record's field; without a place it is given by name only."""

    where: str
    callee: str
    name: str
    place: int | None
    is_field: bool = False


class Call(NamedTuple):
    """What one call gives: so many by place, these by name, or one knows not which."""

    places: int
    names: frozenset[str | None]
    spread: bool

    def gives(self, option: Option) -> bool:
        by_place = option.place is not None and (self.spread or self.places > option.place)
        return by_place or not self.names.isdisjoint({option.name, None})


@cache
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for folder in PRODUCT
        for path in (ROOT / folder).rglob("*.py")
    }


def named(node: ast.AST) -> str:
    """Give the last name of what is called, decorated with or derived from."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return named(inner)
    return ""


def of_function(
    function: ast.FunctionDef | ast.AsyncFunctionDef, within: str, holder: str | None
) -> Iterator[Option]:
    decorated = [named(one) for one in function.decorator_list]
    if any(name.endswith(FILLED_BY_FRAMEWORKS) for name in decorated):
        return
    given, arguments = function.args, [*function.args.posonlyargs, *function.args.args]
    bound = holder is not None and "staticmethod" not in decorated
    callee = holder if holder and function.name == "__init__" else function.name
    first = len(arguments) - len(given.defaults)
    for place, argument in enumerate(arguments[first:], first - bound):
        yield Option(within, callee, argument.arg, place)
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if default is not None:
            yield Option(within, callee, argument.arg, None)


def of_record(record: ast.ClassDef, within: str) -> Iterator[Option]:
    """Give fields that a record may be made without; what `field(…)` begins is its own state."""
    if not {"dataclass", "NamedTuple"} & set(map(named, [*record.decorator_list, *record.bases])):
        return
    fields = [one for one in record.body if isinstance(one, ast.AnnAssign)]
    for place, field in enumerate(fields):
        if (
            isinstance(field.target, ast.Name)
            and field.value is not None
            and named(field.value) != "field"
            and named(field.annotation) != "ClassVar"
        ):
            yield Option(within, record.name, field.target.id, place, is_field=True)


def options(body: list[ast.stmt], within: str, holder: str | None = None) -> Iterator[Option]:
    for node in body:
        match node:
            case ast.ClassDef(name=name):
                yield from of_record(node, f"{within}{name}")
                yield from options(node.body, f"{within}{name}.", name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield from of_function(node, f"{within}{name}", holder)
                yield from options(node.body, f"{within}{name}.")


class Said(NamedTuple):
    """What the product gives to whom, what it writes into records later, whom frameworks call."""

    calls: dict[str, list[Call]]
    written: set[str]
    depended_on: set[str]


def said() -> Said:
    found = Said(defaultdict(list), set(), set())
    for tree in trees().values():
        nodes = list(ast.walk(tree))
        imports = (one for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names)
        names = {one.asname: one.name for one in imports if one.asname}
        bases = {
            id(inner): [node.name, *map(named, node.bases)]
            for node in nodes
            if isinstance(node, ast.ClassDef)
            for inner in ast.walk(node)
        }
        for node in nodes:
            if isinstance(node, ast.Subscript) and named(node) == "Annotated":
                inner = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
                if any(named(one) == "Depends" for one in inner):
                    found.depended_on.update(map(named, ast.walk(node)))
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.written.add(node.attr)
            if not isinstance(node, ast.Call):
                continue
            callee = names.get(named(node.func), named(node.func))
            arguments = node.args
            if callee in CALL_FOR_OTHERS and arguments:
                callee, arguments = named(arguments[0]), arguments[1:]
                callee = names.get(callee, callee)
            call = Call(
                len(arguments),
                frozenset(one.arg for one in node.keywords),
                any(isinstance(one, ast.Starred) for one in arguments),
            )
            own, *above = bases.get(id(node), [""])
            for name in [own] if callee == "cls" else above if callee == "__init__" else [callee]:
                found.calls[name].append(call)
    return found


def unsaid() -> set[str]:
    calls, written, depended_on = said()
    written.update(
        name for call in calls["replace"] + calls["_replace"] for name in call.names if name
    )
    return {
        f"{option.where}({option.name})"
        for path, tree in trees().items()
        for option in options(tree.body, f"{path}::")
        if option.callee not in depended_on
        and not (option.is_field and option.name in written)
        and not any(call.gives(option) for call in calls[option.callee])
    }


def test_each_option_is_used_in_the_product_and_the_list_is_no_longer_than_needed() -> None:
    found, listed = unsaid(), {name for names in NEVER_SAID.values() for name in names}
    assert (found - listed, listed - found) == (set(), set())
