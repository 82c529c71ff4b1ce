import type { ProvenState } from '@halligan/evidence';
import { base64, HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import { type Account, lastVersion, sealFacts } from '@halligan/procedure';
import { packSeal, parseCredential, type Seal, sealCredential } from '@halligan/seal';
import { subjectOf } from '@halligan/statement';
import {
  type Access,
  changesItself,
  type Driver,
  freshSecret,
  openDriver,
  proveRotation,
  type SystemConfig,
} from '@halligan/systems';
import { attest } from '../attesting.ts';
import type { ProvenRecord } from '../proven-record.ts';
import type { RotateQuestion } from './question.ts';
import {
  accountOf,
  decrypted,
  driverSecret,
  recordedConfig,
  requireKnownLong,
} from './recorded.ts';

/** A fresh credential that is sealed and not set yet. */
export interface Sealed {
  readonly answer: Json;
  /** The second half. @param view of the record, with the sealed version and its kits on it */
  readonly set: (view: unknown) => Promise<Json>;
}

/** First half: a fresh password or key, sealed along the policy's paths to the recipients of the roster. */
export async function sealFresh(record: ProvenRecord, asked: RotateQuestion): Promise<Sealed> {
  const proven = await record.prove(
    asked.view,
    new Set(['organisation', `account:${asked.account}`]),
  );
  requireKnownLong(record.pins, proven.state);
  const account = accountOf(proven.state, asked.account);
  const config = recordedConfig(proven.state, account.document.system, asked.system);
  const old =
    asked.surrendered === null ? undefined : await surrenderedPassword(record, asked.surrendered);
  requireOld(config, account, old);
  const { secret: fresh, ...kept } = await freshSecret(config);
  const seal = await sealCredential({
    ...sealFacts(proven.state, account),
    version: lastVersion(account) + 1,
    created: new Date().toISOString(),
    credential: { ...kept, username: account.document.name, password: utf8Text(fresh) },
  });
  const secret = await driverSecret(record, asked.secret);
  return {
    answer: { seal: base64(packSeal(seal)) },
    set: (view) => setAndProve(record, view, account, seal, { config, secret, fresh, old }),
  };
}

interface SetParts {
  readonly config: SystemConfig;
  readonly secret: Uint8Array | undefined;
  readonly fresh: Uint8Array;
  readonly old: Uint8Array | undefined;
}

/** Second half, when the sealed version is journaled and in its kits: set, prove the new one, prove the old one dead. */
async function setAndProve(
  record: ProvenRecord,
  view: unknown,
  account: Account,
  seal: Seal,
  { config, secret, fresh, old }: SetParts,
): Promise<Json> {
  const { id, name } = account.document;
  const proven = await record.prove(view, new Set(['organisation', `account:${id}`]));
  requireKept(proven, id, seal);
  const driver = await openDriver(config, secret, { runsPrograms: true });
  try {
    await driver.setPassword(name, fresh, old);
    const access = await accessOf(driver, name);
    const proof = await proveRotation(driver, name, { fresh, old });
    if (proof.fresh !== 'accepted') {
      throw new HalliganError(
        'rotation.not-accepted',
        'The system does not accept the credential that it was given.',
        'Both versions are sealed. Look at the account, then rotate again.',
      );
    }
    const document = {
      v: 'halligan/rotation/v1',
      account: id,
      version: seal.header.version,
      seal: seal.digest,
      fresh: 'accepted',
      old: account.current === 0 ? 'none' : proof.old,
      ...(access === undefined ? {} : { access: { ...access } }),
    };
    const signed = await attest(
      proven,
      await record.keys(),
      { subject: subjectOf('account', id), what: 'reset', purpose: 'real' },
      document,
    );
    return { signed: signed as unknown as Json, document };
  } finally {
    fresh.fill(0);
    old?.fill(0);
    secret?.fill(0);
    await driver.close();
  }
}

/** Refused before anything is sealed: a version that could never be set would leave the account exposed for nothing. */
function requireOld(config: SystemConfig, account: Account, old: Uint8Array | undefined): void {
  if (!changesItself(config) || account.current === 0 || old !== undefined) return;
  throw new HalliganError(
    'rotation.needs-old',
    'Only its present password changes this account, and nobody gave it up.',
    'Open it in a drill: what is given up at the end changes it.',
  );
}

/**
 * What else lets in, looked at after the password was set and before anybody signed in with it: what is there now
 * outlived the old one. A system that does not tell does not stop a rotation.
 */
async function accessOf(driver: Driver, name: string): Promise<Access | undefined> {
  try {
    const seen = await driver.inspect(name);
    return seen.exists ? seen.access : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The server's word is not enough to set a password that only the seal holds: the record must show that this very seal
 * is on it, and in its kits. A server that lied here could lose the account.
 */
function requireKept({ state }: ProvenState, account: string, { header, digest }: Seal): void {
  const version = state.accounts[account]?.versions[header.version];
  if (version?.digest !== digest || version.kit === undefined) {
    throw new HalliganError(
      'rotation.not-kitted',
      'The sealed version is not on the record and in its kits.',
      'Nothing was set. Rotate again.',
    );
  }
}

async function surrenderedPassword(record: ProvenRecord, ciphertext: string): Promise<Uint8Array> {
  return utf8(
    parseCredential(await decrypted(record, ciphertext, 'The surrendered credential')).password,
  );
}
