"""A connection for NetworkManager, made anew at each start: the card's file is its only source."""

from pathlib import Path

from .durable import replace_file
from .read import Network

# In memory: with the file on the card changed, the old network is gone with the next start.
FOLDER = Path("/run/NetworkManager/system-connections")


def write_network(network: Network | None, folder: Path = FOLDER) -> None:
    """Writes the connection, readable by root alone, or takes an older one away."""
    path = folder / "hailong.nmconnection"
    if network is None:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(path, keyfile(network).encode(), mode=0o600)


def keyfile(network: Network) -> str:
    """The connection as nm-settings-keyfile(5) has it."""
    kind = "wifi" if network.wifi else "ethernet"
    lines = ["[connection]", "id=hailong", f"type={kind}", "autoconnect-priority=100",
             "autoconnect-retries=0", ""]  # fmt: skip
    if network.wifi:
        # As numbers: a name may hold any byte, and this spelling needs no escapes.
        ssid = ";".join(str(byte) for byte in network.wifi.encode())
        hidden = str(network.hidden).lower()
        lines += ["[wifi]", f"ssid={ssid};", f"hidden={hidden}", "powersave=2", ""]
    if network.password:
        lines += ["[wifi-security]", "key-mgmt=wpa-psk", f"psk={_escape(network.password)}", ""]
    return "\n".join([*lines, *_addresses(network)])


def _addresses(network: Network) -> list[str]:
    six = network.address is not None and ":" in network.address
    mine, other = ("ipv6", "ipv4") if six else ("ipv4", "ipv6")
    lines = [f"[{mine}]"]
    if network.address is None:
        lines += ["method=auto"]
    else:
        gateway = f",{network.gateway}" if network.gateway else ""
        lines += ["method=manual", f"address1={network.address}{gateway}"]
    for family in (mine, other):
        if family == other:
            lines += ["", f"[{other}]", "method=auto", "may-fail=true"]
        servers = [each for each in network.dns if (":" in each) == (family == "ipv6")]
        if servers:
            lines += [f"dns={''.join(f'{each};' for each in servers)}", "ignore-auto-dns=true"]
    return [*lines, ""]


def _escape(text: str) -> str:
    """A keyfile's value: a backslash is doubled, a space in front would be lost."""
    text = text.replace("\\", "\\\\")
    return "\\s" + text[1:] if text.startswith(" ") else text
