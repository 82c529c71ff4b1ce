/** What must be nowhere: the secrets of a practice home, read with its people's keys, which lie in the clear on purpose. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8, utf8Text } from '@halligan/format';
import {
  identityBytes,
  openShare,
  parseCredential,
  recoverCredential,
  type Seal,
} from '@halligan/seal';
import { combine, parseShare } from '@halligan/slip39';
import { parsePrivateKey } from '@halligan/statement';
import { identityOf, sealsOf } from '../practice-home.fixture.ts';
import type { Secret } from './leaks.fixture.ts';

/**
 * Every credential, share and seed of every seal of a practice home, and the identities that open them.
 * @param people whose keys are used: three of the offline path at least
 */
export async function secretsOf(
  home: string,
  people: readonly string[],
): Promise<readonly Secret[]> {
  const identities = new Map(people.map((person) => [person, identityOf(home, person)]));
  const releaser = join(home, 'keys', 'releaser', 'identity.key');
  if (existsSync(releaser)) identities.set('releaser', readFileSync(releaser, 'utf8').trim());
  const ofSeals = await Promise.all(sealsOf(home).map((seal) => secretsOfSeal(seal, identities)));
  return [
    ...[...identities].map(([name, identity]) => identitySecret(`identity of ${name}`, identity)),
    ...ofSeals.flat(),
  ];
}

/** An age identity, as text and as its bytes. */
export function identitySecret(name: string, identity: string): Secret {
  return { name, forms: [identity, ...halves(identityBytes(identity))] };
}

/** What a driver signs in with: it belongs to the rotator, and lies on the server as ciphertext. */
export async function driverSecret(secret: Uint8Array | undefined): Promise<readonly Secret[]> {
  if (secret === undefined) return [];
  return [{ name: 'the driver’s credential', forms: await credentialForms(utf8Text(secret)) }];
}

async function secretsOfSeal(
  seal: Seal,
  identities: ReadonlyMap<string, string>,
): Promise<readonly Secret[]> {
  const { account, version } = seal.header;
  const secrets: Secret[] = [];
  const opened = new Map<string, Uint8Array>();
  for (const { path, group, holder } of seal.header.shares) {
    const identity = identities.get(holder);
    if (identity === undefined) continue;
    const share = await openShare({ seal, path, group, holder, identity });
    opened.set(`${path}/${group}/${holder}`, share);
    const name = `share of ${holder} in ${account} ${version} ${path}`;
    secrets.push({ name, forms: shareForms(wordsOf(share)) });
  }
  const three = CAME.flatMap((place) => opened.get(place) ?? []);
  const seed = combine(three.map(wordsOf));
  secrets.push({ name: `seed of ${account} ${version}`, forms: halves(seed) });
  const credential = await recoverCredential({ seal, path: 'offline', shares: three });
  const { password } = parseCredential(credential);
  secrets.push({
    name: `password of ${account} ${version}`,
    forms: await credentialForms(password),
  });
  return secrets;
}

const CAME = ['offline/keyholders/ana', 'offline/keyholders/ben', 'offline/executives/dana'];

function wordsOf(share: Uint8Array): string {
  return utf8Text(share).trimEnd().split('\n').at(-1) ?? '';
}

/** The first words are alike in all shares of a path; these are this share's own, in the ways in which lists are joined. */
function shareForms(words: string): Secret['forms'] {
  const all = words.split(' ');
  const parts = [all.slice(8, 16), all.slice(16, 24)];
  return [
    ...parts.flatMap((part) => [' ', '\n', ',', '","'].map((between) => part.join(between))),
    ...halves(parseShare(words, 'A share').value),
  ];
}

/** A password as it is; of a private key its seed, since everything else in the file is known or follows. */
async function credentialForms(password: string): Promise<Secret['forms']> {
  if (!password.startsWith('-----BEGIN')) return [password];
  return halves((await parsePrivateKey(utf8(password))).seed);
}

/** 128 bits are enough to be sure, and a line may end within an encoded secret. */
function halves(bytes: Uint8Array): readonly Uint8Array[] {
  return [bytes.slice(0, 16), bytes.slice(-16)];
}
