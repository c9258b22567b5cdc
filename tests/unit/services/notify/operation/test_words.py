"""Everything that the pages about messages may have to say has words, in both languages."""

import pytest

from services.notify.lanes import Lane
from services.notify.messages.catalogue import load_messages
from services.notify.messages.description import Audience, LegalClass
from services.notify.operation import pages as log
from services.notify.operation.errors import Obstacle
from services.notify.operation.written import Action
from services.notify.preview import pages as texts
from services.notify.states import State
from services.notify.statistics import pages as statistics
from services.notify.statistics.table import Column
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel
from shared.web.pages.words import FOLDER, Language, load_words

WORDS = load_words([FOLDER, log.FOLDER, texts.FOLDER, statistics.FOLDER])
CAUSES = {
    cause.event.removeprefix("gleichfall.")
    for kind in load_messages().by_name.values()
    if kind.description.audience is Audience.APPLICANT
    for cause in kind.description.cause
}
ENDED = set(State) - {State.ACCEPTED}
KEYS = [
    *(f"cause.{cause}" for cause in (*CAUSES, "message")),
    *(f"messages.state.{state}" for state in State),
    *(f"messages.stands.{state}" for state in ENDED),
    *(f"messages.by.{channel}" for channel in Channel),
    *(f"messages.to.{capacity}" for capacity in (*Capacity, "applicant")),
    *(f"messages.refused.{obstacle}" for obstacle in Obstacle),
    *(
        f"messages.{what}.{action}"
        for what in ("act", "do", "done", "before", "line", "reason", "refused")
        for action in Action
    ),
    *(f"messages.act.{action}.text" for action in Action),
    *(f"messages.refused.not_{action}" for action in (Action.STOPPED, Action.TOLD)),
    *(f"texts.class.{one}" for one in LegalClass),
    *(f"texts.lane.{one}" for one in Lane),
    *(f"texts.for.{one}" for one in Audience),
    *(f"statistics.{column}" for column in Column),
    *statistics.HEADS,
]


@pytest.mark.parametrize("language", Language)
def test_everything_has_words(language: Language) -> None:
    assert [key for key in KEYS if WORDS[language].gettext(key) == key] == []
