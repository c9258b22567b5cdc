"""How things stand, read every so often by one loop per process; `metrics.py` has what happens.

Several processes of a service read the same database: of a gauge about it the greatest counts,
never the sum. What isn't told is unknown or withheld, and not 0: of cases and decisions nothing is
told about fewer than 7.
"""

from enum import StrEnum

from prometheus_client import Gauge

from shared.events.registry import Topic
from shared.events.vocabulary import Channel, ClockKind
from shared.observe.family import Family, unread
from shared.observe.metrics import NeedName
from shared.security.secrets import SecretName


class PoolUse(StrEnum):
    """What a process does with a connection that it may have; over all of them, its limit."""

    USED = "used"
    IDLE = "idle"
    UNOPENED = "unopened"


class CertificateUse(StrEnum):
    """What a certificate is for."""

    KAFKA_OURS = "kafka_ours"
    KAFKA_TRUSTED = "kafka_trusted"
    TIME_STAMP_TRUSTED = "time_stamp_trusted"


class WhichPeriod(StrEnum):
    """Of which review period a figure is; never a period by its name."""

    RUNNING = "running"
    CLOSED = "closed"
    """The last one that was closed."""


class ReviewState(StrEnum):
    """The states of a review that isn't signed."""

    WAITING = "waiting"
    ASSIGNED = "assigned"
    TAKEN = "taken"
    IN_REVIEW = "in_review"


class CounterStanding(StrEnum):
    """Whether an emergency counter opened today as it should have."""

    AWAITED = "awaited"
    OPENED = "opened"
    LATE = "late"
    MISSING = "missing"


# Every process
NEED_MISSING = Family[Gauge, NeedName](
    Gauge(
        "gleichfall_need_missing",
        "1 while the process lacks this to do all its work, as /readyz says.",
        ("need",),
    )
)
POOL_CONNECTIONS = Family[Gauge, PoolUse](
    Gauge("gleichfall_pool_connections", "Connections to the database by use.", ("use",))
)
SECRET_CHANGED = Family[Gauge, SecretName](
    Gauge(
        "gleichfall_secret_changed_timestamp_seconds",
        "When the file of the secret last changed.",
        ("secret",),
    )
)

# Every service
CERTIFICATE_ENDS = Family[Gauge, CertificateUse](
    Gauge(
        "gleichfall_certificate_ends_timestamp_seconds",
        "Until when the certificate is valid; of several that are trusted, the last one's end.",
        ("certificate",),
    )
)
OUTBOX_DEPTH = unread(
    Gauge("gleichfall_outbox_depth_rows", "Events committed and not yet published.")
)
OUTBOX_AGE = unread(
    Gauge(
        "gleichfall_outbox_oldest_age_seconds",
        "Since when the oldest of them waits; 0 without any.",
    )
)
INBOX_SUBJECTS = unread(
    Gauge(
        "gleichfall_inbox_subjects",
        "Cases and the like that events came about, estimated. What waits of them is parked.",
    )
)
PARKED_EVENTS = unread(
    Gauge("gleichfall_parked_events", "Events that wait for an earlier one of their subject.")
)
PARKED_SUBJECTS = unread(
    Gauge("gleichfall_parked_subjects", "Cases and the like in which events wait.")
)
PARKED_AGE = unread(
    Gauge(
        "gleichfall_parked_oldest_age_seconds",
        "Since when the oldest of them waits; 0 without any.",
    )
)
DEAD_LETTERS_OPEN = unread(
    Gauge("gleichfall_dead_letters_open", "Records given up that nobody has settled.")
)
DEAD_LETTER_AGE = unread(
    Gauge(
        "gleichfall_dead_letter_oldest_age_seconds",
        "Since when the oldest of them waits; 0 without any.",
    )
)
EVENTS_NUMBERED = Family[Gauge, Topic](
    Gauge(
        "gleichfall_events_numbered",
        "Events to which the service has given a number, since its database exists.",
        ("topic",),
    )
)
EVENTS_REACHED = Family[Gauge, Topic](
    Gauge(
        "gleichfall_events_reached",
        "Events that the service has come to in the order of their subjects, since its database "
        "exists.",
        ("topic",),
    )
)

# intake
OFFICE_OPEN = unread(
    Gauge("gleichfall_office_open", "1 while some office of the authority is open by its calendar.")
)

UNLISTED_KEYS = unread(
    Gauge(
        "gleichfall_intake_unlisted_keys",
        "Keys of units, services and the like that came in events and that no list has.",
    )
)

# controlling
PERIOD_DECISIONS = Family[Gauge, WhichPeriod](
    Gauge(
        "gleichfall_controlling_period_decisions",
        "Decisions registered in the period.",
        ("period",),
    )
)
PERIOD_EXPECTED = Family[Gauge, WhichPeriod](
    Gauge(
        "gleichfall_controlling_period_expected",
        "Decisions that the policy's chances let expect in the sample.",
        ("period",),
    )
)
PERIOD_DRAWN = Family[Gauge, WhichPeriod](
    Gauge(
        "gleichfall_controlling_period_drawn",
        "Decisions in the sample; once the period is closed, those that reach a minimum, too.",
        ("period",),
    )
)
PROMISED_UNTIL = unread(
    Gauge(
        "gleichfall_controlling_promised_until_timestamp_seconds",
        "The end of the last day whose review period is open: until then, every draw is promised.",
    )
)
UNSTAMPED_PROMISES = unread(
    Gauge(
        "gleichfall_controlling_unstamped_promises",
        "Periods that begin within 3 days without a time stamp on their promise, if it is wanted.",
    )
)
UNWITNESSED_PROMISES = unread(
    Gauge(
        "gleichfall_controlling_unwitnessed_promises",
        "Periods that begin within 7 days and can still be witnessed.",
    )
)
UNSTAMPED_HEADS = unread(
    Gauge(
        "gleichfall_controlling_unstamped_heads",
        "Registers, and the audit log, that went on and whose head has lacked a time stamp for a "
        "day or more, if it is wanted.",
    )
)
FRAME_FAULTS = unread(
    Gauge(
        "gleichfall_controlling_frame_faults",
        "Units' weeks in which the frame and a count, or two counts, differ, unsettled.",
    )
)
SECOND_DECISIONS_UNSETTLED = unread(
    Gauge(
        "gleichfall_controlling_second_decisions_unsettled",
        "Decisions that came under the id of another one and that nobody has settled.",
    )
)
AUDIT_BREAKS = unread(
    Gauge(
        "gleichfall_controlling_audit_breaks",
        "Places at which the chain of the audit log is broken.",
    )
)
RECONCILED_AT = unread(
    Gauge(
        "gleichfall_controlling_reconciled_timestamp_seconds",
        "When `gleichfall reconcile` last held all books against each other; before its first "
        "time, when the database was made.",
    )
)
RECONCILE_DIFFERENCES = unread(
    Gauge(
        "gleichfall_controlling_reconcile_differences",
        "Events, cases and partitions that it then couldn't account for.",
    )
)
REVIEWS = Family[Gauge, ReviewState](
    Gauge("gleichfall_controlling_reviews", "Reviews that aren't signed, by state.", ("state",))
)
REVIEWS_OVERDUE = unread(
    Gauge("gleichfall_controlling_reviews_overdue", "Reviews that aren't signed and should be.")
)
REVIEW_AGE = unread(
    Gauge(
        "gleichfall_controlling_review_oldest_age_seconds",
        "Since when the oldest review that isn't signed waits, whoever has it; 0 without any.",
    )
)
COUNTERS_TODAY = Family[Gauge, CounterStanding](
    Gauge(
        "gleichfall_controlling_emergency_counters",
        "Emergency counters that should open today, by how they stand.",
        ("standing",),
    )
)
COUNTERS_OVERBOOKED = unread(
    Gauge(
        "gleichfall_controlling_emergency_counters_overbooked",
        "Emergency counters into which more people are booked today than they have slots.",
    )
)
CLOCKS_OVER = Family[Gauge, ClockKind](
    Gauge(
        "gleichfall_controlling_clocks_over",
        "Cases whose time limit is over; 1 to 6 aren't told.",
        ("clock",),
    )
)

# notify
MESSAGES_LIVING = Family[Gauge, Channel](
    Gauge("gleichfall_notify_messages_living", "Messages that haven't ended.", ("channel",))
)
MESSAGES_UNTAKEN = Family[Gauge, Channel](
    Gauge(
        "gleichfall_notify_messages_untaken",
        "Messages that should have left 15 minutes ago, or earlier, and that nobody took.",
        ("channel",),
    )
)
MESSAGES_UNFOLLOWED = unread(
    Gauge(
        "gleichfall_notify_messages_unfollowed",
        "Messages that failed 15 minutes ago, or earlier, and that nothing followed: nobody knows.",
    )
)
MESSAGES_FAR = unread(
    Gauge(
        "gleichfall_notify_messages_far",
        "Messages that wait for a time at which no clock that is right would have sent them.",
    )
)
TASKS_OPEN = unread(
    Gauge(
        "gleichfall_notify_tasks_open", "Messages of which a person must still tell the applicant."
    )
)
TASK_AGE = unread(
    Gauge(
        "gleichfall_notify_task_oldest_age_seconds",
        "Since when the oldest of them waits; 0 without any.",
    )
)
