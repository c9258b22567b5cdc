"""What is handed in online and waits at a delivery point until the authority fetches it.

The names are those of the event log of FIT-Connect. What was fetched and is an application becomes
one as `application.received`, in the same case.
"""

from functools import partial

from shared.events.registry import Facts, SubjectKind, Topic, fact
from shared.events.vocabulary import Code, SubmissionId

case_fact = partial(fact, topic=Topic.CASE_EVENTS, subject=SubjectKind.CASE)


@case_fact("submission.arrived")
class SubmissionArrived(Facts):
    """Something was handed in online and lies at the delivery point."""

    submission_id: SubmissionId
    service_key: Code | None = None


@case_fact("submission.accepted")
class SubmissionAccepted(Facts):
    """The authority fetched it and confirmed its receipt."""

    submission_id: SubmissionId


@case_fact("submission.rejected")
class SubmissionRejected(Facts):
    """It was turned down: by the authority, or unfetched by the delivery point itself."""

    submission_id: SubmissionId
