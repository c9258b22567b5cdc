"""Which topics a service reads."""

from collections.abc import Mapping

from shared.events.registry import Topic

READS: Mapping[str, tuple[Topic, ...]] = {
    "intake": (),
    "controlling": (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS),
    "notify": (Topic.CASE_EVENTS, Topic.REVIEW_EVENTS),
}
"""By service; its name is its consumer group."""
