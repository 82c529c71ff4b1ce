import type { ProvenState } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, hex, sha256, utf8 } from '@halligan/format';
import {
  durationSeconds,
  type Emergency,
  type Opening,
  ROTATOR,
  revealedBy,
} from '@halligan/procedure';
import { encryptTo, openReleased, parseCredential, recoverCredential } from '@halligan/seal';
import { type Attachment, memberById, type StatementOf, textAttachment } from '@halligan/statement';
import { configDigest, openDriver, parseSystemConfig, type SystemConfig } from '@halligan/systems';
import { z } from 'zod';
import { type Device, emergencyIn } from '../device.ts';
import { about, findEmergency, look } from './find.ts';
import { openingFiles } from './open.ts';

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
  const { config } = z
    .object({ config: z.unknown() })
    .parse(await device.api.get(`/v1/systems/${emergency.system}`));
  const driver = openDriver(recordedConfig(proven, emergency.system, config), undefined);
  const account = proven.state.accounts[emergency.account];
  try {
    const outcome = await driver.prove(
      account?.document.name ?? '',
      utf8(parseCredential(credential).password),
    );
    if (outcome !== 'accepted')
      throw new HalliganError(
        'use.sign-in',
        'The system does not accept the credential.',
        'Check the account through another administrator, use the other account, or call the provider’s support.',
      );
  } finally {
    credential.fill(0);
    await driver.close();
  }
  await note(device, emergency.id, {
    about: 'access',
    text: `System access established: ${emergency.system}, account ${account?.document.name ?? emergency.account}`,
    direct: true,
  });
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
  readonly files?: readonly Attachment[];
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

/**
 * Ends the use; the used credential is surrendered to the rotator, for the proof that it is dead, and forgotten here.
 * @returns seconds from established access to log-out; null where access was never noted
 */
export async function end(
  device: Device,
  prefix: string | undefined,
  loggedOut: string = new Date().toISOString(),
): Promise<number | null> {
  const { proven, emergency } = await look(device, prefix);
  const opening = revealedBy(emergency);
  const ciphertexts =
    opening === undefined || emergency.requester !== device.person
      ? []
      : [await surrender(device, proven, emergency, opening)];
  const [surrendered] = ciphertexts;
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
  return durationSeconds({ ...emergency, ended: { at: loggedOut, loggedOut } });
}

async function surrender(
  device: Device,
  proven: ProvenState,
  emergency: Emergency,
  opening: Opening,
): Promise<Uint8Array> {
  const rotator =
    proven.state.roster === undefined ? undefined : memberById(proven.state.roster, ROTATOR);
  if (rotator === undefined)
    throw new HalliganError(
      'cli.no-rotator',
      'The roster names no rotator.',
      'Reset the credential by hand.',
    );
  const credential = await credentialOf(device, proven, emergency, opening);
  const ciphertext = await encryptTo([rotator.recipient], credential);
  credential.fill(0);
  return ciphertext;
}

export async function abort(
  device: Device,
  prefix: string | undefined,
  reason: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reason);
  await device.say(
    proven,
    'abort',
    { ...about(emergency), reason: text.digest },
    { attachments: [text] },
  );
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
