"""The examples of a message's description, to fill its text with. Pure."""

from collections.abc import Mapping

from services.notify.messages.description import Placeholder, ValueType
from services.notify.messages.rendering import DUTIES, Values
from services.notify.messages.text import BINDING_LANGUAGE, MessageType
from shared.organisation.model import Organisation


def examples(kind: MessageType, here: Organisation | None = None) -> Mapping[str, Values]:
    """Give the examples to fill a text with, by what makes it read otherwise.

    A message with optional values reads differently without them, so there are two ways to fill it;
    one that heeds duties reads differently while they are open.

    Args:
        kind: The message.
        here: Of whose offices and documents an example is, where the description's isn't.
    """
    given = kind.description.placeholders
    optional = [name for name, placeholder in given.items() if placeholder.optional]
    full = {name: _example(placeholder, kind, here) for name, placeholder in given.items()}
    bare = {name: example for name, example in full.items() if name not in optional}
    heeds = kind.description.heeds
    open_ = {"with duties open": full | {DUTIES: sorted(heeds)}} if heeds else {}
    left_out = {f"without {', '.join(optional)}": bare} if optional else {}
    return {"": full} | left_out | open_


def _example(given: Placeholder, kind: MessageType, here: Organisation | None) -> object:
    match given.type:
        case ValueType.OFFICE if here is not None:
            keys = [office.key for office in here.offices]
            return given.example if given.example in keys else keys[0]
        case ValueType.DOCUMENTS:
            named = kind.texts[BINDING_LANGUAGE].documents
            return given.example if named.keys() >= set(given.example) else (*named,)[:2]
    return given.example
