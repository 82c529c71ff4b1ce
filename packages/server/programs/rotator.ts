/**
 * The rotator: seals a fresh credential to the custodians, waits until the server has journaled and kitted it, sets
 * it, proves it, and proves the old one dead; and exercises a version without any person seeing it. Plaintext lives
 * in this process only, for as long as one rotation takes. Whoever controls it can take over the accounts that it may
 * reset: tier 0.
 */

import { type ProvenState, proveState, streamsOf } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import {
  type Account,
  lastVersion,
  type State,
  sealFacts,
  tooEarly,
  type Watched,
  watch,
} from '@halligan/procedure';
import {
  decryptWith,
  generateIdentity,
  openReleased,
  packSeal,
  parseCredential,
  recipientOf,
  recoverCredential,
  type Seal,
  sealCredential,
  unpackSealToOpen,
  unwrapIdentity,
  wrapIdentity,
} from '@halligan/seal';
import { subjectOf } from '@halligan/statement';
import {
  type Access,
  changesItself,
  checkAccounts,
  configDigest,
  type Driver,
  freshSecret,
  openDriver,
  parseSystemConfig,
  proveRotation,
  provesByRight,
  type SystemConfig,
} from '@halligan/systems';
import { z } from 'zod';
import { workAlone } from './alone.ts';
import { attest } from './attesting.ts';
import { converse } from './conversation.ts';
import { readProgramKeys, remember } from './keys.ts';

const rotate = z.strictObject({
  do: z.literal('rotate'),
  view: z.unknown(),
  account: z.string(),
  system: z.unknown(),
  secret: z.string().nullable(),
  surrendered: z.string().nullable(),
});
const prover = z.strictObject({
  do: z.literal('prover'),
  view: z.unknown(),
  account: z.string(),
  emergency: z.string(),
  version: z.int(),
});
const exercise = z.strictObject({
  do: z.literal('exercise'),
  view: z.unknown(),
  account: z.string(),
  emergency: z.string(),
  request: z.string(),
  wrapped: z.string(),
  seal: z.string(),
  system: z.unknown(),
  secret: z.string().nullable(),
  released: z.array(
    z.strictObject({
      path: z.string(),
      group: z.string(),
      holder: z.string(),
      ciphertext: z.string(),
    }),
  ),
});
const check = z.strictObject({
  do: z.literal('check'),
  view: z.unknown(),
  id: z.string(),
  accounts: z.array(z.string()),
  system: z.unknown(),
  secret: z.string().nullable(),
});
const seen = z.strictObject({ do: z.literal('seen') });
const go = z.strictObject({ do: z.literal('set'), view: z.unknown() });
const watching = z.strictObject({ do: z.literal('watch'), view: z.unknown() });
const question = z.discriminatedUnion('do', [watching, seen, check, rotate, prover, exercise, go]);

/** Most bytes of the ciphertexts that are given to the rotator. */
const LIMIT = 1 << 20;

const folder = process.argv[2] ?? '';
workAlone(folder);
const keys = await readProgramKeys(folder);
/** What this program knows of changes that wait, by its own clock. */
let watched: Watched | undefined = keys.pins.watched;
/** The rotation that waits to be set, between its two questions. */
let waiting: ((view: unknown) => Promise<Json>) | undefined;
await converse(answer);

async function answer(line: unknown): Promise<Json> {
  const asked = question.safeParse(line);
  if (!asked.success)
    throw new HalliganError(
      'server.question',
      'The rotator was asked something that it does not know.',
      'Server and rotator are of different versions.',
    );
  switch (asked.data.do) {
    case 'seen':
      return { size: keys.pins.seen.size };
    case 'watch':
      await prove(asked.data.view, new Set(['organisation']));
      return {};
    case 'check':
      return checkRecorded(asked.data);
    case 'rotate':
      return sealFresh(asked.data);
    case 'set': {
      const set = waiting;
      waiting = undefined;
      if (set === undefined)
        throw new HalliganError('server.question', 'Nothing waits to be set.', 'Rotate again.');
      return set(asked.data.view);
    }
    case 'prover':
      return makeProver(asked.data);
    case 'exercise':
      return exerciseVersion(asked.data);
  }
}

async function prove(view: unknown, streams: ReadonlySet<string>): Promise<ProvenState> {
  const proven = await proveState(view, keys.pins, streams);
  watched = watch(proven.state, watched, new Date().toISOString());
  await remember(folder, keys.pins, proven, watched);
  return proven;
}

/** What a system's accounts lack, looked at with the rotator's own rights over them. */
async function checkRecorded(asked: z.infer<typeof check>): Promise<Json> {
  const streams = new Set(['organisation', ...asked.accounts.map((id) => `account:${id}`)]);
  const { state } = await prove(asked.view, streams);
  const config = recordedConfig(state, asked.id, asked.system);
  const names = asked.accounts.map((id) => accountOf(state, id).document.name);
  const secret = await driverSecret(asked.secret);
  const driver = await openDriver(config, secret, { runsPrograms: true });
  try {
    return (await checkAccounts(driver, names)) as unknown as Json;
  } finally {
    secret?.fill(0);
    await driver.close();
  }
}

/** First half: a fresh password or key, sealed along the policy's paths to the recipients of the roster. */
async function sealFresh(asked: z.infer<typeof rotate>): Promise<Json> {
  const proven = await prove(asked.view, new Set(['organisation', `account:${asked.account}`]));
  requireKnownLong(proven.state);
  const account = accountOf(proven.state, asked.account);
  const config = recordedConfig(proven.state, account.document.system, asked.system);
  const old = asked.surrendered === null ? undefined : await surrenderedPassword(asked.surrendered);
  requireOld(config, account, old);
  const { secret: fresh, ...kept } = await freshSecret(config);
  const seal = await sealCredential({
    ...sealFacts(proven.state, account),
    version: lastVersion(account) + 1,
    created: new Date().toISOString(),
    credential: { ...kept, username: account.document.name, password: utf8Text(fresh) },
  });
  const secret = await driverSecret(asked.secret);
  waiting = (view) => setAndProve(view, account, seal, { config, secret, fresh, old });
  return { seal: base64(packSeal(seal)) };
}

/** A server and one admin could let 48 hours pass in a minute: nothing is sealed to whom they chose before they did. */
function requireKnownLong(state: State): void {
  const early =
    watched === undefined ? undefined : tooEarly(state, watched, new Date().toISOString());
  if (early !== undefined)
    throw new HalliganError(
      'rotation.too-early',
      `The rotator has not known the change ${early.change.slice(0, 12)} for 48 hours, and nobody consented to it.`,
      `Nothing was done. It rotates from ${early.until} on.`,
    );
}

interface SetParts {
  readonly config: ReturnType<typeof parseSystemConfig>;
  readonly secret: Uint8Array | undefined;
  readonly fresh: Uint8Array;
  readonly old: Uint8Array | undefined;
}

/** The driver's credential, which the server keeps encrypted to this program. */
async function driverSecret(ciphertext: string | null): Promise<Uint8Array | undefined> {
  if (ciphertext === null) return undefined;
  return decryptWith(keys.identity, fromBase64(ciphertext), 'The driver’s credential', LIMIT);
}

/** Second half, when the sealed version is journaled and in its kits: set, prove the new one, prove the old one dead. */
async function setAndProve(
  view: unknown,
  account: Account,
  seal: Seal,
  { config, secret, fresh, old }: SetParts,
): Promise<Json> {
  const { id, name } = account.document;
  const proven = await prove(view, new Set(['organisation', `account:${id}`]));
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
      keys,
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

/** A one-time recipient for an exercise, vouched for by this program; its identity is wrapped to this program alone. */
async function makeProver(asked: z.infer<typeof prover>): Promise<Json> {
  const proven = await prove(asked.view, streamsOf(asked.emergency, asked.account));
  const { roster } = proven.state;
  const oneTime = generateIdentity(roster?.recipients ?? 'hybrid');
  const recipient = await recipientOf(oneTime);
  const wrapped = await wrapIdentity(oneTime, await recipientOf(keys.identity));
  const document = {
    v: 'halligan/prover/v1',
    account: asked.account,
    version: asked.version,
    recipient,
  };
  const signed = await attest(
    proven,
    keys,
    { subject: subjectOf('account', asked.account), what: 'prover', purpose: 'exercise' },
    document,
  );
  return { signed: signed as unknown as Json, document, wrapped: base64(wrapped) };
}

async function exerciseVersion(asked: z.infer<typeof exercise>): Promise<Json> {
  const proven = await prove(asked.view, streamsOf(asked.emergency, asked.account));
  const opening = proven.state.emergencies[asked.emergency]?.openings.find(
    (one) => one.request === asked.request,
  );
  const account = accountOf(proven.state, asked.account);
  if (opening === undefined || !opening.exercise)
    throw new HalliganError(
      'exercise.opening',
      'The record holds no such exercise.',
      'Ask for it again.',
    );
  const seal = unpackSealToOpen(
    fromBase64(asked.seal),
    account.versions[opening.version]?.digest ?? '',
  );
  const oneTime = await unwrapIdentity(fromBase64(asked.wrapped), keys.identity);
  const shares = await Promise.all(
    asked.released.map(({ ciphertext, ...place }) =>
      openReleased(fromBase64(ciphertext), oneTime, seal.header, place),
    ),
  );
  const credential = parseCredential(await recoverCredential({ seal, path: opening.path, shares }));
  const config = recordedConfig(proven.state, account.document.system, asked.system);
  const secret = provesByRight(config) ? await driverSecret(asked.secret) : undefined;
  const driver = await openDriver(config, secret, { runsPrograms: true });
  try {
    const outcome = await driver.prove(account.document.name, utf8(credential.password));
    if (outcome !== 'accepted')
      throw new HalliganError(
        'exercise.rejected',
        'The system does not accept the sealed credential.',
        'Rotate the account, then exercise again.',
      );
  } finally {
    secret?.fill(0);
    await driver.close();
  }
  const document = {
    v: 'halligan/exercise/v1',
    account: asked.account,
    version: opening.version,
    request: asked.request,
    outcome: 'accepted',
  };
  const signed = await attest(
    proven,
    keys,
    { subject: asked.emergency, what: 'exercise', purpose: 'exercise' },
    document,
  );
  return { signed: signed as unknown as Json, document };
}

function accountOf(state: State, id: string): Account {
  const account = state.accounts[id];
  if (account === undefined)
    throw new HalliganError(
      'server.account',
      'The record holds no such account.',
      'Add it to the inventory first.',
    );
  return account;
}

/**
 * The driver settings that are on the record for a system. The server keeps them, and admins sign for them:
 * other settings could send this program, with its credential, to somebody else's machine.
 */
function recordedConfig(state: State, system: string, given: unknown): SystemConfig {
  const config = parseSystemConfig(given);
  if (state.drivers[system] === configDigest(config)) return config;
  throw new HalliganError(
    'rotation.driver',
    'These driver settings are not the ones on the record.',
    'Nothing was done. Look at who changed them; two admins sign for new ones: halligan system driver.',
  );
}

async function surrenderedPassword(ciphertext: string): Promise<Uint8Array> {
  return utf8(
    parseCredential(
      await decryptWith(keys.identity, fromBase64(ciphertext), 'The surrendered credential', LIMIT),
    ).password,
  );
}
