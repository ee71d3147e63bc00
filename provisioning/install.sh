#!/bin/sh
# Installs SonoEdge on a board with Debian or Ubuntu. You can run it again at any time.
#
#   sudo provisioning/install.sh                      install or update, from the network
#   sudo provisioning/install.sh --wheelhouse DIR     the same from a stick, without a network (`make wheelhouse` fills DIR)
#   sudo provisioning/install.sh --uninstall          remove the program; keep settings and data
#   sudo provisioning/install.sh --uninstall --purge-everything-recorded   remove settings and all data too
set -eu

NAME=sonoedge
PREFIX=/opt/$NAME
SETTINGS=/etc/$NAME
DATA=/var/lib/$NAME
UNITS=/etc/systemd/system
UNIT=$UNITS/$NAME.service
WATCH=$UNITS/multi-user.target.wants/$NAME-provision.path
RULES=/etc/udev/rules.d/60-$NAME.rules
WANTS=$UNITS/multi-user.target.wants/$NAME.service
NEED_MIB=900

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
wheelhouse=
uninstall=
purge=

say() { echo "install: $*"; }
refuse() { echo "install: $1. $2." >&2; exit 2; }
FILL="Fill it with 'make wheelhouse' on a machine with a network and the same Python and processor, and copy it again"
holds_wheels() { [ -n "$(find "$1" -maxdepth 1 -name '*.whl' -print -quit)" ]; }

while [ $# -gt 0 ]; do
  case $1 in
    --wheelhouse) [ $# -gt 1 ] || refuse "--wheelhouse needs a folder" "Give the folder that 'make wheelhouse' filled"
      wheelhouse=$(cd "$2" 2>/dev/null && pwd) || refuse "$2 is not a folder" "Check that the stick is mounted"
      holds_wheels "$wheelhouse" || refuse "$2 holds no Python packages (*.whl)" "$FILL"; shift ;;
    --uninstall) uninstall=1 ;;
    --purge-everything-recorded) purge=1 ;;
    -h|--help) sed -n '2,7p' "$0"; exit 0 ;;
    *) refuse "$1 is not an option" "See install.sh --help" ;;
  esac
  shift
done

systemd_runs() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }
udev_runs() { [ -S /run/udev/control ] && command -v udevadm >/dev/null; }

check_machine() {
  [ "$(id -u)" = 0 ] || refuse "this needs root" "Run it with sudo"
  [ -n "$uninstall" ] && return
  [ -e /etc/debian_version ] || refuse "this is neither Debian nor Ubuntu" "Install Debian or Ubuntu on the board first"
  command -v python3 >/dev/null || refuse "python3 is missing" "apt-get install python3 python3-venv"
  python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' || refuse "$(python3 --version) is too old" "Use an image with Python 3.10 or newer"
  python3 -I -c 'import ensurepip, venv' 2>/dev/null || refuse "python3 has no venv" "apt-get install python3-venv"
  free=$(df -Pm /opt | awk 'NR == 2 { print $4 }')
  [ "$free" -ge $NEED_MIB ] || refuse "/opt has $free MiB free, $NEED_MIB are needed" "Free some space and run this again"
}

runtime_lock() {
  python3 -I -c 'import sys; print("runtime-py310.txt" if sys.version_info[:2] == (3, 10) else "runtime.txt")'
}

pip_install() { # VENV ARGUMENTS: only from the stick, if there is one
  venv=$1; shift
  if [ -n "$wheelhouse" ]; then set -- --no-index --find-links "$wheelhouse" "$@"; fi
  "$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check "$@" 2>"$venv/pip.log" || explain_pip "$venv/pip.log"
}

explain_pip() { # LOG: pip states a cause over many lines
  from=${wheelhouse:-the network}
  wanted=$(sed -n 's/^ERROR: No matching distribution found for \([^ ]*\).*/\1/p' "$1" | head -n 1)
  [ -z "$wanted" ] || refuse "$from has no $wanted for $(python3 --version) on $(uname -m)" "$FILL"
  ! grep -q 'DO NOT MATCH THE HASHES' "$1" || refuse "a package from $from is damaged, or not the locked one" "$FILL"
  refuse "the packages from $from cannot be installed: $(grep -v '^ *$' "$1" | tail -n 1 | sed 's/^ERROR: //; s/\.$//')" "Check the disk, and the stick or the network, and run this again"
}

boot() { # the boot program of this checkout: it knows the slots
  python3 -I -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from provisioning.boot.__main__ import main; sys.exit(main())' \
    "$project" --root "$PREFIX" "$@"
}

make_release() { # built in the slot that does not run; nothing changes until the boot record states it
  slot=$(boot prepare)
  release=$PREFIX/slots/$slot
  trap 'rm -rf "$release" "$release-build"' EXIT
  say "making the Python environment"
  python3 -I -m venv "$release"
  say "installing the locked packages (a few minutes on a small board)"
  pip_install "$release" --require-hashes --only-binary=:all: -r "$project/requirements/$(runtime_lock)"
  say "installing SonoEdge"
  python3 -I -m venv "$release-build"
  pip_install "$release-build" --require-hashes --only-binary=:all: -r "$project/requirements/build.txt"
  mkdir "$release-build/source"
  for part in pyproject.toml README.md LICENSE edge firmware_bridge models provisioning; do cp -R "$project/$part" "$release-build/source/"; done
  "$release-build/bin/python" -I -m pip wheel --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation \
    --wheel-dir "$release-build/wheels" "$release-build/source"
  "$release/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-deps --no-index "$release-build"/wheels/*.whl
  rm -rf "$release-build"
  "$release/bin/sonoedge" --version >/dev/null || refuse "the new program does not start" "Copy the checkout, or the wheelhouse, again"
  trap - EXIT
}

switch_release() {
  boot adopt "$slot" "$("$release/bin/sonoedge" --version)" >/dev/null
  rm -rf "$PREFIX/releases" # of installations before the slots
}

make_user() {
  getent group plugdev >/dev/null || groupadd --system plugdev
  getent passwd $NAME >/dev/null || useradd --system --user-group --home-dir $DATA --no-create-home --shell /usr/sbin/nologin $NAME
  usermod -aG dialout,plugdev,video $NAME
  install -d -m 0750 -o $NAME -g $NAME $DATA
}

install_files() {
  install -d -m 0755 $SETTINGS "$(dirname $UNIT)" "$(dirname $RULES)" "$(dirname $WANTS)"
  if [ -e $SETTINGS/settings.toml ]; then say "keeping $SETTINGS/settings.toml unchanged"
  else install -m 0644 "$here/settings.toml" $SETTINGS/settings.toml; fi
  install -m 0644 "$here/$NAME.service" $UNIT
  for unit in $NAME-gate.service $NAME-provision.service $NAME-provision.path; do install -m 0644 "$here/$unit" "$UNITS/$unit"; done
  install -m 0644 "$here/60-$NAME.rules" $RULES
  ln -sfn $PREFIX/current/bin/sonoedge /usr/local/bin/sonoedge
  ln -sfn $UNIT $WANTS
  ln -sfn $UNITS/$NAME-provision.path $WATCH
  touch $PREFIX/takes_requests
}

start() {
  if udev_runs; then udevadm control --reload && udevadm trigger --subsystem-match=tty --subsystem-match=usb; fi
  if systemd_runs; then
    systemctl daemon-reload
    systemctl restart $NAME-provision.path $NAME
    say "started; to check it: systemctl status $NAME"
  else
    say "systemd is not running: SonoEdge starts at the next boot"
  fi
}

remove() {
  if systemd_runs; then systemctl disable --now $NAME-provision.path $NAME 2>/dev/null || true; fi
  rm -f $UNIT $UNITS/$NAME-gate.service $UNITS/$NAME-provision.service $UNITS/$NAME-provision.path $WANTS $WATCH $RULES
  if [ "$(readlink /usr/local/bin/sonoedge 2>/dev/null)" = $PREFIX/current/bin/sonoedge ]; then rm -f /usr/local/bin/sonoedge; fi
  rm -rf $PREFIX
  if systemd_runs; then systemctl daemon-reload; fi
  if [ -n "$purge" ]; then
    rm -rf $SETTINGS $DATA
    if getent passwd $NAME >/dev/null; then userdel $NAME; fi
    say "removed, together with settings and all data"
  else
    say "removed; kept: $SETTINGS, $DATA and the user $NAME"
  fi
}

check_machine
if [ -n "$uninstall" ]; then remove; exit 0; fi
make_release
make_user
install_files
switch_release
start
say "done: sonoedge $("$PREFIX/current/bin/sonoedge" --version) on http://127.0.0.1:8042/ (research use, not a diagnosis)"
