"""All channels; a fifth one is a folder and a line here."""

from collections.abc import Sequence

from services.notify.channels.email import wiring as email
from services.notify.channels.letter import wiring as letter
from services.notify.channels.mailbox import wiring as mailbox
from services.notify.channels.sms import wiring as sms
from services.notify.parts import Way

CHANNELS: Sequence[Way] = (email.WAY, sms.WAY, mailbox.WAY, letter.WAY)
