"""All dashboards, in the order in which they are read."""

from deploy.dashboards.all_services import SERVICES
from deploy.dashboards.authority import AUTHORITY
from deploy.dashboards.controlling import CONTROLLING
from deploy.dashboards.notifications import NOTIFICATIONS
from deploy.dashboards.pipeline import PIPELINE

BOARDS = (SERVICES, PIPELINE, NOTIFICATIONS, CONTROLLING, AUTHORITY)
