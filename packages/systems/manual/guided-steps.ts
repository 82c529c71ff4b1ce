import type { Platform } from './config.ts';

/** How a person changes a password on a platform. */
export interface GuidedSteps {
  /** Sets it: commands ask for it, so that it is in no history and no list of processes. */
  readonly set: readonly string[];
  /** Signs in with it, and out. */
  readonly check: readonly string[];
  /** Ends what a new password does not end. */
  readonly evict: readonly string[];
}

/** Makes a password where Halligan cannot: 24 random bytes from the system's own generator. */
export const GENERATORS = {
  posix: 'openssl rand -base64 24',
  windows:
    '$b = [byte[]]::new(24); [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($b); [Convert]::ToBase64String($b)',
} as const;

/**
 * What destroys a file that held a secret, and what it cannot promise: on solid-state disks, snapshots and
 * copy-on-write file systems the old blocks may stay, whatever overwrites the file.
 */
export const DESTRUCTION = {
  linux: [
    'shred -u FILE',
    'It overwrites nothing on SSDs, btrfs, ZFS and in snapshots: keep such files on an encrypted disk or in /dev/shm only.',
  ],
  macos: [
    'rm FILE',
    'No command of macOS overwrites a file: FileVault and the rotation are what protects. Look for copies: tmutil listlocalsnapshots /',
  ],
  windows: [
    'Remove-Item FILE; cipher /w:C:\\FOLDER',
    'cipher /w overwrites the free space of a magnetic disk. It promises nothing on an SSD or in shadow copies (vssadmin list shadows): BitLocker and the rotation are what protects.',
  ],
  paper: ['Cross-cut shredder, DIN 66399 P-4 or finer; two people: halligan envelope destroy'],
} as const;

/** The steps for an account. @param name as the system knows it @param address where people go */
export function guidedSteps(platform: Platform, name: string, address: string): GuidedSteps {
  switch (platform) {
    case 'windows':
      return {
        set: [
          `On ${address}, in PowerShell as an administrator: $p = Read-Host -AsSecureString`,
          `Set-LocalUser -Name '${quoted(name, "'")}' -Password $p`,
        ],
        check: [`runas /user:.\\${name} cmd`, 'Close that window again: exit'],
        evict: ['quser, then logoff ID for each of its sessions'],
      };
    case 'active-directory':
      return {
        set: [
          `On a machine with the AD module (server ${address}): $p = Read-Host -AsSecureString`,
          `Set-ADAccountPassword -Identity '${quoted(name, "'")}' -Reset -NewPassword $p -Server ${address}`,
          `Set-ADUser -Identity '${quoted(name, "'")}' -ChangePasswordAtLogon $false -Server ${address}`,
        ],
        check: [`runas /user:DOMAIN\\${name} cmd (with your domain’s name)`, 'exit'],
        evict: [
          'Tickets live on for up to 10 hours: klist purge on the machines where it was used',
        ],
      };
    case 'linux':
      return {
        set: [`On ${address}: sudo passwd ${shell(name)}`],
        check: [
          `From an account without sudo: su - ${shell(name)}, or: ssh -o PubkeyAuthentication=no ${shell(name)}@${address}`,
          'exit',
        ],
        evict: [`sudo loginctl terminate-user ${shell(name)}`],
      };
    case 'macos':
      return {
        set: [
          `On ${address}: sudo sysadminctl -resetPasswordFor ${shell(name)} -newPassword - -adminUser ADMIN -adminPassword -`,
          'Each - asks. Without an administrator who has a secure token, FileVault keeps the old password.',
        ],
        check: [`dscl . -authonly ${shell(name)}`, `su - ${shell(name)}, then exit`],
        evict: [`sudo launchctl bootout user/$(id -u ${shell(name)})`],
      };
    case 'network-device':
      return {
        set: [
          'Keep a second session open until the new password has signed in.',
          `Junos: set system login user ${name} authentication plain-text-password (it asks), then: commit confirmed 5, and commit once it works`,
          `Cisco IOS: terminal history size 0; configure terminal; username ${name} algorithm-type scrypt secret PASSWORD. It is on the line: an accounting server logs it, so set it at the console.`,
        ],
        check: [`ssh ${name}@${address}`, 'exit'],
        evict: ['Junos: request system logout user NAME. IOS: show users, clear line NUMBER'],
      };
    case 'entra':
      return {
        set: [
          `Microsoft Graph PowerShell: Connect-MgGraph -Scopes 'User-PasswordProfile.ReadWrite.All'`,
          `$p = Read-Host -AsSecureString; $t = [Net.NetworkCredential]::new('', $p).Password`,
          `Update-MgUser -UserId '${quoted(name, "'")}' -PasswordProfile @{ Password = $t; ForceChangePasswordNextSignIn = $false }; Remove-Variable t, p`,
          'Not in the portal: it makes a temporary password of its own.',
        ],
        check: [
          'In a private window, typed: https://entra.microsoft.com',
          'Sign out, and close the window.',
        ],
        evict: [`Revoke-MgUserSignInSession -UserId '${quoted(name, "'")}'`],
      };
    case 'okta':
      return {
        set: [
          `In the admin console (${address}): Directory, People, ${name}, More Actions, Set Password; not a temporary one`,
        ],
        check: [
          'In a private window, typed: https://YOUR-ORG.okta.com/login/default (it does not go by another identity provider)',
          'Sign out, and close the window.',
        ],
        evict: ['On the same page: More Actions, Clear User Sessions'],
      };
    case 'google':
      return {
        set: [
          `https://admin.google.com, Directory, Users, ${name}, Reset password; without “Ask for a password change at the next sign-in”`,
        ],
        check: [
          'In a private window, typed: https://admin.google.com (super administrators sign in there without single sign-on)',
          'Sign out, and close the window.',
        ],
        evict: ['On its page, Security: Sign-in cookies, Reset; and Connected applications'],
      };
    case 'database':
      return {
        set: [
          `PostgreSQL: psql -h ${address} -U ADMIN, then: \\password ${name} (the SCRAM verifier is made on your machine; server and log never see the password)`,
          `MySQL: mysql -h ${address} -u ADMIN -p, then: ALTER USER '${quoted(name, "'")}'@'%' IDENTIFIED BY 'PASSWORD'; then empty ~/.mysql_history`,
        ],
        check: [
          `psql -h ${address} -U ${shell(name)} -W -c 'select 1', or: mysql -h ${address} -u ${shell(name)} -p -e 'select 1'`,
        ],
        evict: [
          `PostgreSQL: select pg_terminate_backend(pid) from pg_stat_activity where usename = '${quoted(name, "'")}';`,
        ],
      };
    case 'other':
      return {
        set: [`At ${address}, set the password of ${name} by its own means.`],
        check: ['Sign in with it from a fresh session, and out again.'],
        evict: ['End its sessions, where the system can: a new password evicts nobody.'],
      };
  }
}

/** Inside quotes that double themselves: a name comes from the inventory, and ends up in somebody's shell. */
function quoted(text: string, quote: string): string {
  return text.replaceAll(quote, quote + quote);
}

/** As one word of a POSIX shell. */
function shell(text: string): string {
  return /^[A-Za-z0-9._@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
