import { judgeReleaseCase, type ProvenState } from '@halligan/evidence';
import { base64, digestOf, fromBase64, HalliganError, hex, sha256, utf8 } from '@halligan/format';
import {
  after,
  type Emergency,
  liveOpening,
  type Opening,
  ROTATOR,
  recordOf,
} from '@halligan/procedure';
import {
  checkWords,
  encryptTo,
  generateIdentity,
  openReleased,
  openShare,
  parseCredential,
  recipientOf,
  recoverCredential,
  reencryptShare,
  type Seal,
  unpackSeal,
} from '@halligan/seal';
import {
  memberById,
  type Statement,
  statementBytes,
  statementDigest,
  subjectOf,
  textAttachment,
} from '@halligan/statement';
import { openDriver, parseSystemConfig } from '@halligan/systems';
import { z } from 'zod';
import { type Device, emergencyIn } from './device.ts';

/** Longest that a device waits for others, milliseconds. */
const PATIENCE = 120_000;

const listSchema = z.object({
  emergencies: z.array(
    z.looseObject({ id: z.string(), account: z.string(), closed: z.string().optional() }),
  ),
});

/** An emergency as the person names it: the beginning of its id, or nothing where only one is open. */
export async function findEmergency(
  device: Device,
  prefix: string | undefined,
): Promise<{ readonly id: string; readonly account: string }> {
  await device.signIn();
  const { emergencies } = listSchema.parse(await device.api.get('/v1/emergencies'));
  const matching = emergencies.filter(({ id, closed }) =>
    prefix === undefined ? closed === undefined : id.startsWith(prefix),
  );
  const [found, ...others] = matching;
  if (found === undefined)
    throw new HalliganError(
      'server.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  if (others.length > 0)
    throw new HalliganError(
      'cli.which',
      'More than one emergency fits.',
      `Name one: ${matching.map(({ id }) => id.slice(0, 12)).join(', ')}.`,
    );
  return found;
}

/** The emergency, proven on this device. */
export async function look(
  device: Device,
  prefix: string | undefined,
): Promise<{ readonly proven: ProvenState; readonly emergency: Emergency }> {
  const { id, account } = await findEmergency(device, prefix);
  const proven = await device.prove({ emergency: id, account });
  return { proven, emergency: emergencyIn(proven, id) };
}

export interface Declaration {
  readonly account: string;
  readonly reason: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly incident: string;
  readonly second: string;
  readonly approver: string;
  readonly witness?: string;
  readonly drill: boolean;
}

export async function declare(device: Device, asked: Declaration): Promise<string> {
  const proven = await device.prove({ account: asked.account });
  const account = proven.state.accounts[asked.account];
  if (account === undefined)
    throw new HalliganError(
      'declaration.account',
      `There is no account “${asked.account}”.`,
      'See halligan account list.',
    );
  const [reason, incident, ...evidence] = [asked.reason, asked.incident, ...asked.evidence].map(
    (text) => textAttachment(text),
  );
  if (reason === undefined || incident === undefined)
    throw new HalliganError(
      'cli.usage',
      'A reason and an incident are needed.',
      'Give --reason and --incident.',
    );
  const { signed } = await device.say(
    proven,
    'declare',
    {
      subject: subjectOf('account', asked.account),
      purpose: asked.drill ? 'drill' : 'real',
      account: asked.account,
      system: account.document.system,
      reason: reason.digest,
      cause: causeOf(asked.cause),
      evidence: evidence.map(({ digest }) => digest),
      second: asked.second,
      approver: asked.approver,
      ...(asked.witness === undefined ? {} : { witness: asked.witness }),
      incident: incident.digest,
    },
    { attachments: [reason, incident, ...evidence] },
  );
  return statementDigest(signed.statement);
}

export async function approve(
  device: Device,
  prefix: string | undefined,
  conditions: string | undefined,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attached = conditions === undefined ? [] : [textAttachment(conditions)];
  const [first] = attached;
  await device.say(
    proven,
    'approve',
    {
      ...about(emergency),
      method: 'app',
      ...(first === undefined ? {} : { conditions: first.digest }),
    },
    { attachments: attached },
  );
}

export async function refuse(
  device: Device,
  prefix: string | undefined,
  reason: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reason);
  await device.say(
    proven,
    'refuse',
    { ...about(emergency), reason: text.digest },
    { attachments: [text] },
  );
}

export async function takePart(
  device: Device,
  prefix: string | undefined,
  role: 'second' | 'witness',
  together: 'in-person' | 'video',
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  await device.say(proven, 'take-part', { ...about(emergency), role, together });
}

/** Asks for the shares of a path. @returns the check words to read out to the holders */
export async function open(
  device: Device,
  prefix: string | undefined,
  path: string,
): Promise<readonly string[]> {
  const { proven, emergency } = await look(device, prefix);
  const { identity } = await device.keys();
  const oneTime = generateIdentity(proven.state.roster?.recipients ?? 'hybrid');
  const recipient = await recipientOf(oneTime);
  // On disk before it is on the record: shares that nobody can open would touch the version for nothing.
  await device.home.keepOneTime(recipient, oneTime, await recipientOf(identity));
  return request(device, proven, emergency, {
    path,
    recipient,
    version: proven.state.accounts[emergency.account]?.current ?? 0,
    purpose: about(emergency).purpose,
  });
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
  const bundle = {
    v: 'halligan/release-case/v1',
    emergency: emergency.id,
    account: emergency.account,
    request: opening.request,
    view: await viewAgain(device, emergency),
  };
  const judged = await judgeReleaseCase(
    bundle,
    { ...device.home.pins, holder: device.person },
    new Date().toISOString(),
  );
  if ('refusal' in judged.answer) {
    const { rule, why, next } = judged.answer.refusal;
    throw new HalliganError(rule, why, next);
  }
  const { path, group, commitment, recipient } = judged.answer;
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
    judged,
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
    const opened = one.openings.find((each) => !each.exercise && each.quorumAt !== undefined);
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

/** Signs in to the system from this device with the opened credential, and notes that access was established. */
export async function signIn(device: Device, prefix: string | undefined): Promise<void> {
  const { proven, emergency, credential } = await reveal(device, prefix);
  const { config } = z
    .object({ config: z.unknown() })
    .parse(await device.api.get(`/v1/systems/${emergency.system}`));
  const driver = openDriver(parseSystemConfig(config), undefined);
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
  await note(
    device,
    emergency.id,
    'access',
    `System access established: ${emergency.system}, account ${account?.document.name ?? emergency.account}`,
  );
}

export type NoteAbout = Extract<Statement, { readonly kind: 'note' }>['about'];

export async function note(
  device: Device,
  prefix: string | undefined,
  what: NoteAbout,
  text: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attached = textAttachment(text);
  await device.say(
    proven,
    'note',
    { ...about(emergency), about: what, occurred: new Date().toISOString(), text: attached.digest },
    { attachments: [attached] },
  );
}

/** Ends the use; the used credential is surrendered to the rotator, for the proof that it is dead, and forgotten here. */
export async function end(device: Device, prefix: string | undefined): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const opening = emergency.openings.find((one) => !one.exercise && one.quorumAt !== undefined);
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
      loggedOut: new Date().toISOString(),
      ...(surrendered === undefined ? {} : { surrendered: hex(sha256(surrendered)) }),
    },
    { ciphertexts: ciphertexts.map(base64) },
  );
  if (opening !== undefined) await device.home.forgetOneTime(opening.recipient);
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

export async function signRecord(device: Device, prefix: string | undefined): Promise<string> {
  const { proven, emergency } = await look(device, prefix);
  const digest = digestOf(recordOf(proven.state, emergency));
  await device.say(proven, 'attest', { ...about(emergency), what: 'record', digest });
  return digest;
}

export async function submitRecord(
  device: Device,
  prefix: string | undefined,
  reference: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reference);
  await device.say(
    proven,
    'attest',
    {
      ...about(emergency),
      what: 'submission',
      digest: digestOf(recordOf(proven.state, emergency)),
      text: text.digest,
    },
    { attachments: [text] },
  );
}

/** Waits until the record says that the credential was reset. */
export async function awaitReset(device: Device, prefix: string | undefined): Promise<number> {
  const { id, account } = await findEmergency(device, prefix);
  return device.until(
    async () => emergencyIn(await device.prove({ emergency: id, account }), id).reset?.version,
    PATIENCE,
  );
}

/** Waits until the prover attested the exercise. */
export async function awaitExercise(device: Device, prefix: string | undefined): Promise<number> {
  const { id, account } = await findEmergency(device, prefix);
  return device.until(
    async () => emergencyIn(await device.prove({ emergency: id, account }), id).exercised?.version,
    PATIENCE,
  );
}

/** A review document as a reviewer reads and signs it: all reviewers sign the same. */
export async function review(
  device: Device,
  prefix: string | undefined,
  document: unknown,
  action: string | undefined,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attached = action === undefined ? [] : [textAttachment(action)];
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'review', digest: digestOf(z.json().parse(document)) },
    { document, attachments: attached },
  );
}

export async function close(device: Device, prefix: string | undefined): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  await device.say(proven, 'close', about(emergency));
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

function about(emergency: Emergency): {
  readonly subject: string;
  readonly purpose: 'real' | 'drill';
} {
  return { subject: emergency.id, purpose: emergency.drill ? 'drill' : 'real' };
}

function causeOf(text: string): Extract<Statement, { readonly kind: 'declare' }>['cause'] {
  const causes = [
    'idp-outage',
    'mfa-outage',
    'sole-admin-unavailable',
    'lockout',
    'security-incident',
    'credential-loss',
  ] as const;
  const cause = causes.find((one) => one === text);
  if (cause === undefined)
    throw new HalliganError(
      'cli.usage',
      `“${text}” is no cause.`,
      `Use one of ${causes.join(', ')}.`,
    );
  return cause;
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

async function viewAgain(device: Device, emergency: Emergency): Promise<unknown> {
  return device.api.get(
    `/v1/view?emergency=${emergency.id}&account=${emergency.account}&since=${device.home.pins.seen.size}`,
  );
}

const openingSchema = z.object({
  seal: z.string(),
  released: z.array(
    z.object({ path: z.string(), group: z.string(), holder: z.string(), ciphertext: z.string() }),
  ),
});

/** The seal, held to the digest on record, and what was released so far. */
async function openingFiles(
  device: Device,
  { state }: ProvenState,
  emergency: Emergency,
  opening: Opening,
): Promise<{ readonly seal: Seal; readonly released: z.infer<typeof openingSchema>['released'] }> {
  const { seal, released } = openingSchema.parse(
    await device.api.get(`/v1/emergencies/${emergency.id}/openings/${opening.request}`),
  );
  const digest = state.accounts[emergency.account]?.versions[opening.version]?.digest ?? '';
  return { seal: unpackSeal(fromBase64(seal), digest), released };
}
