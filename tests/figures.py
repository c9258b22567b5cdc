"""What processes tell at `/metrics`, and whether an alert fires if things stay as they are.

Prometheus' own tool judges, on the rules as they are deployed. It is given each series as
Prometheus would have it: with the labels of the deployed scrape, and going on as it stands. What
has happened since happens again and again, what waits gets older, all else stays.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import ceil, isnan, nan
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from prometheus_client import Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local import loopback
from shared.observe import gauges
from shared.observe.family import Family
from tests.rules import ALERTS, DEPLOYED, RECORDS, Series, complaints, file_of, question

Figures = Callable[[], Awaitable[Mapping[str, str]]]
"""Gives what each process tells now, by its name."""
Read = Callable[[], Awaitable[object]]

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_LOOKED_BACK = re.compile(r"(?:\[|offset )(\d+[mhd])")
_UNITS = {"m": _MINUTE, "h": _HOUR, "d": timedelta(days=1)}


def scraped(addresses: Mapping[str, str]) -> Figures:
    """Give what running processes tell at these addresses; each reads its gauges by itself."""

    async def figures() -> Mapping[str, str]:
        answers = [await asyncio.to_thread(loopback.get, address) for address in addresses.values()]
        return {name: one.text for name, one in zip(addresses, answers, strict=True)}

    return figures


def read_by(**services: Sequence[Read]) -> Figures:
    """Give what services would tell whose gauges are read here, as their loop of looks does."""

    async def figures() -> Mapping[str, str]:
        told = {}
        for service, reads in services.items():
            _forget()
            for read in reads:
                await read()
            told[service] = generate_latest().decode()
        return told

    return figures


def _forget() -> None:
    """Let each gauge tell nothing, as in a process that has just started."""
    for one in vars(gauges).values():
        if isinstance(one, Family):
            one._children.clear()
            one.metric.clear()
        elif isinstance(one, Gauge):
            one.set(nan)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What Prometheus says of an alert, and on which series."""

    fires: bool
    series: Series


def judge(alert: str, before: Mapping[str, str], now: Mapping[str, str]) -> Judgement:
    """Tell whether an alert fires if all goes on as it stands.

    Args:
        alert: Its name.
        before: What was told before, since when counters have grown.
        now: What is told now.
    """
    expressions = _expressions(alert)
    asked = set(re.findall(r"\bgleichfall_\w+", expressions))
    lasts = _lasts(alert, expressions)
    step, unit = (_MINUTE, "m") if lasts < 12 * _HOUR else (_HOUR, "h")
    steps = ceil(lasts / step)
    series = dict(_going_on(before, now, asked, step, steps))
    ask = partial(question, alert, series, at=f"{steps}{unit}", step=f"1{unit}")
    complained = {}
    for fires in (True, False):
        with TemporaryDirectory() as folder:
            asking = [ask(fires=fires)]
            complained[fires] = complaints(
                file_of(alert), asking, step=f"1{unit}", folder=Path(folder)
            )
        if not complained[fires]:
            return Judgement(fires, series)
    raise AssertionError(complained)


def _expressions(alert: str) -> str:
    """Give what an alert asks, and what is recorded for it."""
    asks: str = ALERTS[alert]["expr"]
    return "\n".join([asks, *(text for name, text in RECORDS.items() if name in asks)])


def _lasts(alert: str, expressions: str) -> timedelta:
    """Give for how long all must go on until an alert must know: an age reaches its limit, too."""
    looked_back = map(_length, _LOOKED_BACK.findall(expressions))
    return max([_HOUR, *looked_back]) + _length(ALERTS[alert].get("for", "0m")) + _HOUR


def _length(written: str) -> timedelta:
    return int(written[:-1]) * _UNITS[written[-1]]


@dataclass(frozen=True, slots=True)
class _Told:
    value: float
    counts: bool
    """It only ever grows, as long as its process lives."""


def _going_on(
    before: Mapping[str, str], now: Mapping[str, str], asked: set[str], step: timedelta, steps: int
) -> Iterator[tuple[str, str]]:
    """Write what is told now as series that go on; what is unknown (NaN) fires nothing."""
    known = dict(_told(before, asked))
    for name, told in _told(now, asked):
        if isnan(told.value):
            continue
        first, rise = told.value, 0.0
        metric = name.partition("{")[0]
        if told.counts:  # of a series that wasn't there before, nobody knows how it has grown
            rise = max(0.0, told.value - known.get(name, told).value)
        elif metric.endswith("_timestamp_seconds"):
            first -= time.time()  # where it is judged, it is 1970
        elif metric.endswith("_age_seconds") and told.value > 0:
            rise = step.total_seconds()
        yield name, f"{first:.3f}+{rise:.3f}x{steps}"


def _told(processes: Mapping[str, str], asked: set[str]) -> Iterator[tuple[str, _Told]]:
    for process, text in processes.items():
        target = _target(process)
        for family in text_string_to_metric_families(text):
            counts = family.type in ("counter", "histogram")
            for one in family.samples:
                if one.name in asked:
                    yield _written(one.name, one.labels, target), _Told(one.value, counts)


def _target(process: str) -> Mapping[str, str]:
    """Give the labels that the deployed scrape adds to what a process tells."""
    [job] = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())["scrape_configs"]
    service = process.partition("-")[0]
    [(target, labels)] = [
        (target, group["labels"])
        for group in job["static_configs"]
        for target in group["targets"]
        if group["labels"]["service"] == service
    ]
    return {"job": job["job_name"], "instance": target.replace(service, process, 1), **labels}


def _written(name: str, labels: Mapping[str, str], target: Mapping[str, str]) -> str:
    own = {f"exported_{key}" if key in target else key: value for key, value in labels.items()}
    pairs = sorted((own | dict(target)).items())
    return f"{name}{{{','.join(f'{key}={json.dumps(value)}' for key, value in pairs)}}}"
