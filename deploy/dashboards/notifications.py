"""Does everybody hear? Messages to applicants, from their plan to their end."""

from deploy.dashboards.board import Board, Panel, Right, Unit
from deploy.dashboards.shown import Count, Duration, Joined, Level, Share, Where

_PROMPT = Where("channel", "email|mailbox")
"""The ways on which a message is handed over at once."""

NOTIFICATIONS = Board(
    "notifications",
    (
        Panel(
            "nobody_knows",
            Right.ZERO,
            [Level("gleichfall_notify_messages_unfollowed")],
            now=True,
        ),
        Panel(
            "should_have_left",
            Right.ZERO,
            [Level("gleichfall_notify_messages_untaken", ("channel",))],
            now=True,
        ),
        Panel(
            "a_person_must_tell",
            Right.ZERO,
            [Level("gleichfall_notify_tasks_open")],
            now=True,
        ),
        Panel(
            "messages_came_to",
            Right.ZERO_AT_REST,
            [Count("gleichfall_notify_messages_total", ("state",))],
            width=12,
            about_cases=True,
        ),
        Panel(
            "messages_missed",
            Right.ZERO,
            [Count("gleichfall_notify_messages_missed_total", ("state", "reason"))],
            width=12,
            about_cases=True,
        ),
        Panel(
            "until_handed_over",
            Right.NO_NUMBER_AT_REST,
            [Duration("gleichfall_notify_handover_duration_seconds", ("channel",))],
            Unit.SECONDS,
        ),
        Panel(
            "handed_over_within_a_second",
            Right.NO_NUMBER_AT_REST,
            [Share("gleichfall_notify_handover_duration_seconds", 1.0, _PROMPT)],
            Unit.SHARE,
        ),
        Panel(
            "messages_living",
            Right.ZERO_AT_REST,
            [Level("gleichfall_notify_messages_living", ("channel",))],
            about_cases=True,
        ),
        Panel(
            "providers_at_fault",
            Right.ZERO,
            [Count("gleichfall_notify_provider_errors_total", ("provider",))],
        ),
        Panel(
            "shares_of_providers",
            Right.UNSET_IS_EMPTY,
            [Level("gleichfall_notify_provider_weight", ("provider",))],
        ),
        Panel(
            "connections_to_providers",
            Right.ZERO_AT_REST,
            [Level("gleichfall_notify_connections", ("channel",), joined=Joined.SUM)],
        ),
        Panel(
            "mails_came_back",
            Right.ZERO_AT_REST,
            [Count("gleichfall_notify_bounce_mails_total", ("kind",))],
            about_cases=True,
        ),
        Panel(
            "a_person_must_tell_since",
            Right.ZERO,
            [Level("gleichfall_notify_task_oldest_age_seconds")],
            Unit.SECONDS,
            16,
        ),
    ),
)
