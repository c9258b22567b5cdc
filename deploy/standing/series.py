"""What a process tells Prometheus, series by series. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

Series: TypeAlias = Mapping[str, Sequence[Sample]]
"""By the name of the series: that of a counter ends in `_total`."""


def read(text: str) -> Series | None:
    """Read the figures of a process; None: these aren't figures."""
    found: dict[str, list[Sample]] = defaultdict(list)
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name].append(sample)
    except ValueError:
        return None
    return found
