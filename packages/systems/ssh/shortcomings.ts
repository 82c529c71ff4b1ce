import type { Shortcoming } from '../driver.ts';
import { keepsKey, type SshConfig } from './config.ts';

/** What bars the account, could bar it later, or lets in what should not: read from the lines of an inspection. */
export function shortcomingsOf(output: string, config: SshConfig): readonly Shortcoming[] {
  const lines = output.split('\n');
  return [
    ...refusedBySshd(lines, config),
    ...(keepsKey(config) ? besides(lines) : byFailures(lines)),
  ];
}

/** sshd(8) may be told not to ask for what the account has. Its settings are those of `/etc/ssh/sshd_config`. */
function refusedBySshd(lines: readonly string[], config: SshConfig): readonly Shortcoming[] {
  if (config.signIn === 'console') return [];
  const off = (name: string) => lines.includes(`sshd ${name}authentication no`);
  if (keepsKey(config))
    return off('pubkey')
      ? [
          {
            level: 'fail',
            found: 'sshd takes no keys from this account.',
            fix: 'Match User NAME, PubkeyAuthentication yes; see docs/systems/ssh.md.',
          },
        ]
      : [];
  return off('password') && off('kbdinteractive')
    ? [
        {
          level: 'fail',
          found: 'sshd takes no passwords from this account.',
          fix: 'Match User NAME, PasswordAuthentication yes; see docs/systems/ssh.md.',
        },
      ]
    : [];
}

function besides(lines: readonly string[]): readonly Shortcoming[] {
  if (!lines.some((line) => /^status \S+ P( |$)/.test(line))) return [];
  return [
    {
      level: 'warn',
      found: 'A password signs in besides the key.',
      fix: "Take it away: usermod -p '*' NAME.",
    },
  ];
}

/** Whoever knows an account's name can lock it by guessing. */
function byFailures(lines: readonly string[]): readonly Shortcoming[] {
  const [, program, deny] = lines.find((line) => line.startsWith('lockout '))?.split(' ') ?? [];
  if (program === undefined) return [];
  if (program === 'tally2')
    return [
      {
        level: 'warn',
        found: 'pam_tally2 can lock the account: anybody who knows its name can do that.',
        fix: 'Take the group out of it: pam_succeed_if.so user notingroup breakglass before it in /etc/pam.d.',
      },
    ];
  return [
    {
      level: 'warn',
      found: `${Number(deny)} failed sign-ins lock the account: anybody who knows its name can do that.`,
      fix:
        program === 'even-deny-root'
          ? 'Take even_deny_root and root_unlock_time out of /etc/security/faillock.conf and /etc/pam.d: admin_group exempts only without them.'
          : 'Put admin_group = breakglass into /etc/security/faillock.conf, without even_deny_root.',
    },
  ];
}
