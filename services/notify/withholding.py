"""Which figures may be shown is one rule for all services: its form. Pure."""

from collections.abc import Callable, Collection, Hashable, Mapping

Withhold = Callable[[Mapping[Hashable, Mapping[Hashable, int]]], Collection[Hashable]]
"""From all figures of a table, each by the sizes of its parts, to those that must not be shown."""
