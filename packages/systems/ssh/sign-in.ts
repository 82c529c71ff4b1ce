import { HalliganError } from '@halligan/format';
import type { Proof } from '../driver.ts';
import type { SshConfig } from './config.ts';
import { connectSsh, type Ran, REFUSED, type SshLine, type SshSignIn } from './line.ts';
import { looksLikePrivateKey } from './private-key.ts';

/** How a secret signs in: a private key by the key, anything else as a password. */
export function signInWith(secret: Uint8Array): SshSignIn {
  return looksLikePrivateKey(secret) ? { key: secret } : { password: secret };
}

/** Signs in, runs nothing that changes anything, and leaves: an account that must first change its password says so. */
export async function signInAndOut(
  config: SshConfig,
  account: string,
  secret: Uint8Array,
): Promise<Proof> {
  const line = await connectSsh(config, account, signInWith(secret));
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

/**
 * What the helper saw when it signed in on the host by PAM, as a console does.
 * @throws `systems.password-expired`, `systems.account-locked`, `systems.console`
 */
export function proofOf({ out }: Ran): Proof {
  switch (/^proof (\w+)$/m.exec(out)?.[1]) {
    case 'accepted':
      return 'accepted';
    case 'rejected':
      return 'rejected';
    case 'expired':
      throw expired();
    case 'locked':
      throw new HalliganError(
        'systems.account-locked',
        'The account is locked, so the host says nothing about the password.',
        'Wait, or have failures forgotten at the host: faillock --user NAME --reset.',
      );
    default:
      throw new HalliganError(
        'systems.console',
        'The host gave no answer that tells whether the password signs in.',
        'Try su NAME at the host, as somebody who is not root: its shell, pam_wheel or limits may bar the way.',
      );
  }
}

/** An account without a shell of its own runs nothing either; on a terminal, an expired one is asked for another password. */
async function requireUnexpired(line: SshLine): Promise<void> {
  const { out } = await line.converse('true', []);
  if (!/expired|change your password/i.test(out)) return;
  throw expired();
}

export function expired(): HalliganError {
  return new HalliganError(
    'systems.password-expired',
    'The host lets this account in only to choose another password.',
    'Take the expiry off the emergency account: chage -M -1 -d $(date +%F) NAME.',
  );
}
