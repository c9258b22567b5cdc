"""For each alert what it must fire on, and what is so near to it that it must not.

Values are Prometheus' notation for series: `0+2x90` begins at 0 and rises by 2, 90 times. In these
tests it is 1970, so what must lie in the past is negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass

DAY = 86_400
Series = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """An alert, and what is told when.

    Attributes:
        fires: On these series it does.
        silent: On each of these it doesn't.
        at: When it is looked at.
        step: From one value to the next, and from one evaluation to the next.
    """

    alert: str
    fires: Series
    silent: Sequence[Series]
    at: str = "10m"
    step: str = "1m"


def missing(need: str, value: str) -> Series:
    return {f'gleichfall_need_missing{{service="notify",need="{need}"}}': value}


def gauge(name: str, value: float | str, labels: str = "") -> Series:
    told = value if isinstance(value, str) else f"{value}+0x2000"
    return {f"gleichfall_{name}{{{labels}}}": told}


def drawing(expected: int, drawn: int) -> Series:
    running = 'period="running"'
    return gauge("controlling_period_expected", expected, running) | gauge(
        "controlling_period_drawn", drawn, running
    )


def books(numbered: str, reached: str, dead: int = 0, parked: int = 0) -> Series:
    return {
        'gleichfall_events_numbered{service="intake",topic="case-events"}': numbered,
        'gleichfall_events_reached{service="notify",topic="case-events"}': reached,
        'gleichfall_dead_letters_open{service="notify"}': f"{dead}x300",
        'gleichfall_parked_events{service="notify"}': f"{parked}x300",
    }


def ages(quick: str, applied: str) -> Series:
    age, labels = "gleichfall_consumer_event_age_seconds", 'service="notify",topic="case-events"'
    return {
        f'{age}_bucket{{{labels},le="10.0"}}': quick,
        f"{age}_count{{{labels}}}": applied,
    }


def pages(failed: str, quick: str, answered: str, service: str = "workbench") -> Series:
    labels = f'service="{service}",route="/"'
    duration = "gleichfall_http_request_duration_seconds"
    return {
        f'gleichfall_http_requests_total{{{labels},status="500"}}': failed,
        f'{duration}_bucket{{{labels},le="2.5"}}': quick,
        f"{duration}_count{{{labels}}}": answered,
    }


def handed_over(quick: str, all_of_them: str) -> Series:
    duration = "gleichfall_notify_handover_duration_seconds"
    return {
        f'{duration}_bucket{{channel="email",le="1.0"}}': quick,
        f'{duration}_count{{channel="email"}}': all_of_them,
        f'{duration}_bucket{{channel="letter",le="1.0"}}': "0x2000",
        f'{duration}_count{{channel="letter"}}': "0+9000x2000",  # wait for their run
    }


def returned(bounced: str, accepted: str) -> Series:
    messages = "gleichfall_notify_messages_total"
    return {
        f'{messages}{{channel="email",state="bounced"}}': bounced,
        f'{messages}{{channel="email",state="accepted"}}': accepted,
    }


def beating(last: str) -> Series:
    labels = 'service="intake",loop="relay"'
    return gauge("loop_last_progress_timestamp_seconds", last, labels) | gauge(
        "loop_silence_limit_seconds", 60, labels
    )


def arriving(received: str, is_open: str) -> Series:
    return {
        'gleichfall_intake_events_received_total{service="intake"}': received,
        'gleichfall_office_open{service="intake"}': is_open,
    }


CASES = [
    # Processes
    Case(
        "ServiceDown",
        {'up{job="gleichfall",service="intake"}': "0x20"},
        [
            {'up{job="gleichfall",service="intake"}': "1x8 0 1x10"},
            {'up{job="other",service="intake"}': "0x20"},
        ],
    ),
    Case(
        "NeedMissing",
        missing("mail server", "1x20"),
        [
            missing("mail server", "1x3 0x20"),
            missing("consumer", "1x20"),
            missing("held items of the lots", "1x20"),
        ],
    ),
    Case("ConsumerStopped", missing("consumer", "1x20"), [missing("publishing", "1x20")]),
    Case("ClockDoubtful", missing("clock loop", "1x20"), [missing("lots loop", "1x20")]),
    Case("LoopSilent", beating("0x20"), [beating("0+60x20")]),
    Case(
        "LoopFails",
        gauge("loop_failures_total", "0x10 1x10 4x60", 'loop="lots"'),
        [gauge("loop_failures_total", "0x10 1x10 2x60", 'loop="lots"')],
        at="60m",
    ),
    Case(
        "ItemsHeld",
        gauge("loop_held_items", 1, 'loop="lots"'),
        [gauge("loop_held_items", 0, 'loop="lots"')],
    ),
    Case(
        "StatementsSlow",
        gauge("database_slow_statements_total", "0+1x90"),
        [gauge("database_slow_statements_total", "0x20 10x90")],
        at="60m",
    ),
    Case(
        "PoolExhausted",
        gauge("pool_connections", 0, 'use="idle"') | gauge("pool_connections", 0, 'use="unopened"'),
        [
            gauge("pool_connections", 0, 'use="idle"')
            | gauge("pool_connections", 1, 'use="unopened"')
        ],
    ),
    Case(
        "StrangersRefused",
        gauge("security_events_total", "0+2x90", 'event="refused"'),
        [
            gauge("security_events_total", "0+1x90", 'event="refused"'),
            gauge("security_events_total", "0+2x90", 'event="signed_in"'),
        ],
        at="60m",
    ),
    Case(
        "CertificateEnds",
        gauge("certificate_ends_timestamp_seconds", 13 * DAY),
        [gauge("certificate_ends_timestamp_seconds", 15 * DAY)],
    ),
    Case(
        "SecretOld",
        gauge("secret_changed_timestamp_seconds", -401 * DAY, 'secret="handover_token"'),
        [gauge("secret_changed_timestamp_seconds", -399 * DAY, 'secret="handover_token"')],
    ),
    # Events
    Case(
        "NothingArrives",
        arriving("5x200", "1x200"),
        [
            arriving("5x200", "0x200"),  # night, a Sunday, a holiday
            arriving("5x200", "0x70 1x200"),  # opened half an hour ago
            arriving("5x80 6x200", "1x200"),
            arriving("_x70 5x200", "_x70 1x200"),  # everything was started half an hour ago
        ],
        at="100m",
    ),
    Case(
        "EventsRefused",
        gauge("intake_events_refused_total", "0+1x90", 'reason="type_unknown"'),
        [
            gauge("intake_events_refused_total", "0x20 9x90", 'reason="type_unknown"'),
            gauge("intake_events_conflicting_total", "0x20 9x90"),
        ],
        at="60m",
    ),
    Case(
        "KeysUnlisted",
        gauge("intake_unlisted_keys", 1),
        [gauge("intake_unlisted_keys", 0), gauge("intake_unlisted_keys", "1x70 0x90")],
        at="2h",
    ),
    Case(
        "OutboxOld",
        gauge("outbox_oldest_age_seconds", 301),
        [gauge("outbox_oldest_age_seconds", 299)],
    ),
    Case(
        "ConsumerBehind",
        gauge("consumer_lag_age_seconds", 601, 'topic="case-events"'),
        [gauge("consumer_lag_age_seconds", 599, 'topic="case-events"')],
    ),
    Case(
        "DeadLetters",
        gauge("dead_letters_open", 1),
        [gauge("dead_letters_open", 0)],
    ),
    Case(
        "CasesParked",
        gauge("parked_oldest_age_seconds", 901),
        [gauge("parked_oldest_age_seconds", 899)],
    ),
    Case(
        "EventsUnaccounted",
        books("100x300", "90x300", dead=1, parked=8),
        [
            books("100+1x300", "50+1x300"),
            books("100x300", "100x300"),
            books("100x300", "90x300", dead=1, parked=9),  # their own alerts tell of these
        ],
        at="4h",
    ),
    Case(
        "EventsUnknown",
        books("90x300", "100x300"),
        [books("100x300", "100x300"), books("100x300", "90x300")],
        at="4h",
    ),
    Case(
        "ReconcileDiffers",
        gauge("controlling_reconcile_differences", 1),
        [
            gauge("controlling_reconcile_differences", 0),
            gauge("controlling_reconcile_differences", "NaN " * 20),  # nobody has run it
        ],
    ),
    Case(
        "ReconcileOld",
        gauge("controlling_reconciled_timestamp_seconds", -36 * DAY),
        [gauge("controlling_reconciled_timestamp_seconds", -34 * DAY)],
        at="2h",
    ),
    Case(
        "EventsLate",
        ages("0+4x100", "0+5x100"),
        [
            ages("0+9x100", "0+10x100"),  # a tenth is less than 14.4 times the allowance
            ages("0x108", "0x70 0+1x8 8x30"),  # a night: all eight of them
            ages("0+4x60 240+5x60", "0+5x120"),  # it is over
        ],
        at="80m",
    ),
    Case(
        "EventsLateForDays",
        ages("0+19x200", "0+20x200"),
        [ages("0+199x200", "0+200x200"), ages("0x270", "0x60 0+1x9 9x200")],
        at="3d",
        step="30m",
    ),
    Case(
        "EventsLateForWeeks",
        ages("0+98x40", "0+100x40"),  # two a day
        [ages("0+199x40", "0+200x40"), ages("0x40", "0x20 9x20")],
        at="29d",
        step="1d",
    ),
    # Pages
    Case(
        "PagesFail",
        pages("0+1x100", "0+5x100", "0+5x100", "desk"),
        [
            pages("0+1x100", "0+10x100", "0+10x100"),
            pages("0x70 0+1x4 4x30", "0x70 0+1x4 4x30", "0x70 0+1x4 4x30"),
            pages("0+1x100", "0+5x100", "0+5x100", "intake"),  # no page of anybody's
        ],
        at="80m",
    ),
    Case(
        "PagesFailForDays",
        pages("0x200", "0+19x200", "0+20x200"),
        [pages("0x200", "0+199x200", "0+200x200")],
        at="3d",
        step="30m",
    ),
    Case(
        "PagesFailForWeeks",
        pages("0+1x40", "0+1000x40", "0+1000x40"),
        [
            pages("0x20 9x20", "0+1x40", "0+1x40"),
            pages("0+1x40", "0+1000x40", "0+1000x40", "intake"),
        ],
        at="29d",
        step="1d",
    ),
    # Controlling
    Case("NothingDrawn", drawing(11, 0), [drawing(9, 0), drawing(11, 1)]),
    Case("DrawOffPlan", drawing(100, 151), [drawing(100, 149), drawing(100, 51), drawing(9, 99)]),
    Case(
        "NextPeriodNotPromised",
        gauge("controlling_promised_until_timestamp_seconds", 2 * DAY),
        [gauge("controlling_promised_until_timestamp_seconds", 4 * DAY)],
        at="60m",
    ),
    Case(
        "PromiseUnstamped",
        gauge("controlling_unstamped_promises", 1),
        [gauge("controlling_unstamped_promises", 0)],
        at="60m",
    ),
    Case(
        "PromiseUnwitnessed",
        gauge("controlling_unwitnessed_promises", 1),
        [
            gauge("controlling_unwitnessed_promises", 0),
            gauge("controlling_unwitnessed_promises", "1x10 0x90"),
        ],
        at="60m",
    ),
    Case(
        "HeadUnstamped",
        gauge("controlling_unstamped_heads", 1),
        [gauge("controlling_unstamped_heads", 0)],
        at="60m",
    ),
    *(
        Case(alert, gauge(name, 1), [gauge(name, 0)])
        for alert, name in {
            "FrameDiffers": "controlling_frame_faults",
            "SecondDecisionsUnsettled": "controlling_second_decisions_unsettled",
            "AuditChainBroken": "controlling_audit_breaks",
        }.items()
    ),
    Case(
        "ReviewsOverdue",
        gauge("controlling_reviews_overdue", 7),
        [
            gauge("controlling_reviews_overdue", 6),
            gauge("controlling_reviews_overdue", "0x10 7x90"),
        ],
        at="26h",
        step="1h",
    ),
    Case(
        "EmergencyCounterMissing",
        gauge("controlling_emergency_counters", 1, 'standing="missing"'),
        [gauge("controlling_emergency_counters", 1, 'standing="late"')],
        at="20m",
    ),
    Case(
        "EmergencyCounterOverbooked",
        gauge("controlling_emergency_counters_overbooked", "1x300"),  # hours after it was told of
        [gauge("controlling_emergency_counters_overbooked", "1x200 0x100")],
        at="4h",
    ),
    Case(
        "EmergencyCounterUnreliable",
        gauge("controlling_counter_alarms_total", "0x40 1x50 2x25 3x100", 'alarm="missing"'),
        [gauge("controlling_counter_alarms_total", "0x40 1x50 2x100", 'alarm="missing"')],
        at="28d",
        step="4h",
    ),
    Case(
        "TimeLimitsOver",
        gauge("controlling_clocks_over", 7, 'clock="inaction"'),
        [
            gauge("controlling_clocks_over", 0, 'clock="inaction"'),
            gauge("controlling_clocks_over", "0x20 7x40", 'clock="inaction"'),
            gauge("controlling_clocks_over", "_x28 7x40", 'clock="inaction"'),  # 6, now 7
        ],
        at="30h",
        step="1h",
    ),
    Case(
        "TimeLimitsOverForWeeks",
        gauge("controlling_clocks_over", "7x40 0x700", 'clock="inaction"'),
        [
            gauge("controlling_clocks_over", "7x25 0x700", 'clock="inaction"'),
            gauge("controlling_clocks_over", "7x25 _x700", 'clock="inaction"'),  # then 1 to 6
        ],
        at="28d",
        step="1h",
    ),
    # Messages
    Case(
        "MessagesLeaveLate",
        handed_over("0+20x100", "0+100x100"),
        [
            handed_over("0+40x100", "0+100x100"),
            handed_over("0x100", "0x70 0+1x9 9x30"),  # a night: all nine of them
        ],
        at="80m",
    ),
    Case(
        "MessagesLeaveLateForDays",
        handed_over("0+90x200", "0+100x200"),
        [handed_over("0+96x200", "0+100x200")],
        at="3d",
        step="30m",
    ),
    Case(
        "MessagesLeaveLateForWeeks",
        handed_over("0+17x40", "0+20x40"),  # three a day
        [handed_over("0+96x40", "0+100x40"), handed_over("0x40", "0x20 9x20")],
        at="29d",
        step="1d",
    ),
    Case(
        "MessagesDontLeave",
        gauge("notify_messages_untaken", 1, 'channel="email"'),
        [gauge("notify_messages_untaken", "1x5 0x20", 'channel="email"')],
        at="20m",
    ),
    Case(
        "FailuresUnfollowed",
        gauge("notify_messages_unfollowed", 1),
        [gauge("notify_messages_unfollowed", 0)],
        at="20m",
    ),
    Case(
        "MessagesFar",
        gauge("notify_messages_far", 1),
        [gauge("notify_messages_far", 0), gauge("notify_messages_far", "0x40 1x60")],
        at="60m",
    ),
    Case(
        "MessagesBounce",
        returned("0+1x40", "0+10x40"),
        [returned("0+1x40", "0+30x40"), returned("0x20 5x40", "0+1x40")],
        at="30h",
        step="1h",
    ),
    Case(
        "MessagesBounceForDays",
        returned("0+9x40", "0+30x40"),
        [returned("0+1x40", "0+30x40"), returned("0x20 9x20", "0+1x40")],
        at="22d",
        step="1d",
    ),
    Case(
        "MessagesFail",
        gauge("notify_messages_missed_total", "0+1x40", 'state="failed",channel="email"'),
        [
            gauge("notify_messages_missed_total", "0x20 9x40", 'state="failed",channel="email"'),
            gauge("notify_messages_missed_total", "0+1x40", 'state="superseded",channel="email"'),
        ],
        at="30h",
        step="1h",
    ),
    Case(
        "TasksWait",
        gauge("notify_task_oldest_age_seconds", 4 * DAY + 1),
        [gauge("notify_task_oldest_age_seconds", 4 * DAY - 1)],
        at="2h",
    ),
]
