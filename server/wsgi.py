"""What the HTTP server calls: the kiosks' doors and the log first, then Django."""

import os
from collections.abc import Iterable

from django.core.wsgi import get_wsgi_application

from server.process import die_with_parent

# A worker of `run` must not outlive it (process.py); elsewhere the variable is not set.
if parent := os.environ.get("HAILONG_SERVER_PARENT"):
    die_with_parent(int(parent))

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django_application = get_wsgi_application()

from server.ingest.api import Environ, StartResponse, answer  # noqa: E402 - needs the settings
from server.ledger import doors as log_doors  # noqa: E402


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Everything under /api/v1/ goes past Django: a kiosk needs no session and no middleware."""
    if environ.get("PATH_INFO", "").startswith("/api/v1/"):
        return answer(environ, start_response)
    if environ.get("PATH_INFO", "").startswith(log_doors.PREFIX):
        return log_doors.answer(environ, start_response)
    return django_application(environ, start_response)
