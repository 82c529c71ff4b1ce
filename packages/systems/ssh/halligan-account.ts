import { readFileSync } from 'node:fs';
import { HalliganError } from '@halligan/format';
import type { Shortcoming } from '../driver.ts';
import { BY_ITS_WORD } from '../its-word.ts';
import type { SshConfig } from './config.ts';
import type { Ran, SshLine } from './line.ts';

const HELPER = '/usr/local/sbin/halligan-account';
/** Exit codes of the helper: sysexits(3). */
const NOT_UNDERSTOOD = 64;
const NO_USER = 67;
const NOT_ALLOWED = 77;

/** The helper's command line; where it is not installed, the same script is sent along, without its group. */
export function helper({ privilege }: SshConfig, does: string): string {
  if (privilege === 'helper') return `sudo -n ${HELPER} ${does}`;
  return `${privilege === 'sudo' ? 'sudo -n ' : ''}${withoutHelper(does)}`;
}

/** The script sent along, run with the rights of whoever is signed in. */
export function withoutHelper(does: string): string {
  return `sh -c '${unrestricted().replaceAll("'", "'\\''")}' halligan-account ${does}`;
}

let script: string | undefined;

function unrestricted(): string {
  script ??= readFileSync(new URL('./halligan-account.sh', import.meta.url), 'utf8').replace(
    /^group=.*$/m,
    'group=',
  );
  return script;
}

/** sudo(8) tells what it would let the rotator run, without running it. */
export async function missingRights(
  line: SshLine,
  { privilege }: SshConfig,
): Promise<Shortcoming[]> {
  const may = await line.run(`sudo -n -l ${privilege === 'helper' ? HELPER : 'sh'}`);
  if (may.exit !== 0)
    return [
      {
        level: 'fail',
        found: 'sudo does not let the rotator set a password.',
        fix: 'Add its line to /etc/sudoers.d; see docs/systems/ssh.md.',
      },
    ];
  if (privilege === 'helper') return [];
  return [
    {
      level: 'warn',
      found: 'sudo lets the rotator run anything.',
      fix: 'Install halligan-account, and let it run that alone; see docs/systems/ssh.md.',
    },
  ];
}

/** Whether the helper said that there is no such account. @throws as {@link requireDone} */
export function isUnknown({ exit }: Ran): boolean {
  return exit === NO_USER;
}

/** @throws what the helper's exit code means */
export function requireDone({ exit }: Ran): void {
  switch (exit) {
    case 0:
      return;
    case NO_USER:
      throw unknownAccount();
    case NOT_ALLOWED:
      throw new HalliganError(
        'systems.insufficient-access',
        'The host lets the rotator change only accounts of its group, and this is none.',
        'Put the account into the group: usermod -aG breakglass NAME.',
      );
    case NOT_UNDERSTOOD:
    case 127:
      throw new HalliganError(
        'systems.helper',
        'The host’s helper did not understand, or is not there.',
        'Install halligan-account as docs/systems/ssh.md says.',
      );
    default:
      throw constraint();
  }
}

export function unknownAccount(): HalliganError {
  return new HalliganError(
    'systems.account-unknown',
    'The host has no such account.',
    'Compare the name in the inventory with the host’s accounts.',
  );
}

export function constraint(): HalliganError {
  return new HalliganError(
    'systems.constraint',
    'The host did not take the new password.',
    `Look at its password rules (PAM) and at sudo’s log. ${BY_ITS_WORD}`,
  );
}
