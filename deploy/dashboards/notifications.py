"""Does everybody hear? Messages to applicants, from their plan to their end."""

from deploy.dashboards.board import Board, Panel, Right, Unit

NOTIFICATIONS = Board(
    "notifications",
    "Gleichfall: notifications",
    "Whether messages to applicants leave in time, and whether each ends in somebody knowing.",
    (
        Panel(
            "Nobody knows",
            "Messages that failed a quarter of an hour ago, or earlier, and that nothing followed.",
            Right.ZERO,
            {"messages": "max(gleichfall_notify_messages_unfollowed)"},
            now=True,
        ),
        Panel(
            "Should have left",
            "Messages that should have left a quarter of an hour ago, or earlier, and nobody took.",
            Right.ZERO,
            {"{{channel}}": "max by (channel) (gleichfall_notify_messages_untaken)"},
            now=True,
        ),
        Panel(
            "A person must tell",
            "Messages that nobody got on any way: staff have them as tasks.",
            Right.ZERO,
            {"open": "max(gleichfall_notify_tasks_open)"},
            now=True,
        ),
        Panel(
            "What messages came to",
            "Messages that entered a state.",
            Right.ZERO_AT_REST,
            {
                "{{state}}": "sum by (state)"
                " (increase(gleichfall_notify_messages_total[$__rate_interval]))"
            },
            width=12,
        ),
        Panel(
            "Ended without delivery, by reason",
            "Superseded and too late are usual; no contact, refused and unreachable are not.",
            Right.ZERO,
            {
                "{{state}}: {{reason}}": "sum by (state, reason)"
                " (increase(gleichfall_notify_messages_missed_total[$__rate_interval]))"
            },
            width=12,
        ),
        Panel(
            "Until handed over, 95 %",
            "From planned or due until a provider has it, all tries. Letters wait for their run.",
            Right.NO_NUMBER_AT_REST,
            {
                "{{channel}}": "histogram_quantile(0.95, sum by (channel, le)"
                " (rate(gleichfall_notify_handover_duration_seconds_bucket[$__rate_interval])))"
            },
            Unit.SECONDS,
        ),
        Panel(
            "Handed over within a second",
            "The share of mails and messages to mailboxes; 95 % are promised.",
            Right.NO_NUMBER_AT_REST,
            {
                "within a second": "sum(rate(gleichfall_notify_handover_duration_seconds_bucket"
                '{channel=~"email|mailbox",le="1.0"}[$__rate_interval]))'
                " / sum(rate(gleichfall_notify_handover_duration_seconds_count"
                '{channel=~"email|mailbox"}[$__rate_interval]))'
            },
            Unit.SHARE,
        ),
        Panel(
            "Living",
            "Messages that haven't ended: reminders wait for their day, letters for their run.",
            Right.ZERO_AT_REST,
            {"{{channel}}": "max by (channel) (gleichfall_notify_messages_living)"},
        ),
        Panel(
            "Providers at fault",
            "Messages that a gateway or FIT-Connect failed to take by a fault of its own.",
            Right.UNSET_IS_EMPTY,
            {
                "{{provider}}": "sum by (provider)"
                " (increase(gleichfall_notify_provider_errors_total[$__rate_interval]))"
            },
        ),
        Panel(
            "Shares of providers",
            "A gateway that fails loses its share to the other, and gets it back in steps.",
            Right.UNSET_IS_EMPTY,
            {"{{provider}}": "max by (provider) (gleichfall_notify_provider_weight)"},
        ),
        Panel(
            "Connections to providers",
            "With none, messages of the channel wait.",
            Right.ZERO_AT_REST,
            {"{{channel}}": "sum by (channel) (gleichfall_notify_connections)"},
        ),
        Panel(
            "Mails that came back",
            "Reports, and others, which are left to people.",
            Right.ZERO_AT_REST,
            {
                "{{kind}}": "sum by (kind)"
                " (increase(gleichfall_notify_bounce_mails_total[$__rate_interval]))"
            },
        ),
        Panel(
            "The oldest task waits",
            "Since when somebody should have been told by a person.",
            Right.ZERO,
            {"open": "max(gleichfall_notify_task_oldest_age_seconds)"},
            Unit.SECONDS,
            16,
        ),
    ),
)
