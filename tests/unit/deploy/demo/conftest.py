"""What invented people are told of: today, and a decision's case."""

from datetime import date

import pytest

from deploy.demo.fate import Oracle
from deploy.demo.reviewers import load_reviewers
from shared.configuration.places import ORGANISATION
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

TODAY = date(2026, 11, 30)


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    calendar = Calendar.of(load_organisation(ORGANISATION))
    return Oracle.of(1, load_reviewers(), calendar, TODAY)
