"""The wish as hailong.toml: one way to enrol, whoever wrote the file."""

from dataclasses import dataclass

from deploy.pi.card.durable import replace_file
from deploy.pi.card.enrolling import is_used
from deploy.pi.card.errors import CardError
from deploy.pi.card.read import ERASED, NAME, read_card

from .errors import InstallError
from .machine import Machine
from .options import Options

BOOT = "/boot/firmware"
CA_NAME = "hailong-ca.pem"


@dataclass(frozen=True, slots=True)
class CardFile:
    """hailong.toml on the boot partition, with the code until it has been used."""

    options: Options

    def needed(self, machine: Machine) -> str | None:
        wanted = self._wanted(machine)
        if machine.read(f"{BOOT}/{NAME}") == wanted:
            return None
        return f"write {BOOT}/{NAME}:\n" + "".join(f"    {line}\n" for line in wanted.splitlines())

    def take(self, machine: Machine) -> None:
        folder = machine.path(BOOT)
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / NAME, self._wanted(machine).encode(), mode=None)
        try:
            read_card(folder)
        except CardError as error:
            (folder / NAME).unlink()
            raise InstallError(str(error)) from None

    def _wanted(self, machine: Machine) -> str:
        code = self.options.code or ""
        if is_used(code, machine.path("/var/lib/hailong")):
            code = ERASED * len(code)
        words = {
            "server": self.options.server, "code": code, "ca": CA_NAME if self.options.ca else None,
            "proxy": self.options.proxy, "wiring": self.options.wiring,
            "panel": self.options.panel, "invite": self.options.invite or None,
        }  # fmt: skip
        return "".join(f'{key} = "{value}"\n' for key, value in words.items() if value is not None)
