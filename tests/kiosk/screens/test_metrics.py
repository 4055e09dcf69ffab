"""Sizes follow the window; what is round stays round."""

from math import cos, pi

import pytest

from kiosk.screens.metrics import sides


@pytest.mark.parametrize("across", [1.0, 4.0, 12.0, 40.0, 150.0, 400.0])
def test_a_discs_polygon_is_within_a_twentieth_of_a_pixel_of_it(across: float) -> None:
    assert across / 2 * (1 - cos(pi / sides(across))) <= 0.05
