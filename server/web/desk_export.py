"""What the desk shows, to take away: CSV, or a sealed file whose hash stands in the log."""

import csv
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from protocol.keys import b64
from server.ledger.looks import record_published
from server.ledger.standing import read_standing
from server.web import months
from server.web.desk_asked import Asked
from server.web.desk_charts import Table
from server.web.download import safe

THE_TIME = (1980, 1, 1, 0, 0, 0)  # the same figures make the same bytes
Tables = Sequence[tuple[str, Table]]


def csv_file(title: str, asked: Asked, tables: Tables) -> HttpResponse:
    """UTF-8 with BOM: each table with its title above it and an empty line below."""
    return _file(_csv(title, asked, tables), "text/csv; charset=utf-8", title, asked, "csv")


def sealed(request: HttpRequest, title: str, asked: Asked, tables: Tables) -> HttpResponse:
    """A zip of the CSV, what it is and the newest checkpoint. Its SHA-256 is a deed in the log
    before anybody has the file, so that whoever is shown it later can tell that it is this one."""
    now_ms, by = months.utc_ms(), request.user.get_username()
    signed = read_standing(now_ms=now_ms).newest
    content, size = _csv(title, asked, tables), signed.size if signed else 0
    about = {
        "v": 1,
        "kind": "hailong desk export",
        "server": settings.DATA.server_name,
        "title": title,
        "address": request.get_full_path(),
        "from": asked.period.first.isoformat(),
        "to": asked.period.last.isoformat(),
        "by": by,
        "made_ms": now_ms,
        "size": size,
        "root": b64(signed.root) if signed else "",
        "parts": [{"name": "figures.csv", "sha256": hashlib.sha256(content).hexdigest()}],
    }
    told = json.dumps(about, ensure_ascii=False, indent=1).encode() + b"\n"
    parts = {"figures.csv": content, "about.json": told}
    if signed:
        parts["checkpoint"] = signed.note
    file = _zip(parts)
    record_published(sha256=hashlib.sha256(file).hexdigest(), size=size, by=by, now_ms=now_ms)
    return _file(file, "application/zip", title, asked, "zip")


def _csv(title: str, asked: Asked, tables: Tables) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe(title), str(asked.period.first), str(asked.period.last)])
    for name, table in tables:
        writer.writerow([])
        writer.writerow([safe(name)])
        writer.writerow([safe(heading) for heading in table.headings])
        writer.writerows([safe(str(cell)) for cell in row] for row in table.rows)
    return ("\ufeff" + text.getvalue()).encode()


def _zip(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, THE_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return file.getvalue()


def _file(content: bytes, kind: str, title: str, asked: Asked, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    sample = "-sample" if settings.DATA.sample else ""
    plain = unicodedata.normalize("NFD", title.replace("đ", "d").replace("Đ", "D"))
    name = re.sub(r"[^A-Za-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
    first, last = (months.month_value(day) for day in (asked.period.first, asked.period.last))
    response["Content-Disposition"] = (
        f'attachment; filename="hailong{sample}-{name.lower()}-{first}-{last}.{ending}"'
    )
    return response
