"""In the guest: tells on the console which votes the card has kept, by the kiosk's own export."""

import json
import os
from pathlib import Path

from kiosk.desk import export
from protocol.journal import check_lines, read_line, split_export

exported, _ = export(Path(os.environ["HAILONG_DATA"]))
body, _ = split_export(exported)
journal = read_line(body.partition(b"\n")[0]).journal if body else ""
lines = check_lines(body, journal=journal)
votes = [(line.seq, read_line(line.line)) for line in lines]
told = {seq: json.loads(line.data)["rating"] for seq, line in votes if line.type == "vote"}
print(f"\nKEPT {json.dumps({'journal': journal, 'votes': told})}", flush=True)
