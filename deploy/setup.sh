#!/bin/sh
# Makes .venv with the pinned packages and, for a purpose (demo, test), the system packages of deploy/apt.txt.
# usage: deploy/setup.sh PYTHON [PURPOSE]      A second run with nothing changed returns at once.
set -eu
cd "$(dirname "$0")/.."
python=$1 purpose=${2:-}

wanted() { sed -n "s/^\[$1\] *//p" deploy/apt.txt; }
missing() { for p in $(wanted base) $(wanted "$1"); do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok' || printf '%s ' "$p"; done; }

install_system_packages() {
  command -v dpkg-query >/dev/null || return 0          # not a Debian: the README names what is needed
  need=$(missing "$purpose"); [ -n "$need" ] || return 0
  if [ "$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo=sudo; else
    # Its own Python may come from elsewhere: then only what is truly absent stops us, later and by name.
    echo "Missing system packages; ask an administrator to run: apt install $need" >&2; return 0
  fi
  echo "Installing system packages: $need" >&2
  $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $need >/dev/null
}

make_venv() {
  # The stamp holds what was installed from; it is written last, so a broken install is repeated.
  want=$(cat pyproject.toml deploy/constraints.txt | cksum)
  [ "$(cat .venv/installed 2>/dev/null)" = "$want" ] && return 0
  [ -x .venv/bin/python ] || "$python" -m venv .venv || {
    echo "python3 cannot make a virtual environment; install python3-venv (Python 3.11 to 3.13) and try again." >&2; exit 2; }
  echo "Installing the pinned packages into .venv (one time)" >&2
  .venv/bin/pip install --quiet --disable-pip-version-check --constraint deploy/constraints.txt --editable '.[dev]'
  echo "$want" > .venv/installed
}

[ -z "$purpose" ] || install_system_packages
make_venv
