import { concat, HalliganError, utf8 } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Proof } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { secretMissing } from '../missing-secret.ts';
import { copyPassword } from '../password.ts';
import { certifies, proveCertified } from './certified.ts';
import { keepsKey, type SshConfig } from './config.ts';
import {
  helper,
  isUnknown,
  missingRights,
  requireDone,
  unknownAccount,
} from './halligan-account.ts';
import { inspectionOf } from './inspection.ts';
import { connectSsh, type Ran, REFUSED, type SshLine, type SshSignIn } from './line.ts';
import { changeOwnKey, changeOwnPassword } from './own.ts';
import { copySecret, looksLikePrivateKey, publicHalf } from './private-key.ts';
import { shortcomingsOf } from './shortcomings.ts';
import { proofOf, signInAndOut, signInWith } from './sign-in.ts';

/** What Linux calls a user; safe in a shell, in chpasswd's lines and in file names. */
const USER = /^[a-z_][a-z0-9._-]{0,31}$/;

/** Does something on a line on which the rotator is signed in. */
type AsRotator = <T>(work: (line: SshLine) => Promise<T>) => Promise<T>;

/**
 * The driver of a Linux machine over SSH. Passwords are set with chpasswd(8) by the rotator's right, or passwd(1) by the
 * account's own; keys in the account's `authorized_keys`. Host keys are pinned.
 * @param secret `standing`: the rotator's private key (OpenSSH) or its password; `self`: the accounts' first passwords,
 * a line `name:password` each, or the one private key that they begin with; a person's device, which only proves, has none
 * @throws `systems.secret-unusable`
 */
export function openSshDriver(config: SshConfig, secret: Uint8Array | undefined): Driver {
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);

  const asRotator: AsRotator = async (work) => {
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
      if (isUnknown(ran)) return { exists: false };
      requireDone(ran);
      return inspectionOf(account, ran.out, config);
    },

    async setPassword(account, password, old) {
      checkAccountName(account);
      const byKey = keepsKey(config);
      const fresh = byKey ? copySecret(password) : copyPassword(password);
      const before = old === undefined ? undefined : copySecret(old);
      const present = () => before ?? firstSecret(credential, account);
      try {
        requireUser(account);
        const set = byKey ? await keyLine(config, account, fresh) : undefined;
        if (set !== undefined) await setKey(config, account, set, asRotator, present);
        else if (config.rotation === 'self')
          await changeOwnPassword(config, account, fresh, present());
        else await setByRight(config, account, fresh, asRotator);
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      checkAccountName(account);
      const candidate = copySecret(password);
      try {
        if (looksLikePrivateKey(candidate)) await publicHalf(candidate);
        if (!USER.test(account)) return 'rejected';
        if (config.signIn === 'console' && credential === undefined) throw atTheConsole();
        return config.signIn === 'console'
          ? await proveByConsole(config, account, candidate, asRotator)
          : await (certifies(config, candidate) ? proveCertified : signInAndOut)(
              config,
              account,
              candidate,
            );
      } finally {
        candidate.fill(0);
      }
    },

    async shortcomings(account) {
      checkAccountName(account);
      if (config.rotation === 'self') return [];
      requireUser(account);
      return asRotator(async (line) => {
        const rights = config.privilege === 'root' ? [] : await missingRights(line, config);
        const { out } = await line.run(helper(config, `inspect ${account}`));
        return [...rights, ...shortcomingsOf(out, config)];
      });
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
  asRotator: AsRotator,
): Promise<void> {
  requireDone(await tellHelper(config, 'set', account, fresh, asRotator));
}

/** The host's PAM is asked by the rotator: sshd does not let these accounts in. */
async function proveByConsole(
  config: SshConfig,
  account: string,
  candidate: Uint8Array,
  asRotator: AsRotator,
): Promise<Proof> {
  const ran = await tellHelper(config, 'prove', account, candidate, asRotator);
  if (isUnknown(ran)) return 'rejected';
  requireDone(ran);
  return proofOf(ran);
}

/** A password goes to the helper's standard input: in no command line, file or environment. */
async function tellHelper(
  config: SshConfig,
  does: 'set' | 'prove',
  account: string,
  password: Uint8Array,
  asRotator: AsRotator,
): Promise<Ran> {
  const input = concat(utf8(`${account}:`), password, utf8('\n'));
  try {
    return await asRotator((line) => line.run(helper(config, does), input));
  } finally {
    input.fill(0);
  }
}

/** What the helper is asked to do. A public key is no secret: it may stand in a command line. */
async function keyLine(
  { credential }: SshConfig,
  account: string,
  fresh: Uint8Array,
): Promise<string> {
  const what = credential === 'authority' ? 'authority' : 'key';
  return `set-key ${account} ${what} ${await publicHalf(fresh)}`;
}

async function setKey(
  config: SshConfig,
  account: string,
  does: string,
  asRotator: AsRotator,
  present: () => Uint8Array,
): Promise<void> {
  if (config.rotation === 'self') return changeOwnKey(config, account, does, present());
  requireDone(await asRotator((line) => line.run(helper(config, does))));
}

function firstSecret(secret: Uint8Array | undefined, account: string): Uint8Array {
  if (secret !== undefined && looksLikePrivateKey(secret)) return secret;
  return firstPassword(secret, account);
}

function requireUser(account: string): void {
  if (!USER.test(account)) throw unknownAccount();
}

function rotatorSignIn(secret: Uint8Array | undefined): SshSignIn {
  if (secret === undefined) throw secretMissing();
  return signInWith(secret);
}

function atTheConsole(): HalliganError {
  return new HalliganError(
    'systems.by-hand',
    'This account signs in at its host’s console only: no program on this device can.',
    'Sign in there by hand: halligan emergency reveal.',
  );
}

function rotatorRejected(): HalliganError {
  return new HalliganError(
    'systems.rotator-rejected',
    'The host does not accept the rotator’s own credential.',
    'Put the rotator’s public key into its authorized_keys; see docs/systems/ssh.md.',
  );
}
