"""Where kiosks stand was no deed before: the log learns of every placement that there is."""

import time

from django.db import migrations

from protocol.server_record import build_server_record


def tell_placements(apps, schema_editor):
    placements = apps.get_model("fleet", "Placement").objects.order_by("kiosk_id", "started_ms")
    records = apps.get_model("ledger", "ServerRecord").objects
    pending = apps.get_model("ledger", "Pending").objects
    at_ms = time.time_ns() // 1_000_000
    for nth, row in enumerate(placements.select_related("kiosk")):
        if row.unit != row.kiosk.unit:
            continue  # of no figure: a kiosk belongs to one unit for ever
        data = {
            "kiosk": row.kiosk_id,
            "unit": row.unit,
            "counter": row.counter,
            "from_ms": row.started_ms,
            "to_ms": row.ended_ms,
            "by": "upgrade",
        }
        key = {"unit": row.unit, "journal": row.kiosk_id, "type": "placed", "seq": at_ms + nth}
        body = build_server_record("placed", data, at_ms)
        records.create(**key, from_seq=at_ms + nth, at_ms=at_ms, body=body)
        pending.create(**key)


class Migration(migrations.Migration):

    dependencies = [
        ('fleet', '0005_kioskstatus_attention'),
        ('ledger', '0002_log'),
    ]

    operations = [migrations.RunPython(tell_placements, migrations.RunPython.noop)]
