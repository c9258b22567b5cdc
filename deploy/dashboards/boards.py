"""All dashboards, in the order in which they are read."""

from deploy.dashboards.authority import AUTHORITY
from deploy.dashboards.controlling import CONTROLLING
from deploy.dashboards.notifications import NOTIFICATIONS
from deploy.dashboards.pipeline import PIPELINE
from deploy.dashboards.services import SERVICES

BOARDS = (SERVICES, PIPELINE, NOTIFICATIONS, CONTROLLING, AUTHORITY)
