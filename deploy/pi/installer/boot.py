"""Files of the system that hold more than ours: config.txt, cmdline.txt, fstab."""

from dataclasses import dataclass

from deploy.pi.card.durable import replace_file

from .machine import Machine

BEGIN, END = "# hailong: begin", "# hailong: end"
OURS = "x-hailong"  # mount ignores options that begin so; it marks the lines that we changed
CMDLINE = "/boot/firmware/cmdline.txt"
BEFORE = "/etc/hailong/cmdline.before"


def _write(machine: Machine, name: str, text: str) -> None:
    path = machine.path(name)
    mode = None if name.startswith("/boot/") else path.stat().st_mode & 0o777
    replace_file(path, text.encode(), mode=mode)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of ours between two marks at the end of a file; no lines, no marks. A file that this
    machine has not is left so."""

    name: str
    lines: tuple[str, ...] = ()

    def needed(self, machine: Machine) -> str | None:
        text = machine.read(self.name)
        if text is None or text == self._with_block(text):
            return None
        return f"{'add lines to' if self.lines else 'take our lines from'} {self.name}"

    def take(self, machine: Machine) -> None:
        _write(machine, self.name, self._with_block(machine.read(self.name) or ""))

    def _with_block(self, text: str) -> str:
        head, begin, rest = text.partition(f"{BEGIN}\n")
        if begin:
            text = head + rest.partition(f"{END}\n")[2]
        if self.lines:
            text = text.rstrip("\n") + "\n" + "\n".join([BEGIN, *self.lines, END]) + "\n"
        return text


@dataclass(frozen=True, slots=True)
class KernelWords:
    """Words of the kernel's command line: these in, those out. The line as it was is kept."""

    into: tuple[str, ...]
    out: tuple[str, ...]

    def needed(self, machine: Machine) -> str | None:
        text = machine.read(CMDLINE)
        if text is None or text.split() == self._wanted(text):
            return None
        return f"set the kernel's words in {CMDLINE}"

    def take(self, machine: Machine) -> None:
        text = machine.read(CMDLINE) or ""
        before = machine.path(BEFORE)
        if not before.exists():
            before.parent.mkdir(parents=True, exist_ok=True)
            replace_file(before, text.encode(), mode=0o644)
        _write(machine, CMDLINE, " ".join(self._wanted(text)) + "\n")

    def _wanted(self, text: str) -> list[str]:
        kept = [word for word in text.split() if word not in self.out]
        return kept + [word for word in self.into if word not in kept]


@dataclass(frozen=True, slots=True)
class KernelWordsBack:
    """Undoes KernelWords; what others have changed since stays."""

    into: tuple[str, ...]
    out: tuple[str, ...]

    def needed(self, machine: Machine) -> str | None:
        if machine.read(BEFORE) is None or machine.read(CMDLINE) is None:
            return None
        return f"give {CMDLINE} its words back"

    def take(self, machine: Machine) -> None:
        before = (machine.read(BEFORE) or "").split()
        now = (machine.read(CMDLINE) or "").split()
        kept = [word for word in now if word in before or word not in self.into]
        back = [word for word in self.out if word in before and word not in kept]
        _write(machine, CMDLINE, " ".join(kept + back) + "\n")
        machine.path(BEFORE).unlink()


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """Whether /etc/fstab mounts `target` read-only. A line that somebody else made so stays."""

    target: str
    wanted: bool

    def needed(self, machine: Machine) -> str | None:
        text = machine.read("/etc/fstab") or ""
        how = "read-only" if self.wanted else "writable again"
        return None if text == self._changed(text) else f"mount {self.target} {how} (/etc/fstab)"

    def take(self, machine: Machine) -> None:
        _write(machine, "/etc/fstab", self._changed(machine.read("/etc/fstab") or ""))

    def _changed(self, text: str) -> str:
        return "".join(self._line(line) for line in text.splitlines(keepends=True))

    def _line(self, line: str) -> str:
        words = line.split()
        if len(words) < 4 or words[0].startswith("#") or words[1] != self.target:
            return line
        options = words[3].split(",")
        if self.wanted and "ro" not in options:
            options += ["ro", OURS]
        elif not self.wanted and OURS in options:
            options = [each for each in options if each not in ("ro", OURS)]
        else:
            return line
        return "  ".join([*words[:3], ",".join(options) or "defaults", *words[4:]]) + "\n"
