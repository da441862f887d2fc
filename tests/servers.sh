#!/bin/sh
# The real servers that the tests talk to: installed where that is possible, named where it is not.
set -eu
missing=""
need() { # package, what shows that it is there
    for found in $2; do [ -e "$found" ] && return 0; done
    missing="$missing $1"
}
need dovecot-imapd "/usr/lib/dovecot/imap"
need postgresql "/usr/lib/postgresql/*/bin/postgres"
need openssl "/usr/bin/openssl"
need systemd "/usr/bin/systemd-analyze"
need strace "/usr/bin/strace"
need procps "/bin/kill" # the unit reloads with it
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then root=""; elif sudo -n true 2>/dev/null; then root="sudo"; else
    echo "tests that need servers are skipped; to run them: sudo apt-get install -y$missing" >&2
    exit 0
fi
command -v apt-get >/dev/null || { echo "please install:$missing" >&2; exit 0; }
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
$root apt-get install -y -qq --no-install-recommends $missing >/dev/null
