import type { Credential } from './credential.ts';
import { generateIdentity, type RecipientKind, recipientOf } from './identity.ts';
import type { Path } from './paths.ts';
import type { SealRequest } from './seal.ts';

/** Contoso, the organisation that this room's tests seal for. */
export interface Contoso {
  /** A holder's identity, by id. */
  readonly identity: (holder: string) => string;
  readonly recipients: ReadonlyMap<string, string>;
  readonly request: SealRequest;
}

const HOLDERS = ['ana', 'ben', 'cid', 'eva', 'fay', 'server'];

export const CREDENTIAL: Credential = {
  kind: 'password',
  username: 'bg-admin-01@contoso.example',
  password: 'correct horse – bätterý "staple" \\ 9!',
  totp: 'otpauth://totp/Contoso:bg-admin-01?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256',
  recoveryCodes: ['a1b2-c3d4', 'e5f6-a7b8'],
  keySerials: ['5412 9981'],
  url: 'https://login.contoso.example/direct',
  steps: ['Type the address, use no bookmark.', 'Sign in, then register the session.'],
};

/** The two paths of the seeds: with the server while it lives, with an executive when it does not. */
export const PATHS: readonly Path[] = [
  {
    name: 'standard',
    groups: [
      { name: 'keyholders', need: 2, holders: ['ana', 'ben', 'cid'] },
      { name: 'server', need: 1, holders: ['server'] },
    ],
  },
  {
    name: 'offline',
    groups: [
      { name: 'keyholders', need: 2, holders: ['ana', 'ben', 'cid'] },
      { name: 'executives', need: 1, holders: ['eva', 'fay'] },
    ],
  },
];

export async function contoso(kind: RecipientKind): Promise<Contoso> {
  const identities = new Map(HOLDERS.map((holder) => [holder, generateIdentity(kind)]));
  const recipients = new Map<string, string>();
  for (const [holder, identity] of identities) recipients.set(holder, await recipientOf(identity));
  const request: SealRequest = {
    credential: CREDENTIAL,
    organisation: 'contoso',
    account: 'bg-admin-01',
    version: 7,
    created: '2026-03-01T09:30:00Z',
    policy: 'aa'.repeat(32),
    roster: 'bb'.repeat(32),
    paths: PATHS,
    recipients,
    kind,
  };
  return { identity: (holder) => identities.get(holder) ?? '', recipients, request };
}
