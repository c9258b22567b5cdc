"""Product code has a caller in the product: what only tests call is no part of it."""

import ast
from enum import Enum
from importlib import import_module
from inspect import isclass
from pathlib import Path

from pydantic import BaseModel
from vulture import Vulture
from vulture.core import Item

ROOT = Path(__file__).parents[2]

# Whoever is decorated so is called by a framework, by its place or its name.
CALLED_BY_FRAMEWORKS = [
    "@*.command",
    "@*.delete",
    "@*.get",
    "@*.group",
    "@*.post",
    "@*validator",
]
# What others call by its name, and who.
CALLED_BY_NAME = {
    "aiokafka": [
        "shared/kafka/consumer.py::Consumer.on_partitions_assigned",
        "shared/kafka/consumer.py::Consumer.on_partitions_revoked",
        *(
            f"shared/kafka/protocol.py::{name}.{attribute}"
            for name in ("_TopicRightsRequest", "_TopicRightsResponse", "_GroupRightsRequest")
            for attribute in ("API_KEY", "API_VERSION")
        ),
        "shared/kafka/protocol.py::GroupRights.API_KEY",
        "shared/kafka/protocol.py::_GroupRightsRequest.RESPONSE_TYPE",
        "shared/kafka/protocol.py::_TopicRightsRequest.RESPONSE_TYPE",
        "shared/kafka/protocol.py::TopicRights.API_KEY",
    ],
    "aiosmtpd": ["deploy/local/mail_server.py::Maildir.handle_DATA"],
    "http.server": [
        "deploy/demo/time_stamps.py::Authority.serving.Handler.do_POST",
        "deploy/demo/time_stamps.py::Authority.serving.Handler.log_message",
    ],
    "httpx": ["services/intake/contacts.py::Shown.auth_flow"],
    "asyncpg": ["services/notify/message.py::Row.__getitem__"],
    "click": ["shared/console/lazy_group.py::LazyGroup.format_commands"],
    "faststream": [
        "shared/kafka/subscription.py::RawRecords.decode_batch",
        "shared/kafka/subscription.py::RawRecords.encode_batch",
    ],
    "markdown-it": ["services/controlling/guidance/markdown.py::_Parser.validateLink"],
    "jinja2": [
        "services/controlling/findings/store.py::Counts.replied",
        "services/controlling/results/view.py::View.reviewed_in_time",
        "services/controlling/reviews/board/store.py::BoardCounts.waiting_overdue",
    ],
    "opentelemetry": [
        "shared/observe/tracing.py::_TraceparentAlone.extract",
        "shared/observe/tracing.py::_TraceparentAlone.inject",
        "shared/observe/tracing.py::_TraceparentAlone.inject.setter",
        "shared/observe/tracing.py::_WithoutCallersText.on_start",
        "shared/observe/tracing.py::_WithoutCallersText.parent_context",
    ],
    "pydantic": [
        "services/controlling/policy/schema.py::_FileSchema.decimal_schema",
        "shared/events/json_schema.py::ContractSchema.field_title_should_be_set",
    ],
    "templates": [
        "deploy/desk/operations/look.py::Look.counts_unreached",
        "deploy/desk/operations/look.py::Look.reconciled",
        "deploy/desk/operations/look.py::Look.unready",
        "deploy/standing/figures.py::Figures.lag_age",
        "services/controlling/guidance/store.py::Link.title_in",
        "services/controlling/measures/effect.py::Effect.overturned",
        "services/controlling/results/chart.py::Chart.height",
        "services/controlling/results/chart.py::Mark.y",
        "services/controlling/service_figures/overview.py::CounterDay.alarming",
        "services/controlling/service_figures/overview.py::Overview.counters_on",
        "services/controlling/service_figures/visits.py::Visits.redirected",
        "services/controlling/reviews/asked.py::Sheet.finds",
        "services/controlling/reviews/form/opened.py::Reviewed.has_twin",
        "services/controlling/reviews/form/words.py::Words.read_day",
        "services/controlling/reviews/mine/store.py::Mine.hold_reason",
        "services/controlling/reviews/board/store.py::OnBoard.hold_reason",
        "services/controlling/reviews/board/workload.py::Workload.too_much",
    ],
    "uvicorn": [
        "deploy/serve.py::Server.capture_signals",
        "shared/web/connection.py::Connection.data_received",
    ],
    "what prints it whole": [
        "services/controlling/planning/sample_sizes.py::AttributeSample.allowed_errors",
    ],
    "nobody yet: the contract (docs/guide/events.md) promises it": [
        "shared/events/catalogue/notification.py::NotificationSent",
        "shared/events/catalogue/review.py::ReportPublished",
    ],
}


def named(item: Item, module: ast.Module) -> str:
    """Give the dotted name of a piece of code inside its file."""
    parts: list[str] = []
    body = module.body
    while found := next(
        (
            node
            for node in body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno < item.first_lineno <= (node.end_lineno or 0)
        ),
        None,
    ):
        parts.append(found.name)
        body = found.body
    return ".".join([*parts, item.name])


def is_data(dotted: str, name: str) -> bool:
    """Tell if it is a model's field or an enum's member: files and events name it."""
    holder: object = import_module(dotted)
    for part in name.split(".")[:-1]:
        holder = getattr(holder, part, None)
    return isclass(holder) and issubclass(holder, BaseModel | Enum)


def unused() -> set[str]:
    finder = Vulture(ignore_decorators=CALLED_BY_FRAMEWORKS)
    finder.scavenge([str(ROOT / folder) for folder in ("services", "shared", "deploy")])
    found = set()
    for item in finder.get_unused_code():
        if item.typ == "import":
            continue  # the linter sees these
        path = Path(item.filename).relative_to(ROOT)
        text = item.filename.read_text(encoding="utf-8")
        if item.typ == "attribute" and "self." not in text.splitlines()[item.first_lineno - 1]:
            continue  # what is written into another's object is read there
        name = named(item, ast.parse(text))
        if item.typ == "variable" and is_data(".".join(path.with_suffix("").parts), name):
            continue
        found.add(f"{path.as_posix()}::{name}")
    return found


def test_the_product_calls_all_that_it_has_and_the_list_is_no_longer_than_needed() -> None:
    found, listed = unused(), {name for names in CALLED_BY_NAME.values() for name in names}
    assert (found - listed, listed - found) == (set(), set())
