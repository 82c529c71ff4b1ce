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
mark=halligan-managed

known() {
  case $1 in '' | -* | *[!a-z0-9._-]*) exit 64 ;; esac
  getent passwd "$1" >/dev/null || exit 67
  [ -z "$group" ] || id -nG "$1" | tr ' ' '\n' | grep -qx "$group" || exit 77
}

# What an account may change is read and written as the account: a link that it made there leads root nowhere.
as_owner() {
  name=$1 file=$2
  shift 2
  case $file in
    "$(home_of "$name")"/*) [ "$(id -u)" != 0 ] || set -- setpriv --reuid="$name" --regid="$(id -g "$name")" --init-groups "$@" ;;
  esac
  "$@"
}

home_of() { getent passwd "$1" | cut -d: -f6; }

sshd_settings() { sshd -T -C "user=$1,host=localhost,addr=127.0.0.1" 2>/dev/null; }

# Where sshd looks for keys. It tells root alone; the account itself goes by what is usual.
key_files() (
  set -f
  home=$(home_of "$1")
  told=$(sshd_settings "$1" | sed -n 's/^authorizedkeysfile //p')
  for pattern in ${told:-.ssh/authorized_keys}; do
    file=$(printf '%s\n' "$pattern" | sed "s|%u|$1|g; s|%h|$home|g; s|%%|%|g")
    case $file in
      none) ;;
      /*) printf '%s\n' "$file" ;;
      *) printf '%s\n' "$home/$file" ;;
    esac
  done
)

# A file that only root can change goes before the account's own.
managed_file() {
  files=$(key_files "$1")
  printf '%s\n' "$files" | grep -v "^$(home_of "$1")/" | head -n 1 | grep . || printf '%s\n' "$files" | head -n 1 | grep .
}

read_keys() { as_owner "$1" "$2" sh -c '[ ! -e "$1" ] || { [ -f "$1" ] && cat "$1"; }' read "$2"; }

# Whole or not at all; sshd reads a file of root's as the account.
write_keys() {
  case $2 in "$(home_of "$1")"/*) mode=0600 umask=077 ;; *) mode=0644 umask=022 ;; esac
  as_owner "$1" "$2" sh -c 'set -e; umask "$3"; mkdir -p "${1%/*}"; new=$(mktemp "$1.XXXXXX")
    cat > "$new"; chmod "$2" "$new"; sync "$new"; mv -fT "$new" "$1"' write "$2" "$mode" "$umask"
}

# One marked line holds the key of the account. Its options stay, and so do all other lines: others are for people to judge.
set_key() {
  case $2 in key | authority) ;; *) exit 64 ;; esac
  case $3 in AAAAC3NzaC1lZDI1NTE5AAAAI*) ;; *) exit 64 ;; esac
  case $3 in *[!A-Za-z0-9+/=]*) exit 64 ;; esac
  file=$(managed_file "$1") || exit 1
  present=$(read_keys "$1" "$file")
  options=$(printf '%s\n' "$present" | sed -n "s/ *ssh-ed25519 [A-Za-z0-9+/=]* $mark\$//p" | head -n 1 |
    sed 's/cert-authority//; s/principals="[^"]*"//; s/,,*/,/g; s/^,//; s/,$//')
  # What the authority certifies signs in as this account, and as no other: TrustedUserCAKeys would let it in everywhere.
  if [ "$2" = authority ]; then options="cert-authority,principals=\"$1\"${options:+,$options}"; fi
  {
    printf '%s\n' "$present" | sed "/ $mark\$/d; /^\$/d"
    printf '%s\n' "${options:+$options }ssh-ed25519 $3 $mark"
  } | write_keys "$1" "$file"
}

# The marked line changes with each version and is told by its options; where there are two, somebody made one.
inspect_keys() {
  key_files "$1" | while IFS= read -r file; do
    keys=$(read_keys "$1" "$file" 2>/dev/null | grep -v '^ *#' | grep .) || continue
    if [ "$(printf '%s\n' "$keys" | grep -c " $mark\$")" = 1 ]; then
      echo "managed $(printf '%s\n' "$keys" | sed -n "s/ *ssh-ed25519 [A-Za-z0-9+/=]* $mark\$//p")"
      keys=$(printf '%s\n' "$keys" | grep -v " $mark\$") || continue
    fi
    printf '%s\n' "$keys" | ssh-keygen -lf - 2>/dev/null | while read -r _ print _; do echo "key $print"; done
  done
}

# What pam_faillock is told: its arguments in any service, then its file.
faillock_settings() {
  grep -hs '^[^#]*pam_faillock\.so' /etc/pam.d/* | tr ' \t' '\n\n'
  sed 's/#.*//; s/[[:space:]]//g' /etc/security/faillock.conf 2>/dev/null || true
}

# Failed sign-ins that count, and how many lock; whether strangers can lock this account at all.
inspect_lockout() {
  if grep -qs '^[^#]*pam_tally2\.so' /etc/pam.d/*; then echo 'lockout tally2'; fi
  grep -qs '^[^#]*pam_faillock\.so' /etc/pam.d/* || return 0
  settings=$(faillock_settings)
  deny=$(printf '%s\n' "$settings" | sed -n 's/^deny=\([0-9][0-9]*\)$/\1/p' | head -n 1)
  exempt=$(printf '%s\n' "$settings" | sed -n 's/^admin_group=//p' | head -n 1)
  if [ -n "$exempt" ] && id -nG "$1" | tr ' ' '\n' | grep -qx "$exempt"; then
    printf '%s\n' "$settings" | grep -q '^even_deny_root$\|^root_unlock_time=' || return 0
    echo "lockout even-deny-root ${deny:-3}"
  else
    echo "lockout faillock ${deny:-3}"
  fi
  echo "failures $(failures "$1") ${deny:-3}"
}

tallies() { faillock_settings | sed -n 's/^dir=//p' | head -n 1; }

failures() {
  folder=$(tallies)
  faillock ${folder:+--dir "$folder"} --user "$1" 2>/dev/null | grep -c ' V$' || true
}

forgive() {
  command -v faillock >/dev/null || return 0
  folder=$(tallies)
  faillock ${folder:+--dir "$folder"} --user "$1" --reset >/dev/null 2>&1 || true
}

# Signs in as a console would, by PAM: su asks nobody but root for no password, so somebody else runs it.
prove() {
  failed=$(inspect_lockout "$1" | sed -n 's/^failures //p')
  said=$(setpriv --reuid=nobody --regid=nogroup --clear-groups su -c 'echo halligan-$((1+1))' "$1" 2>&1) && exit=0 || exit=$?
  case $exit:$said in
    0:*halligan-2*) echo 'proof accepted' ;;
    *'change your password'* | *expired*) echo 'proof expired' ;;
    *locked*) echo 'proof locked' ;;
    # Only what comes after the question is about the password: pam_wheel denies before it.
    *'Authentication failure'* | *Password:*'Permission denied'*)
      # A lock that PAM keeps silent about refuses the right password as well.
      if [ -n "$failed" ] && [ "${failed% *}" -ge "${failed#* }" ]; then echo 'proof locked'; else echo 'proof rejected'; fi
      ;;
    *) echo 'proof unknown' ;;
  esac
}

# One fact a line. What a program is missing for is said by no line: unknown is not "none".
inspect() {
  entry=$(getent passwd "$1")
  echo "shell ${entry##*:}"
  echo "groups $(id -nG "$1")"
  echo "status $(passwd -S "$1")"
  inspect_lockout "$1"
  expiry=$(getent shadow "$1" | cut -d: -f8)
  if [ -n "$expiry" ] && [ "$expiry" -le $(($(date +%s) / 86400)) ]; then echo 'expired'; fi
  sshd_settings "$1" | grep -E '^(pubkeyauthentication|passwordauthentication|kbdinteractiveauthentication) no$' | sed 's/^/sshd /' || true
  sshd_settings "$1" | sed -n '/ none$/d; s/^trustedusercakeys .*/method trusted-ca/p; s/^authorizedkeyscommand .*/method keys-command/p'
  echo 'keys-read'
  inspect_keys "$1"
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
    forgive "${line%%:*}"
    ;;
  prove)
    IFS= read -r line || [ -n "$line" ] || exit 64
    known "${line%%:*}"
    printf '%s\n' "${line#*:}" | prove "${line%%:*}"
    ;;
  set-key)
    known "${2-}"
    set_key "$2" "${3-}" "${4-}"
    ;;
  inspect)
    known "${2-}"
    inspect "$2"
    ;;
  *) exit 64 ;;
esac
