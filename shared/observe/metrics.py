"""What happens, counted where it happens; how things stand is in `gauges.py`. Each metric once.

A label's type is a closed list, so its values can't grow without bound and can't be a person, a
case or an officer. There is no figure about one officer, by law and by design.
"""

from enum import StrEnum
from typing import NewType

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from shared.events.errors import Defect
from shared.events.registry import Topic
from shared.events.vocabulary import (
    Channel,
    ClockKind,
    CounterAlarm,
    DrawReason,
    FailureReason,
)
from shared.observe.family import Family
from shared.observe.occurrence import Occurrence

EventTypeName = NewType("EventTypeName", str)
"""A name of the catalogue of events; an unknown type is never a label."""

Partition = NewType("Partition", int)
"""A partition of a declared topic."""

Route = NewType("Route", str)
"""A path template of a declared route, such as `/v1/events/{id}`; never the path itself."""

Status = NewType("Status", int)
"""An HTTP status code."""

ProviderName = NewType("ProviderName", str)
"""A provider that the operator configured; a handful."""

NeedName = NewType("NeedName", str)
"""What a service said that it needs, as `/readyz` names it."""

Version = NewType("Version", str)
"""A release of the system, or of Python: one each in a process."""


class RecordOutcome(StrEnum):
    """What became of a record; over all outcomes it sums to the records polled."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    DEAD_LETTERED = "dead_lettered"


class Loop(StrEnum):
    """A loop that must run for its service to be alive."""

    CONSUMER = "consumer"
    RELAY = "relay"
    KAFKA_RIGHTS = "Kafka rights"
    GAUGES = "gauges"
    DELIVERY = "delivery"
    BOUNCES = "bounces"
    SMS_DELIVERY = "sms delivery"
    MAILBOX_DELIVERY = "mailbox delivery"
    PRINTING = "printing"
    ACKNOWLEDGEMENTS = "acknowledgements"
    EVENT_LOG = "event log"
    UPKEEP = "upkeep"
    DIGEST = "digest"
    PERIOD_OPENER = "period opener"
    PERIOD_CLOSER = "period closer"
    RETENTION = "retention"
    CLOCK = "clock"
    DECISION_COUNTER = "decision counter"
    SOURCE_TOKENS = "source tokens"
    TWIN_FINDER = "twin finder"
    TWIN_ROUNDS = "twin rounds"
    TIME_STAMPING = "time stamping"
    REGISTER_CHAIN = "register chain"
    REGISTER_HEADS = "register heads"
    RECUSAL = "recusal"
    REVIEWS = "reviews"
    LOTS = "lots"
    SERVICE_FIGURES = "service figures"
    SERVICE_ALARMS = "service alarms"


class MessageState(StrEnum):
    """The states of a message to an applicant, as `notification-events` names them."""

    PLANNED = "planned"
    HELD = "held"
    SENT = "sent"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    SUPPRESSED = "suppressed"


class BounceMail(StrEnum):
    """What a mail is that came to where ours come back to."""

    REPORT = "report"
    OTHER = "other"


# A second time series per metric, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # no hint there

_RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_AGES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400)

# Every process
BUILD = Family[Gauge, Version, Version](
    Gauge("gleichfall_build_info", "Always 1: which release runs.", ("version", "python"))
)
SECURITY_EVENTS = Family[Counter, Occurrence](
    Counter(
        "gleichfall_security_events_total",
        "What the security log is told of, also what it leaves out of a flood.",
        ("event",),
    )
)
SLOW_STATEMENTS = Counter(
    "gleichfall_database_slow_statements_total", "Statements that took longer than a second."
)

# HTTP, every service
HTTP_REQUESTS = Family[Counter, Route, Status](
    Counter("gleichfall_http_requests_total", "Requests answered.", ("route", "status"))
)
HTTP_REQUEST_DURATION = Family[Histogram, Route](
    Histogram("gleichfall_http_request_duration_seconds", "Time to answer.", ("route",))
)

# Progress, every service
LOOP_LAST_PROGRESS = Family[Gauge, Loop](
    Gauge(
        "gleichfall_loop_last_progress_timestamp_seconds",
        "When the loop last made progress.",
        ("loop",),
    )
)
LOOP_SILENCE_LIMIT = Family[Gauge, Loop](
    Gauge(
        "gleichfall_loop_silence_limit_seconds",
        "How long the loop may make no progress and still count as alive.",
        ("loop",),
    )
)
LOOP_FAILURES = Family[Counter, Loop](
    Counter(
        "gleichfall_loop_failures_total",
        "Rounds of the loop that failed for a reason that is not expected to pass.",
        ("loop",),
    )
)
HELD_ITEMS = Family[Gauge, Loop](
    Gauge(
        "gleichfall_loop_held_items",
        "Items that the loop passes over until an operator settles them.",
        ("loop",),
    )
)

# intake
EVENTS_RECEIVED = Counter(
    "gleichfall_intake_events_received_total",
    "Events read from requests: accepted, duplicate, conflicting and refused.",
)
EVENTS_ACCEPTED = Family[Counter, EventTypeName](
    Counter("gleichfall_intake_events_accepted_total", "Events stored.", ("type",))
)
EVENTS_DUPLICATE = Counter(
    "gleichfall_intake_events_duplicate_total", "Events stored before, with the same content."
)
EVENTS_CONFLICTING = Counter(
    "gleichfall_intake_events_conflicting_total", "Events stored before, with another content."
)
EVENTS_REFUSED = Family[Counter, Defect](
    Counter("gleichfall_intake_events_refused_total", "Events not usable.", ("reason",))
)

# Outbox and relay, every service
EVENTS_PUBLISHED = Family[Counter, EventTypeName](
    Counter("gleichfall_relay_events_published_total", "Events that Kafka has.", ("type",))
)
RELAY_SENT = Counter("gleichfall_relay_records_sent_total", "Records the broker acknowledged.")
RELAY_FAILURES = Counter("gleichfall_relay_failures_total", "Relay rounds that failed.")
RELAY_ROUND_DURATION = Histogram(
    "gleichfall_relay_round_duration_seconds", "Time of a relay round that sent something."
)

# Consumers: controlling, notify
RECORDS_POLLED = Family[Counter, Topic](
    Counter("gleichfall_consumer_records_polled_total", "Records read.", ("topic",))
)
RECORDS = Family[Counter, Topic, RecordOutcome](
    Counter(
        "gleichfall_consumer_records_total",
        "Records by what became of them.",
        ("topic", "outcome"),
    )
)
RECORDS_RELEASED = Family[Counter, Topic](
    Counter(
        "gleichfall_consumer_records_released_total",
        "Parked records that were applied after all.",
        ("topic",),
    )
)
EVENTS_APPLIED = Family[Counter, EventTypeName](
    Counter("gleichfall_consumer_events_applied_total", "Events applied.", ("type",))
)
EVENT_AGE = Family[Histogram, Topic](
    Histogram(
        "gleichfall_consumer_event_age_seconds",
        "Time from when an event was accepted, or written by its service, until it was applied.",
        ("topic",),
        buckets=_AGES,
    )
)
DEAD_LETTERS = Family[Counter, Topic, Defect](
    Counter("gleichfall_consumer_dead_letters_total", "Records given up.", ("topic", "reason"))
)
BATCH_DURATION = Family[Histogram, Topic](
    Histogram(
        "gleichfall_consumer_batch_duration_seconds",
        "Time of one partition's batch, from decoding to commit.",
        ("topic",),
    )
)
BATCH_RECORDS = Family[Histogram, Topic](
    Histogram(
        "gleichfall_consumer_batch_records",
        "Records in one partition's batch.",
        ("topic",),
        buckets=_RECORDS,
    )
)
CONSUMER_LAG = Family[Gauge, Topic, Partition](
    Gauge(
        "gleichfall_consumer_lag_records",
        "Records that wait in the partition.",
        ("topic", "partition"),
    )
)
CONSUMER_LAG_AGE = Family[Gauge, Topic, Partition](
    Gauge(
        "gleichfall_consumer_lag_age_seconds",
        "How long the oldest record that waits in the partition has been seen there.",
        ("topic", "partition"),
    )
)

# controlling
DECISIONS_REGISTERED = Counter(
    "gleichfall_controlling_decisions_registered_total", "Decisions registered for the draw."
)
SECOND_DECISIONS = Counter(
    "gleichfall_controlling_second_decisions_total",
    "Decisions that came under the id of another one; both are kept.",
)
DECISIONS_DRAWN = Family[Counter, DrawReason](
    Counter(
        "gleichfall_controlling_decisions_drawn_total", "Decisions drawn for review.", ("reason",)
    )
)
COUNTER_ALARMS = Family[Counter, CounterAlarm](
    Counter(
        "gleichfall_controlling_counter_alarms_total",
        "Days of an emergency counter of which an event said that something is wrong.",
        ("alarm",),
    )
)
CLOCK_ALARMS = Family[Counter, ClockKind](
    Counter(
        "gleichfall_controlling_clock_alarms_total",
        "Stages of cases' time limits that an event told.",
        ("clock",),
    )
)

# notify
MESSAGES = Family[Counter, MessageState, Channel](
    Counter(
        "gleichfall_notify_messages_total",
        "Messages that entered the state.",
        ("state", "channel"),
    )
)
MESSAGES_MISSED = Family[Counter, MessageState, FailureReason, Channel](
    Counter(
        "gleichfall_notify_messages_missed_total",
        "Messages that ended without delivery, by why.",
        ("state", "reason", "channel"),
    )
)
MESSAGES_HANDED_OVER = Family[Counter, Channel, ProviderName](
    Counter(
        "gleichfall_notify_messages_handed_over_total",
        "Messages that a provider took.",
        ("channel", "provider"),
    )
)
BOUNCE_MAILS = Family[Counter, BounceMail](
    Counter(
        "gleichfall_notify_bounce_mails_total",
        "Mails read where ours come back to: reports, and others, which are left to people.",
        ("kind",),
    )
)
TASKS = Counter(
    "gleichfall_notify_tasks_total", "Messages that nobody got on any way: a person must tell."
)
PROVIDER_ERRORS = Family[Counter, ProviderName](
    Counter(
        "gleichfall_notify_provider_errors_total",
        "Messages that a provider failed to take by a fault of its own.",
        ("provider",),
    )
)
PROVIDER_WEIGHT = Family[Gauge, ProviderName](
    Gauge(
        "gleichfall_notify_provider_weight",
        "The provider's share of the messages of its channel, 0 to 100.",
        ("provider",),
    )
)
SEND_DURATION = Family[Histogram, Channel](
    Histogram(
        "gleichfall_notify_send_duration_seconds",
        "Time until the provider took or refused a message.",
        ("channel",),
    )
)
HANDOVER_DURATION = Family[Histogram, Channel](
    Histogram(
        "gleichfall_notify_handover_duration_seconds",
        "Time from when a message was planned or due until its provider has it, all tries.",
        ("channel",),
        buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3_600, 86_400),
    )
)
RECORD_DURATION = Histogram(
    "gleichfall_notify_record_duration_seconds",
    "Time from a provider's answer until it is recorded; killed meanwhile, it is asked again.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
CONNECTIONS = Family[Gauge, Channel](
    Gauge(
        "gleichfall_notify_connections",
        "Open connections to the channel's provider; with none, messages wait.",
        ("channel",),
    )
)
