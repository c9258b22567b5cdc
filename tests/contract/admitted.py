"""Events that the door lets in: every value that the schemas allow, up to both ends of the span."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from services.intake.plausibility import Reach, Span
from services.intake.screening import Rules, screen
from shared.events.event import Event
from shared.events.registry import CATALOGUE, EventType, Topic
from shared.security.identity import SourceSystem
from tests.contract.schemas import facts
from tests.listed import KEYS, listed, subject_for

FROM_OUTSIDE = [
    entry
    for entry in CATALOGUE.values()
    if entry.topic in (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS)
    and entry.name != "gleichfall.case.event_discarded.v1"
]
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
_REACH = Reach()
_SPAN = Span.at(NOW, _REACH)
_SYSTEM = SourceSystem("permits", ("urn:test",), ("*",), counts=("urn:test",))
_RULES = Rules(_SYSTEM, NOW, timedelta(minutes=5), _REACH, KEYS)
_LANGUAGES = st.sampled_from([None, "de", "en-GB", "uk", "ar-SY", "ckb", "zh-Hant", "sr-Latn-RS"])
_DAYS = {"day", "due", "notified_on", "valid_from", "valid_until"}
_MOMENTS = {"starts", "ends", "due"}
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda one: timezone(timedelta(minutes=one)))


@st.composite
def admitted(draw: st.DrawFn, entry: EventType) -> Event:
    """Draw an event that the schema allows, with times up to both ends of the span, let in."""
    drawn: dict[str, Any] = draw(facts(entry))
    data: dict[str, Any] = {name: draw(_within(name, value)) for name, value in drawn.items()}
    if "ends" in data and data["ends"] is not None:
        data["ends"] = (datetime.fromisoformat(data["starts"]) + timedelta(days=3)).isoformat()
    if "week" in data:
        monday = draw(st.dates(_SPAN.first + timedelta(days=7), _SPAN.last_fact))
        data["week"] = monday.strftime("%G-W%V")
    moments = st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 28), timezones=_OFFSETS)
    document = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:test",
        "type": entry.name,
        "subject": subject_for(entry.name),
        "time": draw(moments).isoformat(),
        "data": listed(data) | ({"language": draw(_LANGUAGES)} if "language" in data else {}),
    }
    candidates, refusals = screen([document], _RULES)
    assert not refusals, refusals
    return candidates[0].event._replace(sequence=1)


def _within(name: str, value: object) -> st.SearchStrategy[object]:
    plans = {"starts", "ends", "due", "day", "valid_until"}
    last = _SPAN.last_plan if name in plans else _SPAN.last_fact
    if not isinstance(value, str):
        return st.just(value)
    if "T" in value and name in _MOMENTS:
        first = datetime(1990, 1, 2)
        end = datetime(last.year, last.month, last.day - 4)
        return st.datetimes(first, end, timezones=_OFFSETS).map(datetime.isoformat)
    if name in _DAYS:
        return st.dates(_SPAN.first, last).map(date.isoformat)
    return st.just(value)
