import { HalliganError, utf8 } from '@halligan/format';
import { after, type Emergency, revealedBy } from '@halligan/procedure';
import { type Credential, parseCredential } from '@halligan/seal';
import {
  generateSigningKey,
  parsePrivateKey,
  type SigningKey,
  signCertificate,
} from '@halligan/statement';
import type { Device } from '../device.ts';
import { keyAgent } from '../ssh-agent.ts';
import { note, reveal } from './use.ts';

/** Seconds that an agent keeps a key when the session should have ended already. */
const SHORTEST = 300;
/** Milliseconds that a host's clock may be behind. */
const CLOCKS = 300_000;

/** A key that ssh-agent holds. */
export interface LoadedKey {
  readonly username: string;
  /** Seconds until the agent forgets it. */
  readonly seconds: number;
}

/**
 * Hands an opened private key to ssh-agent, for as long as the session may last: it is neither shown nor written. Of an
 * opened authority, the agent gets a key that it certified, and the authority's own stays in this process.
 * @param socket SSH_AUTH_SOCK
 * @throws `cli.no-agent`, before anything is opened; `use.no-key` where the credential is none
 */
export async function revealToAgent(
  device: Device,
  prefix: string | undefined,
  socket: string | undefined,
): Promise<LoadedKey> {
  const agent = await keyAgent(socket);
  const { emergency, proven, credential } = await reveal(device, prefix);
  const opened = parseCredential(credential);
  credential.fill(0);
  const policy = proven.state.policies[emergency.policy];
  const ends =
    policy === undefined
      ? undefined
      : after(sessionStart(emergency), policy.timers.session, policy.time_zone);
  const seconds = secondsUntil(ends);
  const { key, certificate } = await loadable(opened, emergency, seconds);
  // On the record before the agent has it.
  await note(device, emergency.id, {
    about: 'reveal',
    text: 'Handed to the ssh-agent of the requester’s device.',
  });
  try {
    await agent.add(
      key,
      `halligan ${emergency.id.slice(0, 12)} ${opened.username}`,
      seconds,
      certificate,
    );
  } finally {
    key.seed.fill(0);
  }
  return { username: opened.username, seconds };
}

function sessionStart(emergency: Emergency): string {
  return revealedBy(emergency)?.quorumAt ?? new Date().toISOString();
}

function secondsUntil(ends: string | undefined): number {
  const left = ends === undefined ? 0 : (Date.parse(ends) - Date.now()) / 1000;
  return Math.max(SHORTEST, Math.floor(left));
}

/** The key itself; of an authority, a key made now and certified until the session ends. */
async function loadable(
  { kind, password, username }: Credential,
  { id }: Emergency,
  seconds: number,
): Promise<{ readonly key: SigningKey; readonly certificate?: Uint8Array }> {
  if (kind === 'private-key') return { key: await parsePrivateKey(utf8(password)) };
  if (kind === 'ssh-ca') {
    const authority = await parsePrivateKey(utf8(password));
    const key = await generateSigningKey();
    const now = Date.now();
    const certificate = await signCertificate(authority, {
      publicKey: key.publicKey,
      // sshd writes both to its log at each sign-in: the log names the emergency.
      keyId: `halligan-${id}`,
      serial: BigInt(`0x${id.slice(0, 16)}`),
      principals: [username],
      validAfter: new Date(now - CLOCKS).toISOString(),
      validBefore: new Date(now + seconds * 1000).toISOString(),
    });
    authority.seed.fill(0);
    return { key, certificate };
  }
  throw new HalliganError(
    'use.no-key',
    'The opened credential is no SSH key: ssh-agent cannot hold it.',
    'Leave out --agent: halligan emergency reveal.',
  );
}

/** What a person reads on the screen, by what kind of credential it is. */
export function credentialLines(credential: Credential): readonly string[] {
  const { kind, username, password, url, totp, recoveryCodes, steps } = credential;
  return [
    `Username: ${username}`,
    ...(kind === 'private-key' || kind === 'ssh-ca'
      ? [
          kind === 'ssh-ca' ? 'Private key of the SSH authority:' : 'Private key:',
          ...password.trimEnd().split('\n'),
        ]
      : [`Password: ${password}`]),
    ...(url === undefined ? [] : [`Address: ${url}`]),
    ...(totp === undefined ? [] : [`TOTP: ${totp}`]),
    ...(recoveryCodes ?? []).map((code) => `Recovery code: ${code}`),
    ...(steps ?? []),
  ];
}
