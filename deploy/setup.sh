#!/bin/sh
# Makes .venv with the pinned packages and installs the system packages of deploy/apt.txt.
# usage: deploy/setup.sh PYTHON [demo|test]      Without a purpose: the .venv alone, with all tools.
# A second run with nothing changed returns at once.
set -eu
cd "$(dirname "$0")/.."
python=$1 purpose=${2:-}

wanted() { sed -n "s/^\[$1\] *//p" deploy/apt.txt; }

is_there() {    # by its own name, or provided by another: libmtdev1 is libmtdev1t64 on trixie
  dpkg-query -W -f='${db:Status-Abbrev}${Package},${Provides}\n' |
    grep -Eq "^ii (.*[ ,])?$1( |,|\(|\$)"
}

missing() {
  for package in $(wanted base) $(wanted "$1"); do is_there "$package" || echo "$package"; done
}

install_system_packages() {
  command -v dpkg-query >/dev/null || return 0          # no Debian: deploy/apt.txt tells what is needed
  need=$(missing "$purpose" | sort -u | tr '\n' ' ')
  [ -n "$need" ] || return 0
  if [ "$(id -u)" = 0 ]; then sudo=
  elif sudo -n true 2>/dev/null; then sudo=sudo
  else
    # Not fatal: some may be there in another form, and what is truly absent is named when used.
    echo "System packages are missing; have an administrator run: apt install $need" >&2
    return 0
  fi
  echo "Installing system packages: $need" >&2
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $need >/dev/null
}

make_venv() {
  # What was installed stands in .venv/installed, written last: a broken install is repeated.
  now=$(cat pyproject.toml deploy/constraints.txt | cksum)
  case "$(cat .venv/installed 2>/dev/null)" in "$now dev" | "$now $extras") return 0 ;; esac
  [ -x .venv/bin/python ] || "$python" -m venv .venv || {
    echo "$python cannot make a virtual environment; install Python 3.11 to 3.13 with venv." >&2
    exit 2
  }
  echo "Installing the pinned packages into .venv (only this once)" >&2
  .venv/bin/pip install --quiet --disable-pip-version-check \
    --constraint deploy/constraints.txt --editable ".[$extras]"
  echo "$now $extras" > .venv/installed
}

if [ "$purpose" = demo ]; then extras=kiosk,server; else extras=dev; fi
if [ -n "$purpose" ]; then install_system_packages; fi
make_venv
