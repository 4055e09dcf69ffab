"""The yardstick: a bare Kivy window of five colored widgets, set up like ours (`-m bench.bare`).

A touched widget changes its color. Every frame is told on standard output.
"""

# mypy: disallow-subclassing-any=False
import sys

from bench.told import tell, tell_frames
from kiosk.screens.display import NoDisplay, find_driver
from kiosk.screens.kivy_setup import prepare_kivy

SIZE = (800, 480)


def main() -> None:
    driver = find_driver()
    if driver is None:
        raise NoDisplay
    prepare_kivy(size=SIZE, fullscreen=False, driver=driver)
    if len(sys.argv) > 1:
        from kivy.config import Config

        Config.set("graphics", "maxfps", sys.argv[1])
    from kivy.base import runTouchApp
    from kivy.core.window import Window
    from kivy.graphics import Color, Rectangle
    from kivy.uix.boxlayout import BoxLayout
    from kivy.uix.widget import Widget

    class Colored(Widget):
        def __init__(self, hue: float) -> None:
            super().__init__()
            with self.canvas:
                self.color = Color(hue, 0.7, 0.8, mode="hsv")
                self.area = Rectangle()

        def on_pos(self, *_: object) -> None:
            self.area.pos = self.pos

        def on_size(self, *_: object) -> None:
            self.area.size = self.size

        def on_touch_down(self, touch: object) -> bool:
            if not self.collide_point(*touch.pos):
                return False
            self.color.v = 1.5 - self.color.v
            return True

    root = BoxLayout()
    for number in range(5):
        root.add_widget(Colored(number / 5))
    tell_frames(Window, lambda: tell("drawn"))
    runTouchApp(root)


if __name__ == "__main__":
    main()
