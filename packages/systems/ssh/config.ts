import { z } from 'zod';

/** A host key as `ssh-keyscan` prints it, without the host's name: type and base64. */
const HostKey = z
  .string()
  .max(2000)
  .regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]+={0,2}$/);

export const SshConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('ssh'),
      host: z.string().min(1).max(255),
      port: z.int().min(1).max(65_535).default(22),
      /** The only keys that the host may show: whoever answers with another one gets no password. */
      hostKeys: z.array(HostKey).min(1).max(8).readonly(),
      /**
       * `standing`: the rotator signs in as `rotator` and sets the password by `privilege`. `self`: the account changes
       * its own with `passwd`, and nobody has a standing right over it.
       */
      rotation: z.enum(['standing', 'self']).default('standing'),
      /** The rotator's own user on the host. */
      rotator: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
        .default('halligan'),
      /** `helper`: sudo for one small program alone; `sudo`: for anything; `root`: the rotator's user is root. */
      privilege: z.enum(['helper', 'sudo', 'root']).default('helper'),
      /**
       * What the accounts sign in with: a password, or an SSH key that is fresh in each version, or certificates of an
       * authority that is fresh in each version. A password where it is left out: settings that were signed for before there was a choice keep their digest.
       */
      credential: z.enum(['password', 'key', 'authority']).optional(),
      /**
       * Where the accounts sign in: over SSH (the default), or at the console alone, which the rotator proves on the host by
       * PAM. A console knows passwords only.
       */
      signIn: z.enum(['ssh', 'console']).optional(),
      /** Milliseconds that connecting and each command may take. */
      timeout: z.int().min(100).max(120_000).default(15_000),
    })
    .refine(
      ({ signIn, credential = 'password', rotation }) =>
        signIn !== 'console' || (credential === 'password' && rotation === 'standing'),
      { path: ['signIn'] },
    )
    .readonly(),
);

export type SshConfig = z.infer<typeof SshConfig>;

/** Whether a public key on the host lets in, itself or what it certifies. */
export function keepsKey({ credential }: SshConfig): boolean {
  return credential === 'key' || credential === 'authority';
}
