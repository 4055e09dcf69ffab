"""Everything that writes what inspectors do, by one door; each kind in a file of its own."""

from server.analytics.integrity import Day
from server.inspection.errors import InspectionError
from server.inspection.integrity import answer_integrity, begin_looking, look_at_integrity
from server.inspection.views import forget_view, save_view
from server.inspection.visits import (
    add_finding,
    add_measure,
    change_visit,
    enter_visit,
    set_done,
)

__all__ = [
    "Day",
    "InspectionError",
    "add_finding",
    "add_measure",
    "answer_integrity",
    "begin_looking",
    "change_visit",
    "enter_visit",
    "forget_view",
    "look_at_integrity",
    "save_view",
    "set_done",
]
