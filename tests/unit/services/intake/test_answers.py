"""What senders are told, with which status."""

import json
from http import HTTPStatus

import pytest

from services.intake.answers import answer, status_of
from services.intake.door import Admission
from services.intake.receipts import Receipt, ReceiptStatus
from services.intake.screening import Refusal
from shared.events.errors import Defect, FieldError
from shared.web.problems import Problem

RECEIPT = Receipt(0, "1", "urn:test", 7, ReceiptStatus.ACCEPTED)


def refusal(index: int, defect: Defect) -> Refusal:
    return Refusal(index, "2", "urn:test", defect, (FieldError("time", "is wrong"),))


def test_a_mixed_batch_is_accepted_with_receipts_and_errors() -> None:
    response = answer(Admission([RECEIPT], [refusal(1, Defect.TIME_IN_FUTURE)]))
    assert response.status_code == HTTPStatus.ACCEPTED
    assert json.loads(bytes(response.body)) == {
        "receipts": [{"id": "1", "source": "urn:test", "sequence": 7, "status": "accepted"}],
        "errors": [
            {
                "index": 1,
                "id": "2",
                "source": "urn:test",
                "defect": "time_in_future",
                "fields": [{"field": "time", "reason": "is wrong"}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("defects", "status"),
    [
        ([Defect.ID_REUSED, Defect.ID_REUSED], HTTPStatus.CONFLICT),
        ([Defect.SOURCE_FORBIDDEN], HTTPStatus.FORBIDDEN),
        ([Defect.ATTRIBUTE_MISSING, Defect.BODY_EMPTY], HTTPStatus.BAD_REQUEST),
        ([Defect.DATA_INVALID, Defect.TYPE_UNKNOWN], HTTPStatus.UNPROCESSABLE_ENTITY),
        ([Defect.ID_REUSED, Defect.ATTRIBUTE_MISSING], HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
def test_a_batch_that_is_refused_whole_has_the_status_its_events_share(
    defects: list[Defect], status: HTTPStatus
) -> None:
    with pytest.raises(Problem) as refused:
        answer(Admission([], [refusal(index, defect) for index, defect in enumerate(defects)]))
    assert refused.value.status is status


@pytest.mark.parametrize("defect", Defect)
def test_every_refusal_is_the_fault_of_the_request(defect: Defect) -> None:
    assert 400 <= status_of(defect) < 500
