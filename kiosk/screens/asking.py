"""The resting and asking screen: the question and the faces, always live."""

# mypy: disallow-subclassing-any=False
from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import Screen, load_rules


class AskingScreen(Screen):
    """Landscape: question above, a row of faces below it."""

    def served_by(self, official: str | None) -> str:
        return self.words["asking.served_by"].format(official=official) if official else ""

    def leave(self) -> None:
        self.ids.faces.release()


class UprightAskingScreen(AskingScreen):
    """Portrait: a column of wide rows, the best on top."""


load_rules(__file__)
