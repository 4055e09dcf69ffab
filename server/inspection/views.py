"""Pages of the desk that an inspector wants again, by names of their own."""

from typing import Final

from django.db import transaction

from server.inspection.errors import InspectionError, checked_words
from server.inspection.models import SavedView
from server.organisation.models import StaffAccount

MOST_VIEWS: Final = 50
MOST_NAME: Final = 100
MOST_ADDRESS: Final = 500
DESK: Final = "/desk/"


@transaction.atomic
def save_view(*, account: StaffAccount, name: str, address: str) -> SavedView:
    """Keep a page of the desk under a name; the same name again is the newer page.

    address: a path beneath /desk/ with its query, and no other. InspectionError.
    """
    name = " ".join(checked_words(name, most=MOST_NAME).split())
    if not _is_of_desk(address):
        raise InspectionError("bad-view")
    others = SavedView.objects.filter(account=account).exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise InspectionError("too-many-views", most=MOST_VIEWS)
    wanted = {"address": address}
    return SavedView.objects.update_or_create(account=account, name=name, defaults=wanted)[0]


def forget_view(*, account: StaffAccount, name: str) -> None:
    """The account's view of this name is gone; nothing if there was none."""
    SavedView.objects.filter(account=account, name=name).delete()


def _is_of_desk(address: str) -> bool:
    """A page that stands at our own host whatever a browser makes of its address."""
    path = address.partition("?")[0]
    plain = address.isprintable() and "\\" not in address and "#" not in address
    inside = path.startswith(DESK) and "//" not in path and "/.." not in path and "%" not in path
    return plain and inside and len(address) <= MOST_ADDRESS
