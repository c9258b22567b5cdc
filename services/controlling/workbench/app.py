"""The workbench: the pages on which the authority's people review what was drawn.

A process of its own, so that a full consumer never slows a page, with a database role that may read
no seed and write nothing of the register. What it publishes goes into controlling's outbox.
"""

from pathlib import Path

from fastapi import FastAPI

from services.controlling.accounts import pages as accounts
from services.controlling.appeals import pages as appeals
from services.controlling.audit_log import pages as audit_log
from services.controlling.displays import pages as displays
from services.controlling.displays.screens import Screens
from services.controlling.entrance import app as entrance
from services.controlling.entrance.app import House, open_house
from services.controlling.entrance.navigation import AT_CONTROLLING, AT_DESK, AT_WORKBENCH, located
from services.controlling.findings import pages as findings
from services.controlling.guidance import pages as guidance
from services.controlling.measures import pages as measures
from services.controlling.policy.file import load_policy
from services.controlling.practice.practice import Practice
from services.controlling.results import pages as results
from services.controlling.results.store import Results
from services.controlling.reviews import pages as reviews
from services.controlling.reviews.board import pages as board
from services.controlling.reviews.comparing import pages as comparing
from services.controlling.reviews.form import pages as review_form
from services.controlling.reviews.signed import pages as signed_reviews
from services.controlling.rules import pages as rules
from services.controlling.service_figures import pages as service
from services.controlling.workbench.settings import Settings
from shared.organisation.file import load_organisation
from shared.web.access import Access

SERVICE = "workbench"
FOLDERS = [
    *entrance.FOLDERS,
    Path(accounts.__file__).parent,
    reviews.FOLDER,
    signed_reviews.FOLDER,
    review_form.FOLDER,
    comparing.FOLDER,
    board.FOLDER,
    measures.FOLDER,
    results.FOLDER,
    service.FOLDER,
    displays.FOLDER,
    guidance.FOLDER,
    findings.FOLDER,
    appeals.FOLDER,
    rules.FOLDER,
    audit_log.FOLDER,
    Path(__file__).parent,
]
"""Where rooms have their templates, words and scripts."""
ROUTERS = [
    signed_reviews.router,  # before what takes anything behind /reviews/ for a review
    reviews.router,
    review_form.router,
    comparing.router,
    board.router,
    measures.router,
    results.router,
    service.router,
    displays.router,
    guidance.router,
    findings.router,
    appeals.router,
    rules.router,
    audit_log.router,
    accounts.router,
]


def create_app(settings: Settings) -> FastAPI:
    """Wire the process; nothing is opened before it starts.

    Raises:
        NobodyCanSignIn: no way to sign in is left.
        AccessUndeclared: a page doesn't say for whom it is.
        PolicyInvalid: the first policy can't be read.
    """
    house = House(
        SERVICE,
        FOLDERS,
        ROUTERS,
        AT_WORKBENCH,
        [
            *located(AT_CONTROLLING, settings.controlling_url),
            *located(AT_DESK, settings.desk_url),
        ],
        {Access.DISPLAY: displays.recognised},
    )
    organisation = load_organisation(settings.organisation_file)
    app = open_house(house, settings, organisation)
    app.state.practice = Practice.of(organisation, settings.criteria_file, settings.file_url)
    app.state.first_policy = load_policy(settings.policy_file)
    app.state.results = Results(organisation)
    app.state.screens = Screens()
    return app
