import type { ProvenState } from '@halligan/evidence';
import { base64, digestOf, HalliganError, type Json, utf8Text, visible } from '@halligan/format';
import {
  type Account,
  lastVersion,
  sealFacts,
  tooEarly,
  type Version,
  versionUnderHands,
} from '@halligan/procedure';
import {
  type Credential,
  credentialBytes,
  packSeal,
  parseCredential,
  sealCredential,
} from '@halligan/seal';
import { subjectOf } from '@halligan/statement';
import { generatePassword, guidedSteps, type ManualConfig } from '@halligan/systems';
import { z } from 'zod';
import type { Device } from '../device.ts';
import { recordedConfig } from '../emergency/use.ts';
import { KeptSecret } from './kept-secret.ts';

/** Longest wait for the kits, milliseconds. */
const PATIENCE = 120_000;

/** What is sealed besides the password, from a file of the person's own: it never is in an argument. */
export const besidesSchema = z.strictObject({
  totp: z.string().optional(),
  recoveryCodes: z.array(z.string()).optional(),
  keySerials: z.array(z.string()).optional(),
  /** Of a hardware key; shown with the steps. */
  pin: z.string().max(64).optional(),
  url: z.string().optional(),
  steps: z.array(z.string()).optional(),
});

export type Besides = z.infer<typeof besidesSchema>;

/** What is to be sealed: a password that this device makes, or a secret that the system made itself. */
export interface AskedSeal {
  readonly second: string;
  readonly length: number;
  readonly besides: Besides;
  /** Such as a share of a vault’s unseal key. Taken over: overwritten once it is sealed. */
  readonly given?: Uint8Array;
}

/** A version that waits to be set: sealed, on the record, and in its kits. */
export interface Waiting {
  readonly proven: ProvenState;
  readonly account: Account;
  readonly version: number;
  readonly seal: string;
  readonly second: string;
  readonly secret: KeptSecret;
}

/**
 * Makes a credential on this device, seals it to the holders of the policy's paths, and waits until it is on the record
 * and in its kits: before that nobody sees it, so that what is set is never lost. Taken up again where it was left.
 * @throws `by-hand.under-way` where it was begun on another device; what the rules refuse; `cli.waiting`
 */
export async function sealByHand(device: Device, id: string, asked: AskedSeal): Promise<Waiting> {
  const proven = await device.prove({ account: id });
  const account = accountIn(proven, id);
  const begun = versionUnderHands(account);
  if (begun === undefined) await makeAndSeal(device, proven, account, asked);
  else requireOwn(device, account, begun);
  return device.until(async () => {
    const state = await device.prove({ account: id });
    const now = accountIn(state, id);
    const number = versionUnderHands(now);
    const version = number === undefined ? undefined : now.versions[number];
    if (number === undefined || version?.kit === undefined) return undefined;
    return waitingOf(device, state, now, number, version);
  }, PATIENCE);
}

function waitingOf(
  device: Device,
  proven: ProvenState,
  account: Account,
  number: number,
  version: Version,
): Waiting {
  return {
    proven,
    account,
    version: number,
    seal: version.digest,
    second: version.byHand?.second ?? '',
    secret: new KeptSecret(device, account.document.id, number),
  };
}

async function makeAndSeal(
  device: Device,
  proven: ProvenState,
  account: Account,
  asked: AskedSeal,
): Promise<void> {
  requireKnownLong(device, proven);
  const { id, name } = account.document;
  const version = lastVersion(account) + 1;
  const password = asked.given ?? generatePassword({ length: asked.length });
  const kind = asked.given === undefined ? 'password' : 'token';
  const credential = credentialOf(kind, name, utf8Text(password), asked.besides);
  password.fill(0);
  const bytes = credentialBytes(credential);
  // On this disk, for this person's key alone, before it is on the record: a killed program goes on.
  await new KeptSecret(device, id, version).keep(bytes);
  bytes.fill(0);
  const seal = await sealCredential({
    ...sealFacts(proven.state, account),
    version,
    created: new Date().toISOString(),
    credential,
  });
  const document = {
    v: 'halligan/sealing-by-hand/v1',
    account: id,
    version,
    seal: seal.digest,
    header: seal.header as unknown as Json,
    second: asked.second,
  };
  const signed = await device.sign(proven, 'attest', {
    subject: subjectOf('account', id),
    purpose: 'real',
    what: 'reset',
    digest: digestOf(document),
  });
  await device.api.post(`/v1/accounts/${id}/seals`, {
    seal: base64(packSeal(seal)),
    submission: { signed: [signed], document },
  });
}

function credentialOf(
  kind: Credential['kind'],
  username: string,
  password: string,
  besides: Besides,
): Credential {
  const { pin, steps = [], totp, recoveryCodes, keySerials, url } = besides;
  const lines = [...steps, ...(pin === undefined ? [] : [`PIN of the key: ${pin}`])];
  return {
    kind,
    username,
    password,
    ...(totp === undefined ? {} : { totp }),
    ...(recoveryCodes === undefined ? {} : { recoveryCodes }),
    ...(keySerials === undefined ? {} : { keySerials }),
    ...(url === undefined ? {} : { url }),
    ...(lines.length === 0 ? {} : { steps: lines }),
  };
}

/** A server and one admin could let 48 hours pass in a minute: nothing is sealed to whom they chose before they did. */
function requireKnownLong(device: Device, { state }: ProvenState): void {
  const { watched } = device.home.pins;
  const early =
    watched === undefined ? undefined : tooEarly(state, watched, new Date().toISOString());
  if (early !== undefined)
    throw new HalliganError(
      'rotation.too-early',
      `This device has not known the change ${early.change.slice(0, 12)} for 48 hours, and nobody consented to it.`,
      `Nothing was done. Rotate from ${early.until} on.`,
    );
}

/** @throws `by-hand.under-way` */
function requireOwn(device: Device, account: Account, number: number): void {
  const { id } = account.document;
  const by = account.versions[number]?.byHand?.by;
  if (by === device.person && new KeptSecret(device, id, number).isThere) return;
  throw new HalliganError(
    'by-hand.under-way',
    `${by ?? 'Somebody'} began to rotate “${id}” by hand, on another device than this.`,
    `Let them go on; or give it up: halligan account give-up-by-hand ${id}.`,
  );
}

/** What the person sees while they set it: the credential, and how on this platform. */
export async function screenOf(device: Device, waiting: Waiting): Promise<readonly string[]> {
  const { account, version, second } = waiting;
  const { id, name, system } = account.document;
  const manual = await manualOf(device, waiting.proven, system);
  const steps = guidedSteps(
    manual?.platform ?? 'other',
    name,
    manual?.address ?? waiting.proven.state.systems[system]?.address ?? system,
  );
  const bytes = await waiting.secret.read();
  const credential = parseCredential(bytes);
  bytes.fill(0);
  const list = (title: string, lines: readonly string[]) => [
    '',
    title,
    ...lines.map((line, at) => `  ${at + 1}. ${visible(line)}`),
  ];
  return [
    `${id}, version ${version}. ${second} is beside you; nobody else sees this screen.`,
    '',
    `  ${credential.username}`,
    `  ${credential.password}`,
    ...(credential.totp === undefined ? [] : [`  TOTP: ${credential.totp}`]),
    ...(credential.recoveryCodes ?? []).map((code) => `  code: ${code}`),
    ...list('Set it:', manual?.steps ?? steps.set),
    ...list('Sign in with it, and out again:', steps.check),
    ...list('End what lives on: a new password evicts nobody:', steps.evict),
    ...list('Try the old one, once.', []),
  ];
}

async function manualOf(
  device: Device,
  proven: ProvenState,
  system: string,
): Promise<ManualConfig | undefined> {
  if (proven.state.drivers[system] === undefined) return undefined;
  const { config } = z
    .object({ config: z.unknown() })
    .parse(await device.api.get(`/v1/systems/${system}`));
  const recorded = recordedConfig(proven, system, config);
  return recorded.driver === 'manual' ? recorded : undefined;
}

/** @throws `server.account` */
export function accountIn({ state }: ProvenState, id: string): Account {
  const account = Object.hasOwn(state.accounts, id) ? state.accounts[id] : undefined;
  if (account !== undefined) return account;
  throw new HalliganError(
    'server.account',
    `There is no account “${id}”.`,
    'See halligan account list.',
  );
}
