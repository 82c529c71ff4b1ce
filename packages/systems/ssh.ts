import { readFileSync } from 'node:fs';
import { concat, HalliganError, utf8, utf8Text } from '@halligan/format';
import { checkAccountName } from './account-name.ts';
import type { Driver, Shortcoming } from './driver.ts';
import { firstPassword } from './first-password.ts';
import { copyPassword } from './password.ts';
import type { SshConfig } from './ssh-config.ts';
import { inspectionOf } from './ssh-inspection.ts';
import { connectSsh, type Ran, REFUSED, type SshLine, type SshSignIn } from './ssh-line.ts';

const HELPER = '/usr/local/sbin/halligan-account';
/** What Linux calls a user; safe in a shell, in chpasswd's lines and in file names. */
const USER = /^[a-z_][a-z0-9._-]{0,31}$/;
/** Exit codes of the helper: sysexits(3). */
const NOT_UNDERSTOOD = 64;
const NO_USER = 67;
const NOT_ALLOWED = 77;

/**
 * The driver of a Linux machine over SSH: chpasswd(8) by the rotator's right, or passwd(1) by the account's own. Host
 * keys are pinned.
 * @param secret `standing`: the rotator's private key (OpenSSH) or its password; `self`: the accounts' first passwords,
 * a line `name:password` each; a person's device, which only proves, has none
 * @throws `systems.secret-unusable`
 */
export function openSshDriver(config: SshConfig, secret: Uint8Array | undefined): Driver {
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);

  const asRotator = async <T>(work: (line: SshLine) => Promise<T>): Promise<T> => {
    const line = await connectSsh(config, config.rotator, rotatorSignIn(credential));
    if (line === REFUSED) throw rotatorRejected();
    try {
      return await work(line);
    } finally {
      line.end();
    }
  };

  return {
    async inspect(account) {
      checkAccountName(account);
      if (!USER.test(account)) return { exists: false };
      const ran = await asRotator((line) => line.run(helper(config, `inspect ${account}`)));
      if (ran.exit === NO_USER) return { exists: false };
      requireDone(ran);
      return inspectionOf(account, ran.out);
    },

    async setPassword(account, password, old) {
      checkAccountName(account);
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        requireUser(account);
        if (config.rotation === 'self')
          await changeOwn(config, account, fresh, before ?? firstPassword(credential, account));
        else await setByRight(config, account, fresh, asRotator);
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      checkAccountName(account);
      const candidate = copyPassword(password);
      try {
        return USER.test(account) ? await signInAndOut(config, account, candidate) : 'rejected';
      } finally {
        candidate.fill(0);
      }
    },

    async shortcomings(account) {
      checkAccountName(account);
      if (config.rotation === 'self' || config.privilege === 'root') return [];
      return asRotator((line) => missingRights(line, config));
    },

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
}

async function setByRight(
  config: SshConfig,
  account: string,
  fresh: Uint8Array,
  asRotator: <T>(work: (line: SshLine) => Promise<T>) => Promise<T>,
): Promise<void> {
  const input = concat(utf8(`${account}:`), fresh, utf8('\n'));
  try {
    requireDone(await asRotator((line) => line.run(helper(config, 'set'), input)));
  } finally {
    input.fill(0);
  }
}

/** passwd(1) asks for the present password, then twice for the new one. Nobody but the account takes part. */
async function changeOwn(
  config: SshConfig,
  account: string,
  fresh: Uint8Array,
  old: Uint8Array,
): Promise<void> {
  const line = await connectSsh(config, account, { password: old });
  if (line === REFUSED)
    throw new HalliganError(
      'systems.old-rejected',
      'The host does not accept the password that the account should have, so it cannot change itself.',
      'Look at the account at the host’s console; set it by hand if need be.',
    );
  try {
    const { exit } = await line.converse('LC_ALL=C passwd', [old, fresh, fresh]);
    if (exit !== 0) throw constraint();
  } finally {
    line.end();
  }
}

/** Signs in, runs nothing that changes anything, and leaves: an account that must first change its password says so. */
async function signInAndOut(
  config: SshConfig,
  account: string,
  password: Uint8Array,
): Promise<'accepted' | 'rejected'> {
  const line = await connectSsh(config, account, { password });
  if (line === REFUSED) return 'rejected';
  try {
    // sshd(8) runs passwd in place of the command, and fails without a terminal, where the password has expired.
    const { out } = await line.run('echo halligan-$((1+1))');
    if (!out.includes('halligan-2')) await requireUnexpired(line);
    return 'accepted';
  } finally {
    line.end();
  }
}

/** An account without a shell of its own runs nothing either; on a terminal, an expired one is asked for another password. */
async function requireUnexpired(line: SshLine): Promise<void> {
  const { out } = await line.converse('true', []);
  if (!/expired|change your password/i.test(out)) return;
  throw new HalliganError(
    'systems.password-expired',
    'The host lets this account in only to choose another password.',
    'Take the expiry off the emergency account: chage -M -1 -d $(date +%F) NAME.',
  );
}

/** sudo(8) tells what it would let the rotator run, without running it. */
async function missingRights(line: SshLine, { privilege }: SshConfig): Promise<Shortcoming[]> {
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

/** The helper's command line; where it is not installed, the same script is sent along, without its group. */
function helper({ privilege }: SshConfig, does: string): string {
  if (privilege === 'helper') return `sudo -n ${HELPER} ${does}`;
  const sudo = privilege === 'sudo' ? 'sudo -n ' : '';
  return `${sudo}sh -c '${unrestricted().replaceAll("'", "'\\''")}' halligan-account ${does}`;
}

let script: string | undefined;

function unrestricted(): string {
  script ??= readFileSync(new URL('./halligan-account.sh', import.meta.url), 'utf8').replace(
    /^group=.*$/m,
    'group=',
  );
  return script;
}

function requireUser(account: string): void {
  if (!USER.test(account)) throw unknownAccount();
}

function requireDone({ exit }: Ran): void {
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

function rotatorSignIn(secret: Uint8Array | undefined): SshSignIn {
  if (secret === undefined)
    throw new HalliganError(
      'systems.secret-missing',
      'This needs the rotator’s credential, which is not here.',
      'Only the rotator inspects and sets.',
    );
  return utf8Text(secret.subarray(0, 36)).startsWith('-----BEGIN OPENSSH PRIVATE KEY')
    ? { key: secret }
    : { password: secret };
}

function unknownAccount(): HalliganError {
  return new HalliganError(
    'systems.account-unknown',
    'The host has no such account.',
    'Compare the name in the inventory with the host’s accounts.',
  );
}

function constraint(): HalliganError {
  return new HalliganError(
    'systems.constraint',
    'The host did not take the new password.',
    'Look at its password rules (PAM) and at sudo’s log; the account keeps its old one.',
  );
}

function rotatorRejected(): HalliganError {
  return new HalliganError(
    'systems.rotator-rejected',
    'The host does not accept the rotator’s own credential.',
    'Put the rotator’s public key into its authorized_keys; see docs/systems/ssh.md.',
  );
}
