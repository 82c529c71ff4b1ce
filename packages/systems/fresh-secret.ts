import { formatPrivateKey, generateSigningKey } from '@halligan/statement';
import type { SystemConfig } from './config.ts';
import { generatePassword } from './generate-password.ts';

/** What an account of a system signs in with, in the words of the sealed credential. */
export interface FreshSecret {
  readonly kind: 'password' | 'private-key' | 'ssh-ca';
  /** UTF-8: a password, or a private key file of OpenSSH without a passphrase. */
  readonly secret: Uint8Array;
  /** How to sign in with it, sealed beside it: whoever opens the seal by hand has no Halligan to tell them. */
  readonly steps?: readonly string[];
}

/** A fresh secret of the kind that the accounts of this system keep. Nothing is set. */
export async function freshSecret(config: SystemConfig): Promise<FreshSecret> {
  if (config.driver === 'ssh' && config.credential === 'key')
    return {
      kind: 'private-key',
      secret: await generatePrivateKey(),
      steps: [
        'Load the key into ssh-agent, without a file: ssh-add -t 4h -, paste it, Enter, Ctrl-D.',
        `Sign in: ssh -p ${config.port} ACCOUNT@${config.host}`,
        'Afterwards take it out again: ssh-add -D.',
      ],
    };
  if (config.driver === 'ssh' && config.credential === 'authority')
    return {
      kind: 'ssh-ca',
      secret: await generatePrivateKey(),
      steps: [
        'This key certifies others for the account. Load it into ssh-agent, without a file: ssh-add -t 4h -, paste it, Enter, Ctrl-D.',
        'Make a key of your own, and certify it: ssh-add -L > ca.pub; ssh-keygen -t ed25519 -f own; ssh-keygen -U -s ca.pub -I emergency -n ACCOUNT -V +4h own.pub',
        `Sign in: ssh -i own -p ${config.port} ACCOUNT@${config.host}`,
        'Afterwards take it out again: ssh-add -D.',
      ],
    };
  return { kind: 'password', secret: generatePassword() };
}

/** A fresh Ed25519 key as `ssh-add -` reads it. Made in memory: no file of it is ever written. */
export async function generatePrivateKey(): Promise<Uint8Array> {
  const key = await generateSigningKey();
  try {
    return Uint8Array.from(formatPrivateKey(key));
  } finally {
    key.seed.fill(0);
  }
}
