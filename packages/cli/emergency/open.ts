import type { ProvenState } from '@halligan/evidence';
import { base64, fromBase64, HalliganError, hex, sha256 } from '@halligan/format';
import {
  after,
  type Emergency,
  liveOpening,
  type Opening,
  SOLO_PATH,
  type Version,
} from '@halligan/procedure';
import {
  checkWords,
  generateIdentity,
  openShare,
  recipientOf,
  reencryptShare,
  type Seal,
  unpackSealToOpen,
} from '@halligan/seal';
import { type Statement, statementBytes, statementDigest } from '@halligan/statement';
import { z } from 'zod';
import { type Device, emergencyIn } from '../device.ts';
import { about, findEmergency, look } from './find.ts';

/** Asks for the shares of a path. @returns the check words to read out to the holders */
export async function open(
  device: Device,
  prefix: string | undefined,
  path: string | undefined,
): Promise<readonly string[]> {
  const { proven, emergency } = await look(device, prefix);
  const account = proven.state.accounts[emergency.account];
  const number = account?.current ?? 0;
  const version = account?.versions[number];
  const { identity } = await device.keys();
  const oneTime = generateIdentity(proven.state.roster?.recipients ?? 'hybrid');
  const recipient = await recipientOf(oneTime);
  // On disk before it is on the record: shares that nobody can open would touch the version for nothing.
  await device.home.keepOneTime(recipient, oneTime, await recipientOf(identity));
  return request(device, proven, emergency, {
    path: path ?? pathFor(device, emergency, version),
    recipient,
    version: number,
    purpose: about(emergency).purpose,
  });
}

/** Who is alone goes by the one path that there is for them. */
function pathFor(device: Device, { second }: Emergency, version: Version | undefined): string {
  if (second === undefined) return SOLO_PATH;
  return version === undefined ? 'standard' : device.usualPath(version);
}

/** Opens the reset version to the prover, by dual control and without any person seeing it. */
export async function exercise(
  device: Device,
  prefix: string | undefined,
  path: string,
): Promise<readonly string[]> {
  const { id, account } = await findEmergency(device, prefix);
  const { signed, document } = z
    .object({
      signed: z.unknown(),
      document: z.looseObject({ recipient: z.string(), version: z.int() }),
    })
    .parse(await device.api.post(`/v1/emergencies/${id}/prover`));
  const proven = await device.prove({ emergency: id, account });
  return request(device, proven, emergencyIn(proven, id), {
    path,
    recipient: document.recipient,
    version: document.version,
    purpose: 'exercise',
    enclosed: { document, others: [signed] },
  });
}

async function request(
  device: Device,
  proven: ProvenState,
  emergency: Emergency,
  asked: {
    readonly path: string;
    readonly recipient: string;
    readonly version: number;
    readonly purpose: 'real' | 'drill' | 'exercise';
    readonly enclosed?: { readonly document: unknown; readonly others: readonly unknown[] };
  },
): Promise<readonly string[]> {
  const version = proven.state.accounts[emergency.account]?.versions[asked.version];
  const policy = proven.state.policies[emergency.policy];
  if (version === undefined || policy === undefined)
    throw new HalliganError(
      'opening.seal',
      'There is no such sealed version.',
      'See halligan account list.',
    );
  // A minute less than the window, for the clocks of two machines.
  const expires = new Date(
    Date.parse(after(new Date().toISOString(), policy.timers.opening_window, policy.time_zone)) -
      60_000,
  ).toISOString();
  const { signed } = await device.say(
    proven,
    'open.request',
    {
      subject: emergency.id,
      purpose: asked.purpose,
      account: emergency.account,
      version: asked.version,
      seal: version.header.id,
      sealDigest: version.digest,
      path: asked.path,
      recipient: asked.recipient,
      expires,
    },
    asked.enclosed ?? {},
  );
  return checkWords(statementBytes(signed.statement));
}

/** Confirms, by voice, that the holder and the requester see the same request. @throws `cli.check-words` */
export type ConfirmWords = (words: readonly string[]) => Promise<boolean>;

/**
 * Releases this holder's share: the device proves the case for itself, the people compare the check words, and only
 * ciphertext to the request's one-time recipient leaves the device.
 */
export async function release(
  device: Device,
  prefix: string | undefined,
  confirm: ConfirmWords,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const opening = liveOpening(emergency);
  if (opening === undefined)
    throw new HalliganError(
      'release.unknown',
      'Nothing is asked for.',
      `Ask ${emergency.requester} to open.`,
    );
  const answer = device.judge(proven, emergency, opening);
  if ('refusal' in answer) {
    const { rule, why, next } = answer.refusal;
    throw new HalliganError(rule, why, next);
  }
  const { path, group, commitment, recipient } = answer;
  if (!(await confirm(await checkWords(statementBytes(requestIn(proven, opening)))))) {
    throw new HalliganError(
      'cli.check-words',
      'The check words differ: this is not the request that the requester made.',
      'Release nothing. Tell security.',
    );
  }
  const { seal } = await openingFiles(device, proven, emergency, opening);
  const { identity } = await device.keys();
  const share = await openShare({ seal, path, group, holder: device.person, identity });
  const ciphertext = await reencryptShare(share, recipient);
  share.fill(0);
  await device.say(
    proven,
    'share.release',
    {
      subject: emergency.id,
      purpose: opening.exercise ? 'exercise' : about(emergency).purpose,
      request: opening.request,
      path,
      group,
      commitment,
      ciphertext: hex(sha256(ciphertext)),
    },
    { ciphertexts: [base64(ciphertext)] },
  );
}

/**
 * The check words of the live opening, for whoever asked for it: a requester who lost the server's answer must still be
 * able to read them out. Holders are not told them here: they compare what they hear.
 */
export async function ownCheckWords(
  device: Device,
  proven: ProvenState,
  emergency: Emergency,
): Promise<readonly string[] | undefined> {
  const opening = liveOpening(emergency);
  if (opening === undefined) return undefined;
  const asked = requestIn(proven, opening);
  return asked.by === device.person ? checkWords(statementBytes(asked)) : undefined;
}

/** The opening request itself, from the proven record: what the check words are made of. */
function requestIn({ groups }: ProvenState, opening: Opening): Statement {
  for (const { input } of groups) {
    if (input.type !== 'statements') continue;
    const found = input.signed.find(
      ({ statement }) => statementDigest(statement) === opening.request,
    );
    if (found !== undefined) return found.statement;
  }
  throw new HalliganError(
    'release.unknown',
    'The record holds no such request.',
    'Ask the requester to open again.',
  );
}

const openingSchema = z.object({
  seal: z.string(),
  released: z.array(
    z.object({ path: z.string(), group: z.string(), holder: z.string(), ciphertext: z.string() }),
  ),
});

/** The seal, held to the digest on record, and what was released so far. */
export async function openingFiles(
  device: Device,
  { state }: ProvenState,
  emergency: Emergency,
  opening: Opening,
): Promise<{ readonly seal: Seal; readonly released: z.infer<typeof openingSchema>['released'] }> {
  const { seal, released } = openingSchema.parse(
    await device.api.get(`/v1/emergencies/${emergency.id}/openings/${opening.request}`),
  );
  const digest = state.accounts[emergency.account]?.versions[opening.version]?.digest ?? '';
  return { seal: unpackSealToOpen(fromBase64(seal), digest), released };
}
