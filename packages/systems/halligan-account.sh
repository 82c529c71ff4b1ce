#!/bin/sh
# halligan-account: all that Halligan's rotator may do on this machine, and only to members of one group.
# Install it as /usr/local/sbin/halligan-account (root, 0755), and let the rotator's user run nothing else by sudo:
#   halligan ALL=(root) NOPASSWD: /usr/local/sbin/halligan-account
# A password comes on standard input as "name:password"; it is in no argument, file or environment.
# Exit: 0 done, 64 not understood, 67 no such account, 77 not an account of the group, 1 the system refused.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
group=breakglass

known() {
  case $1 in '' | -* | *[!a-z0-9._-]*) exit 64 ;; esac
  getent passwd "$1" >/dev/null || exit 67
  [ -z "$group" ] || id -nG "$1" | tr ' ' '\n' | grep -qx "$group" || exit 77
}

# One fact a line. What a program is missing for is said by no line: unknown is not "none".
inspect() {
  entry=$(getent passwd "$1")
  home=$(printf '%s\n' "$entry" | cut -d: -f6)
  echo "shell ${entry##*:}"
  echo "groups $(id -nG "$1")"
  echo "status $(passwd -S "$1")"
  command -v faillock >/dev/null && echo "failures $(faillock --user "$1" 2>/dev/null | grep -c ' V$' || true)"
  echo 'keys-read'
  if [ -r "$home/.ssh/authorized_keys" ]; then
    ssh-keygen -lf "$home/.ssh/authorized_keys" 2>/dev/null | while read -r _ print _; do echo "key $print"; done
  fi
  if command -v ps >/dev/null; then
    echo 'sessions-read'
    # A process that has ended and waits for its parent is nobody's session; its state says so, not what it calls itself.
    ps -o stat=,pid=,tty=,lstart=,args= -u "$1" | sed -n 's/^[^Z ][^ ]* */session /p' | cut -c 1-200
  fi
  if command -v sudo >/dev/null; then
    echo 'grants-read'
    sudo -n -l -U "$1" 2>/dev/null | sed -n 's/^    *(/grant (/p' | cut -c 1-200
  fi
  if command -v crontab >/dev/null && crontab -l -u "$1" >/dev/null 2>&1; then echo 'method cron'; fi
  if [ -e "/var/lib/systemd/linger/$1" ]; then echo 'method linger'; fi
}

case ${1-} in
  set)
    IFS= read -r line || [ -n "$line" ] || exit 64
    known "${line%%:*}"
    printf '%s\n' "$line" | chpasswd
    ;;
  inspect)
    known "${2-}"
    inspect "$2"
    ;;
  *) exit 64 ;;
esac
