"""Which units start on a kiosk, which never do, and why."""

OURS = (
    "hailong-kiosk.service",
    "hailong-enrol.service",
    "hailong-firewall.service",
    "hailong-updates.timer",
    "systemd-timesyncd.service",
    "var-lib-hailong.mount",
    "var-lib-systemd-timesync.mount",
)
SSH = ("ssh.service", "ssh.socket")
IN_THE_WAY = (
    # the citizen's screen and keyboard
    "getty@tty1.service", "userconfig.service", "ctrl-alt-del.target",
    # listens on the network or by radio, and no kiosk needs it
    "avahi-daemon.service", "avahi-daemon.socket", "bluetooth.service", "hciuart.service",
    "triggerhappy.service", "triggerhappy.socket", "rpcbind.service", "rpcbind.socket",
    "ModemManager.service",
    # updates have a window of their own: hailong-updates.timer
    "apt-daily.timer", "apt-daily-upgrade.timer",
    # wears the card out
    "dphys-swapfile.service",
    # remembers that the radio was off, and turns it off again
    "systemd-rfkill.service", "systemd-rfkill.socket",
)  # fmt: skip
WRITERS = (
    # fail, or do nothing, where the system is read-only; the kernel has its own source of chance
    "systemd-random-seed.service", "fake-hwclock.service", "fake-hwclock-load.service",
    "fake-hwclock-save.timer", "man-db.timer", "dpkg-db-backup.timer", "logrotate.timer",
    "e2scrub_all.timer",
)  # fmt: skip
