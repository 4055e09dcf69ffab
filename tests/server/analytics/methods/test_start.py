"""What SciPy costs is paid by who needs it, when they need it."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.one_database

LOAD = """
import importlib, pkgutil, sys
import server.analytics.methods as methods
for found in pkgutil.iter_modules(methods.__path__):
    importlib.import_module(f"{methods.__name__}.{found.name}")
heavy = {"scipy", "numpy", "django"} & set(sys.modules)
assert not heavy, heavy
from server.analytics.methods.wilson import wilson_interval
from server.analytics.methods.funnel import share_funnel
from server.analytics.methods.indexes import summarize
from server.analytics.methods.individuals import xmr_chart
from server.analytics.methods.run_rules import nhs_rules
wilson_interval(9, 10), share_funnel([(9, 10)] * 12), summarize("mean", [1, 2, 3])
nhs_rules(xmr_chart([1.0, 2.0, 3.0]))
heavy = {"scipy", "numpy", "django"} & set(sys.modules)
assert not heavy, heavy
from server.analytics.methods.many import mid_p_value
mid_p_value(3, 50, 0.1)
assert "scipy.special" in sys.modules
assert not {"scipy.stats", "scipy.optimize", "pandas"} & set(sys.modules)
"""


def test_loading_every_method_loads_no_scipy_and_a_p_value_loads_its_functions_alone() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_servers_commands_start_without_scipy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "server", "--help"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "argparse" in done.stderr  # the list of what was imported
    assert "scipy" not in done.stderr and "numpy" not in done.stderr
