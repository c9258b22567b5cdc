"""`gleichfall metrics`: what can be seen of a running system in figures."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
from prometheus_client import Counter, Gauge
from prometheus_client.metrics import MetricWrapperBase

from shared.console.options import OUT
from shared.errors import GleichfallError
from shared.observe import gauges, metrics
from shared.observe.family import Family

_HEAD = """\
# Metrics

What each process tells at `/metrics`, beside what Prometheus' library tells of the process itself.
Written by `gleichfall metrics`; `make check` holds it against the code. Each series has the label
`service` of its target, too. None is about a person or a case, and of cases and decisions nothing
is told about fewer than 7. What the alerts make of them: [runbooks.md](runbooks.md).
"""
_ROOMS = (
    (
        metrics,
        "What happens",
        "Counted where it happens. What can be counted is told from the start, at 0.",
    ),
    (
        gauges,
        "How things stand",
        """\
Read every so often by one loop of each process. Several processes of a service read the same
database: take `max`, never `sum`. `NaN`, or no series, is unknown or withheld, and not 0.""",
    ),
)


class MetricsDiffer(GleichfallError):
    """The committed page says something else than the code."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} differs from the code. Run `gleichfall metrics --out {path}`")


@click.command(name="metrics")
@click.option("--out", type=OUT, help="Write it to this file.")
@click.option("--check", type=OUT, help="Compare this file with it; exit 1 where it differs.")
def list_metrics(out: Path | None, check: Path | None) -> None:
    """List every metric with its labels and its meaning, as a page of Markdown.

    \b
    Examples:
        gleichfall metrics --out docs/operations/metrics.md
        gleichfall metrics --check docs/operations/metrics.md
    """
    text = page()
    if check is not None:
        if not check.exists() or check.read_text(encoding="utf-8") != text:
            raise MetricsDiffer(check)
        click.echo(f"{check} says what the code does")
    elif out is not None:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


def declared(module: ModuleType) -> dict[str, MetricWrapperBase]:
    """Give the metrics that a file declares, by the names with which they are shown."""
    found = (one.metric if isinstance(one, Family) else one for one in vars(module).values())
    return {_shown(one): one for one in found if isinstance(one, MetricWrapperBase)}


def page() -> str:
    """Write the page."""
    return "\n".join([_HEAD, *(line for room in _ROOMS for line in _table(*room))])


def _table(module: ModuleType, title: str, about: str) -> Iterator[str]:
    yield f"## {title}\n\n{about}\n"
    yield "| Metric | Kind | Labels | Means |\n|---|---|---|---|"
    for name, metric in declared(module).items():
        [described] = metric.describe()
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)  # noqa: SLF001 - no other way
        yield f"| `{name}` | {_kind(metric)} | {labels} | {described.documentation} |"
    yield ""


def _shown(metric: MetricWrapperBase) -> str:
    [described] = metric.describe()
    return described.name + ("_total" if isinstance(metric, Counter) else "")


def _kind(metric: MetricWrapperBase) -> str:
    if isinstance(metric, Counter):
        return "counter"
    return "gauge" if isinstance(metric, Gauge) else "histogram"
