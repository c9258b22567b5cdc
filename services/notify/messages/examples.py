"""The examples of a message's description, to fill its text with. Pure."""

from collections.abc import Mapping

from services.notify.messages.rendering import DUTIES, Values
from services.notify.messages.text import MessageType


def examples(kind: MessageType) -> Mapping[str, Values]:
    """Give the examples to fill a text with, by what makes it read otherwise.

    A message with optional values reads differently without them, so there are two ways to fill it;
    one that heeds duties reads differently while they are open.
    """
    given = kind.description.placeholders
    optional = [name for name, placeholder in given.items() if placeholder.optional]
    full: dict[str, object] = {name: placeholder.example for name, placeholder in given.items()}
    bare = {name: example for name, example in full.items() if name not in optional}
    heeds = kind.description.heeds
    open_ = {"with duties open": full | {DUTIES: sorted(heeds)}} if heeds else {}
    left_out = {f"without {', '.join(optional)}": bare} if optional else {}
    return {"": full} | left_out | open_
