"""What guidance refuses."""

from collections.abc import Sequence

from shared.configuration.yaml_file import FileInvalid
from shared.errors import PermanentError


class GuidanceRefused(PermanentError):
    """Something can't be done with an article; nothing has changed."""


class ArticleIncomplete(GuidanceRefused):
    """An article lacks something.

    Attributes:
        faults: The fields that must be mended.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(f"the article lacks {', '.join(faults)}")
        self.faults = tuple(faults)


class ArticleChanged(GuidanceRefused):
    """There is another version than the one that somebody saw.

    Attributes:
        version: The one that stands now; 0 when there is none.
    """

    def __init__(self, key: str, version: int) -> None:
        super().__init__(f"{key} stands at version {version}; look at it and write again")
        self.version = version


class ArticlesInvalid(FileInvalid):
    """A file of articles can't be used; the message names line, field and mend."""
