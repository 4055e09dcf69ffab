# In the guest: what the card has kept is told, then the kiosk takes presses until the power is cut.
mount -t ext4 -o noatime /dev/vda /data || { echo "UNREADABLE"; exit; }
[ -e /data/kiosk ] || { tar -xf /job/kiosk.tar -C /data && sync; }
export HAILONG_DATA=/data/kiosk
python3 /job/kept.py || { echo "UNREADABLE"; exit; }
while :; do for n in 1 2 3 4 5; do echo "press $n"; echo "wait 10"; done; done |
  $(cat /job/kiosk) run --headless --panel stdin 2>/dev/null
