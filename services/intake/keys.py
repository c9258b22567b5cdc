"""The keys that events may name, looked up where they are listed; pure.

A pattern is no closed list: a name can be made to fit it. So what an event calls a unit, an office,
a document, must be one. Logs of other authorities bring keys of their own; those are let in only
for sources that the operator chose, only if they look like no name, and each is noted.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple, Self

from shared.events.errors import Defect, EventError, FieldError
from shared.events.event import Event
from shared.events.registry import CATALOGUE, Facts, SubjectKind
from shared.events.vocabulary import Channel, FeatureValue, IntakeChannel
from shared.law.citation import is_citation
from shared.law.decision_types import DecisionTypes, Feature
from shared.organisation.model import Organisation
from shared.security.references import REFERENCE, is_reference

_LISTS: Mapping[str, str] = {
    "unit": "unit of the organisation file",
    "office": "office of the organisation file",
    "line": "telephone line of the organisation file",
    "service_key": "service of the organisation file",
    "type_code": "type of decision of the catalogue",
    "type_codes": "type of decision of the catalogue",
    "items": "document of the organisation file's vocabulary",
    "body": "body of the organisation file's vocabulary",
    "reason": "closing reason of the organisation file's vocabulary",
    "remedy_instruction": "remedy instruction of the organisation file's vocabulary",
    "channel": "dispatch channel of the organisation file's vocabulary",
    "features": "feature of such a decision in the catalogue",
    "subject": "office, line, unit or authority of the organisation file",
}
# Of a log's own: words in small letters, a letter for a class; no long number, no day.
_OWN = re.compile(r"(?!.*\d{5})(?!.*\d{4}-\d\d-\d\d)([a-z0-9]+([._-][a-z0-9]+)*|[A-Z]{1,2})")
# No day of anybody's life.
_VERSION = re.compile(r"(?!\d{4}[.-]\d\d[.-]\d\d)\d{1,4}([.-]\d{1,3}){0,2}")
_LARGEST_OWN = 9_999


class Unlisted(NamedTuple):
    """A key that no list has, let in because its source may."""

    field: str
    key: str

    @property
    def reason(self) -> str:
        """What is wrong with it."""
        return f"is no {_LISTS[self.field.removeprefix('data.')]}"


@dataclass(frozen=True, slots=True)
class Keys:
    """What is listed.

    Attributes:
        by_field: The keys that a field may hold.
        subjects: What an event of an office may be about.
        features: By key.
        groups: The group of a type of decision, of any time.
        statutes: What a citation may name.
    """

    by_field: Mapping[str, frozenset[str]]
    subjects: frozenset[str]
    features: Mapping[str, Feature]
    groups: Mapping[str, str]
    statutes: frozenset[str]

    @classmethod
    def of(cls, organisation: Organisation, types: DecisionTypes, statutes: frozenset[str]) -> Self:
        """Take them from where they are listed."""
        words = organisation.vocabulary
        units = organisation.keys_of_units
        offices = {office.key for office in organisation.offices}
        lines = {line.key for office in organisation.offices for line in office.lines}
        services = {key for one in organisation.services for key in (one.key, one.leika) if key}
        by_field = {
            "unit": units,
            "office": offices,
            "line": lines,
            "service_key": services,
            "type_code": types.codes,
            "type_codes": types.codes,
            "items": set(words.documents),
            "body": set(words.bodies),
            "reason": set(words.closing_reasons),
            "remedy_instruction": set(words.remedy_instructions),
            "channel": {*words.dispatch_channels, *Channel},
        }
        return cls(
            {name: frozenset(keys) for name, keys in by_field.items()},
            frozenset({organisation.authority.key, *units, *offices, *lines}),
            {feature.key: feature for feature in types.features},
            {one.code: one.group for one in types.every()},
            statutes,
        )

    def unlisted(self, event: Event, *, free: bool) -> tuple[Unlisted, ...]:
        """Look every key of an event up; gives those that no list has.

        Args:
            event: The event.
            free: Whether its source may bring keys of its own.

        Raises:
            EventError: a key that isn't listed, of a source that may not bring its own; or
                something that could be read as somebody's name or number, of any source.
        """
        data = event.data
        fields = _fields(type(data))
        self._check_references(data, fields)
        found = [
            Unlisted(f"data.{name}", key)
            for name in fields.looked_up
            for key in _keys(getattr(data, name))
            if key not in self.by_field[name]
        ]
        if fields.about_office and event.subject not in self.subjects:
            found.append(Unlisted("subject", event.subject))
        if fields.features and (features := getattr(data, "features", None)):
            group = self.groups.get(getattr(data, "type_code", ""))
            found.extend(self._strange_features(features, group))
        if not found:
            return ()
        refused = [one for one in found if not free or not _OWN.fullmatch(one.key)]
        if refused:
            raise EventError(
                Defect.KEY_UNKNOWN, *(FieldError(one.field, one.reason) for one in refused)
            )
        return tuple(found)

    def lists(self, one: Unlisted) -> bool:
        """Tell whether a key is listed by now, as a value of a feature, too."""
        name = one.field.removeprefix("data.")
        if name == "features":
            words = {word for feature in self.features.values() for word in feature.one_of}
            return one.key in self.features or one.key in words
        return one.key in (self.subjects if name == "subject" else self.by_field[name])

    def _check_references(self, data: Facts, fields: "_Fields") -> None:
        for name in fields.references:
            value = getattr(data, name)
            if value is None or _GRAMMARS[name](value, self.statutes):
                continue
            raise EventError(Defect.PERSONAL_DATA, FieldError(f"data.{name}", _SHAPES[name]))

    def _strange_features(
        self, features: Mapping[str, FeatureValue], group: str | None
    ) -> Iterator[Unlisted]:
        for name, value in features.items():
            feature = self.features.get(name)
            if feature is not None and (not feature.groups or group in feature.groups):
                if feature.takes(value):
                    continue
                raise EventError(
                    Defect.KEY_UNKNOWN,
                    FieldError(f"data.features.{name}", "can't have this value"),
                )
            yield Unlisted("data.features", name)
            if isinstance(value, str):
                yield Unlisted("data.features", value)
            elif abs(value) > _LARGEST_OWN:
                raise EventError(
                    Defect.PERSONAL_DATA,
                    FieldError("data.features", f"numbers lie within ±{_LARGEST_OWN}"),
                )


class _Fields(NamedTuple):
    """What is to be looked at in a type of event."""

    looked_up: tuple[str, ...]
    references: tuple[str, ...]
    features: bool
    about_office: bool


@cache
def _fields(model: type[Facts]) -> _Fields:
    """Say what is to be looked at; what is an enum is closed anyway."""
    fields = model.model_fields
    return _Fields(
        tuple(
            name
            for name, field in fields.items()
            if name in _LISTS and name != "features" and field.annotation is not IntakeChannel
        ),
        tuple(name for name in fields if name in _GRAMMARS),
        "features" in fields,
        CATALOGUE[model.event_type].subject is SubjectKind.OFFICE,
    )


def _keys(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


@lru_cache(maxsize=4_096)
def _is_citation(text: str, statutes: frozenset[str]) -> bool:
    return is_citation(text, statutes)


@lru_cache(maxsize=256)
def _is_language(text: str, _: frozenset[str]) -> bool:
    """Tell whether each part of a tag is one that there is: three small letters may be a name."""
    from babel import Locale  # noqa: PLC0415 - slow, and asked once per tag

    known = Locale("en")
    language, *others = text.split("-")
    parts = {*known.scripts, *known.territories}
    return language in known.languages and parts.issuperset(others)


_GRAMMARS: Mapping[str, Callable[[str, frozenset[str]], bool]] = {
    "dataref": lambda text, _: is_reference(text),
    "legal_basis": _is_citation,
    "language": _is_language,
    "version": lambda text, _: _VERSION.fullmatch(text) is not None,
}
_SHAPES: Mapping[str, str] = {
    "dataref": REFERENCE,
    "legal_basis": "must cite norms of known statutes, as § 5 AufenthG",
    "language": "must be a language that there is (BCP 47)",
    "version": "must be a number of up to three parts, as 2026-1",
}
