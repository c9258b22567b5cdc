"""What services, offices and telephone lines are called. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Names:
    """Names by key, in one language.

    Attributes:
        services: By key and by LeiKa key.
    """

    services: Mapping[str, str]
    offices: Mapping[str, str]
    lines: Mapping[str, str]

    @classmethod
    def of(cls, organisation: Organisation, language: str) -> Self:
        """Read them from the description of an authority."""
        return cls(
            {
                key: getattr(one.name, language)
                for one in organisation.services
                for key in (one.key, one.leika)
                if key
            },
            {one.key: getattr(one.name, language) for one in organisation.offices},
            {
                line.key: getattr(line.name, language)
                for office in organisation.offices
                for line in office.lines
            },
        )

    def service(self, key: str) -> str:
        """Name a service; one that isn't there any more by its key."""
        return self.services.get(key, key)

    def office(self, key: str) -> str:
        """Name an office, likewise."""
        return self.offices.get(key, key)

    def line(self, key: str) -> str:
        """Name a telephone line, likewise."""
        return self.lines.get(key, key)
