import { HalliganError } from '@halligan/format';
import { looksLikePrivateKey } from './private-key.ts';
import type { SshConfig } from './ssh-config.ts';
import { connectSsh, REFUSED, type SshLine, type SshSignIn } from './ssh-line.ts';

/** How a secret signs in: a private key by the key, anything else as a password. */
export function signInWith(secret: Uint8Array): SshSignIn {
  return looksLikePrivateKey(secret) ? { key: secret } : { password: secret };
}

/** Signs in, runs nothing that changes anything, and leaves: an account that must first change its password says so. */
export async function signInAndOut(
  config: SshConfig,
  account: string,
  secret: Uint8Array,
): Promise<'accepted' | 'rejected'> {
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
