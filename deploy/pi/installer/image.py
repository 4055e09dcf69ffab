"""What a card image must not hold: whatever tells one unit from another."""

from dataclasses import dataclass

from .errors import InstallError
from .machine import Machine

JOURNAL = "/var/lib/hailong/kiosk/journal.sqlite3"
# D-Bus's copy of the machine's number, too: systemd would take it up again on every unit.
OWN = (
    "/var/lib/systemd/random-seed", "/var/lib/NetworkManager/secret_key",
    "/var/lib/dbus/machine-id",
)  # fmt: skip
# machine-id(5): if it is empty a start makes a new number, and keeps it where it can write. Missing
# would mean a first boot, whose presets enable again what was disabled.
MACHINE_ID = "/etc/machine-id"


@dataclass(frozen=True, slots=True)
class NoIdentity:
    """Empties the machine's own number and secrets; each copy makes its own at its first start."""

    def needed(self, machine: Machine) -> str | None:
        if machine.path(JOURNAL).exists():
            raise InstallError(
                "This unit has a journal of votes; make the image on one that was never enrolled."
            )
        kept = self._kept(machine)
        return f"empty {' '.join(kept)}, so that no two units share them" if kept else None

    def take(self, machine: Machine) -> None:
        for name in self._kept(machine):
            if name == MACHINE_ID:
                machine.path(name).write_text("")
            else:
                machine.path(name).unlink()

    @staticmethod
    def _kept(machine: Machine) -> list[str]:
        names = []
        for folder in ("/etc/ssh", "/var/lib/hailong/etc/ssh"):
            keys = sorted(machine.path(folder).glob("ssh_host_*"))
            names += [f"{folder}/{path.name}" for path in keys]
        # A link to the number is none of its own.
        own = [(name, machine.path(name)) for name in OWN]
        names += [name for name, path in own if path.is_file() and not path.is_symlink()]
        return names + ([MACHINE_ID] if machine.read(MACHINE_ID) else [])
