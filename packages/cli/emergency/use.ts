import type { ProvenState } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, hex, sha256, utf8, utf8Text } from '@halligan/format';
import {
  durationSeconds,
  type Emergency,
  type Opening,
  ROTATOR,
  revealedAt,
  revealedBy,
} from '@halligan/procedure';
import {
  credentialBytes,
  encryptTo,
  openReleased,
  parseCredential,
  recoverCredential,
} from '@halligan/seal';
import {
  type Attachment,
  type Member,
  memberById,
  type PlainAttachment,
  type StatementOf,
  textAttachment,
} from '@halligan/statement';
import { configDigest, openDriver, parseSystemConfig, type SystemConfig } from '@halligan/systems';
import { z } from 'zod';
import { type Device, emergencyIn } from '../device.ts';
import { about, findEmergency, look } from './find.ts';
import { openingFiles } from './open.ts';
import { sayWhy } from './say-why.ts';

/** Longest that a device waits for others, milliseconds. */
export const PATIENCE = 120_000;

/** The credential, on the requester's device only. The bytes are the caller's to wipe. */
export async function reveal(
  device: Device,
  prefix: string | undefined,
): Promise<{
  readonly emergency: Emergency;
  readonly proven: ProvenState;
  readonly credential: Uint8Array;
}> {
  const found = await findEmergency(device, prefix);
  const { proven, emergency, opening } = await device.until(async () => {
    const state = await device.prove({ emergency: found.id, account: found.account });
    const one = emergencyIn(state, found.id);
    const opened = revealedBy(one);
    return opened === undefined ? undefined : { proven: state, emergency: one, opening: opened };
  }, PATIENCE);
  return { proven, emergency, credential: await credentialOf(device, proven, emergency, opening) };
}

async function credentialOf(
  device: Device,
  proven: ProvenState,
  emergency: Emergency,
  opening: Opening,
): Promise<Uint8Array> {
  const { identity } = await device.keys();
  const oneTime = await device.home.oneTime(opening.recipient, identity);
  const { seal, released } = await openingFiles(device, proven, emergency, opening);
  const shares = [];
  for (const { ciphertext, ...place } of released)
    shares.push(await openReleased(fromBase64(ciphertext), oneTime, seal.header, place));
  return recoverCredential({ seal, path: opening.path, shares });
}

/** The driver settings, held to the record: others could lead an opened credential to somebody else's machine. */
export function recordedConfig(
  { state }: ProvenState,
  system: string,
  given: unknown,
): SystemConfig {
  const config = parseSystemConfig(given);
  if (state.drivers[system] === configDigest(config)) return config;
  throw new HalliganError(
    'use.driver',
    'The server shows other settings for this system than are on the record.',
    'Sign in by hand at the address that you know: halligan emergency reveal. Tell security.',
  );
}

/** Signs in to the system from this device with the opened credential, and notes that access was established. */
export async function signIn(device: Device, prefix: string | undefined): Promise<void> {
  const { proven, emergency, credential } = await reveal(device, prefix);
  const account = proven.state.accounts[emergency.account];
  const password = utf8(parseCredential(credential).password);
  try {
    if (!(await isAccepted(device, proven, emergency, password)))
      throw new HalliganError(
        'use.sign-in',
        'The system does not accept the credential.',
        'Check the account through another administrator, use the other account, or call the provider’s support.',
      );
  } finally {
    credential.fill(0);
    password.fill(0);
  }
  await note(device, emergency.id, {
    about: 'access',
    text: `System access established: ${emergency.system}, account ${account?.document.name ?? emergency.account}`,
    direct: true,
  });
}

/** Signs in and out from this device. */
async function isAccepted(
  device: Device,
  proven: ProvenState,
  { system, account }: Emergency,
  password: Uint8Array,
): Promise<boolean> {
  const { config } = z
    .object({ config: z.unknown() })
    .parse(await device.api.get(`/v1/systems/${system}`));
  const driver = await openDriver(recordedConfig(proven, system, config), undefined);
  try {
    const name = proven.state.accounts[account]?.document.name ?? '';
    return (await driver.prove(name, password)) === 'accepted';
  } finally {
    await driver.close();
  }
}

export type NoteAbout = StatementOf<'note'>['about'];

/** A note, as a person writes it. */
export interface WrittenNote {
  readonly about: NoteAbout;
  readonly text: string;
  /** When it happened, RFC 3339; now where it is left out. */
  readonly occurred?: string;
  /** Why an action outside the declared scope was needed. */
  readonly outOfScope?: string;
  /** Of established access: whether the address was typed. */
  readonly direct?: boolean;
  /** What a command printed, a screenshot: each goes with a line that names it and its hash. */
  readonly files?: readonly (Attachment | PlainAttachment)[];
}

/** Writes something down. Every file is a note of its own beside it: a note names one text. */
export async function note(
  device: Device,
  prefix: string | undefined,
  written: WrittenNote,
): Promise<void> {
  const { about: what, outOfScope, direct, occurred = new Date().toISOString() } = written;
  for (const attached of [textAttachment(written.text), ...(written.files ?? [])]) {
    const { proven, emergency } = await look(device, prefix);
    const [reason] = outOfScope === undefined ? [] : [textAttachment(outOfScope)];
    await device.say(
      proven,
      'note',
      {
        ...about(emergency),
        about: what,
        occurred,
        text: attached.digest,
        ...(reason === undefined ? {} : { outOfScope: reason.digest }),
        ...(direct === undefined ? {} : { direct }),
      },
      { attachments: reason === undefined ? [attached] : [attached, reason] },
    );
  }
}

/** The password that people read off the paper, where they give it; the bytes are wiped. */
export type AskTyped = () => Promise<Uint8Array | undefined>;

/**
 * Ends the use; the used credential is surrendered to the rotator, for the proof that it is dead, and forgotten here.
 * What came out of an envelope is surrendered where it is given: no device knows it.
 * @param typed asked only where an envelope was opened, and no seal
 * @throws `use.typed` where the system does not accept it: nothing is ended then
 * @returns seconds from established access to log-out; null where access was never noted
 */
export async function end(
  device: Device,
  prefix: string | undefined,
  loggedOut: string = new Date().toISOString(),
  typed: AskTyped = async () => undefined,
): Promise<{ readonly seconds: number | null; readonly surrendered: boolean }> {
  const { proven, emergency } = await look(device, prefix);
  const opening = revealedBy(emergency);
  const surrendered =
    opening !== undefined
      ? emergency.requester === device.person
        ? await surrender(device, proven, emergency, opening)
        : undefined
      : revealedAt(emergency) === undefined
        ? undefined
        : await surrenderTyped(device, proven, emergency, typed);
  const ciphertexts = surrendered === undefined ? [] : [surrendered];
  await device.say(
    proven,
    'end',
    {
      ...about(emergency),
      loggedOut,
      ...(surrendered === undefined ? {} : { surrendered: hex(sha256(surrendered)) }),
    },
    { ciphertexts: ciphertexts.map(base64) },
  );
  if (opening !== undefined) await device.home.forgetOneTime(opening.recipient);
  const seconds = durationSeconds({ ...emergency, ended: { at: loggedOut, loggedOut } });
  return { seconds, surrendered: surrendered !== undefined };
}

/** A slip of the pen would be rejected after the reset, too: what was typed counts only if it signs in now. */
async function surrenderTyped(
  device: Device,
  proven: ProvenState,
  emergency: Emergency,
  typed: AskTyped,
): Promise<Uint8Array | undefined> {
  const password = await typed();
  if (password === undefined) return undefined;
  const credential = credentialBytes({
    kind: 'password',
    username: proven.state.accounts[emergency.account]?.document.name ?? emergency.account,
    password: utf8Text(password),
  });
  try {
    if (!(await isAccepted(device, proven, emergency, password)))
      throw new HalliganError(
        'use.typed',
        'The system does not accept what was given as the envelope’s password.',
        'Nothing is ended. Give it as it stands on the sheet, or leave it out: then nothing proves the old one dead.',
      );
    return await encryptTo([rotatorOf(proven).recipient], credential);
  } finally {
    credential.fill(0);
    password.fill(0);
  }
}

/** @throws `cli.no-rotator` */
function rotatorOf({ state }: ProvenState): Member {
  const rotator = state.roster === undefined ? undefined : memberById(state.roster, ROTATOR);
  if (rotator !== undefined) return rotator;
  throw new HalliganError(
    'cli.no-rotator',
    'The roster names no rotator.',
    'Reset the credential by hand.',
  );
}

async function surrender(
  device: Device,
  proven: ProvenState,
  emergency: Emergency,
  opening: Opening,
): Promise<Uint8Array> {
  const rotator = rotatorOf(proven);
  const credential = await credentialOf(device, proven, emergency, opening);
  const ciphertext = await encryptTo([rotator.recipient], credential);
  credential.fill(0);
  return ciphertext;
}

export function abort(device: Device, prefix: string | undefined, reason: string): Promise<void> {
  return sayWhy(device, prefix, 'abort', reason);
}

/** Adds a correction to the record: nothing on it is ever changed. @param to digest of what is corrected */
export async function addend(
  device: Device,
  prefix: string | undefined,
  to: string,
  text: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attached = textAttachment(text);
  await device.say(
    proven,
    'addendum',
    { subject: emergency.id, purpose: about(emergency).purpose, to, text: attached.digest },
    { attachments: [attached] },
  );
}
