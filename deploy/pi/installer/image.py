"""What a card image must not hold: whatever tells one unit from another."""

from dataclasses import dataclass

from .errors import InstallError
from .machine import Machine

JOURNAL = "/var/lib/hailong/kiosk/journal.sqlite3"
OWN = ("/var/lib/systemd/random-seed", "/var/lib/NetworkManager/secret_key")


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
            if name == "/etc/machine-id":
                machine.path(name).write_text("")  # empty, not missing: that is "first boot"
            else:
                machine.path(name).unlink()

    @staticmethod
    def _kept(machine: Machine) -> list[str]:
        keys = sorted(machine.path("/etc/ssh").glob("ssh_host_*"))
        names = [f"/etc/ssh/{path.name}" for path in keys]
        names += [name for name in OWN if machine.path(name).exists()]
        return names + (["/etc/machine-id"] if machine.read("/etc/machine-id") else [])
