#!/bin/busybox sh
# The guest's first program: mounts, loads modules, runs the job as root, powers off.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp TZ=UTC PYTHONPATH=/app:/site:/job PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for folder in /tmp /run; do mount -t tmpfs none $folder; done
while read -r module; do insmod "/modules/$module" || echo "module $module: refused"; done </modules/order
mount -t configfs none /sys/kernel/config
ip link set lo up
echo "GUEST-UP $(cat /proc/uptime)"
[ ! -e /job/takeover.sh ] || exec sh /job/takeover.sh  # to another init
sh /job/run.sh
echo "GUEST-DONE $(cat /proc/uptime)"
poweroff -f
