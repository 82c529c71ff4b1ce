import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { openJournal, writeFileDurably } from '@halligan/journal';
import { decide, EMPTY, type StoredInput, storedInputOf, verifyInput } from '@halligan/procedure';
import {
  linkDigest,
  type Member,
  type RosterLink,
  rosterFault,
  rosterLinkOf,
  rosterOfGenesis,
  type SignedStatement,
  verifyRecipient,
} from '@halligan/statement';
import { generateNoteKey } from '@halligan/tlog';
import { z } from 'zod';
import { makeCertificate, requireHostName, requireUsable, type TlsPair } from './certificate.ts';
import { Clock } from './clock/clock.ts';
import { markData } from './data-version.ts';
import { requireDone } from './effects/rotation.ts';
import {
  jsonOf,
  makeHome,
  type ServerSettings,
  serverHome,
  settingsOf,
  settingsSchema,
  writeJson,
  writeSettings,
} from './home.ts';
import { Leader } from './leader.ts';
import { makeLogKeys } from './leaving.ts';
import { makeProgram, pinProgram } from './programs/keys.ts';

/** What an organisation begins with. */
export interface Founding {
  readonly settings: Omit<ServerSettings, 'v' | 'origin'>;
  readonly recipients: 'hybrid' | 'x25519';
  /** Cards of two admins or more. */
  readonly admins: readonly Member[];
  /** The server's TLS key and certificate; made here where `settings.tls` asks for TLS and none are brought. */
  readonly tls?: TlsPair | undefined;
  /** Throw away what an earlier first half made: signatures over its genesis are worth nothing then. */
  readonly startOver?: boolean | undefined;
}

/** A first run between its halves: what the admins sign, and how the server will be set up. */
export interface FoundingState {
  readonly settings: ServerSettings;
  readonly link: RosterLink;
  /** Whether the second half is done: the organisation exists. */
  readonly done: boolean;
}

const foundingSchema = z.strictObject({
  v: z.literal('halligan/founding/v1'),
  settings: settingsSchema,
  link: z.unknown(),
});

/**
 * First half of the first run: makes the log key, the evidence key, the releaser's and the rotator's keys, the TLS
 * key, and the genesis for the admins to sign. `founding.json` is written last and at once, so that a first half that
 * was interrupted never happened: it is simply run again.
 * @throws `server.exists` where the folder holds an organisation already; `server.founding` where a first half waits
 *   for signatures and `startOver` is not set; `server.founding-signed` where it is signed already; `server.settings`,
 *   `server.name`, `server.certificate`; `roster.*` and `statement.signature` for cards that make no roster. Nothing
 *   is written then
 */
export async function prepareGenesis(
  root: string,
  { settings: given, recipients, admins, tls, startOver = false }: Founding,
): Promise<RosterLink> {
  const home = serverHome(root);
  requireNotFounded(root, startOver);
  const settings = settingsOf({
    ...given,
    v: 'halligan/server/v1',
    origin: `${given.name}/${given.organisation}`,
  });
  requireHostName(settings.name);
  if (tls !== undefined) requireUsable(tls);
  await requireAdmins(settings, recipients, admins);

  await makeHome(home);
  if (startOver) await rm(foundingFile(root), { force: true });
  const { origin } = settings;
  const log = await makeLogKeys(home, origin);
  const evidence = await generateNoteKey(`${origin}/evidence`);
  await writeFileDurably(join(home.keys, 'evidence.key'), utf8(`${evidence.signer}\n`));
  await writeFileDurably(join(root, 'log.pub'), utf8(`${log.logKey}\n`));
  if (settings.tls) {
    const { key, cert } = tls ?? (await makeCertificate(settings.name));
    await writeFileDurably(join(home.keys, 'tls.key'), utf8(key));
    await writeFileDurably(join(home.keys, 'tls.crt'), utf8(cert));
  }
  const programs = await Promise.all(
    (['releaser', 'rotator'] as const).map((id) =>
      makeProgram(join(home.keys, id), id, recipients),
    ),
  );
  const link: RosterLink = {
    v: 'halligan/roster/v1',
    number: 0,
    previous: null,
    change: {
      do: 'genesis',
      organisation: settings.organisation,
      origin,
      logKey: log.logKey,
      evidenceKey: evidence.verifier,
      recipients,
      members: [...admins, ...programs],
    },
  };
  await writeJson(join(root, 'genesis.json'), link);
  await writeJson(foundingFile(root), {
    v: 'halligan/founding/v1',
    settings,
    link,
  });
  return link;
}

/**
 * How far a first run is.
 * @throws `server.no-founding` where none was begun, `server.founding-damaged`
 */
export async function readFounding(root: string): Promise<FoundingState> {
  let text: string;
  try {
    text = await readFile(foundingFile(root), 'utf8');
  } catch (cause) {
    throw new HalliganError(
      'server.no-founding',
      `No organisation is being founded in ${root}.`,
      'Run halligan init first, or set HALLIGAN_HOME to the folder where you did.',
      { cause },
    );
  }
  const parsed = foundingSchema.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new HalliganError(
      'server.founding-damaged',
      `${foundingFile(root)} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
      'Run halligan init --start-over: the admins sign the new genesis.',
    );
  const link = rosterLinkOf(parsed.data.link);
  return { settings: parsed.data.settings, link, done: existsSync(serverHome(root).settingsFile) };
}

/**
 * Second half: with the admins' signatures the journal begins, and the programs pin the genesis. The signatures are
 * judged before the first byte of a journal is written; whoever interrupts it runs it again with the same ones. Where
 * it is done already, nothing happens.
 * @returns the genesis' digest
 * @throws `server.no-founding`, `server.founding-damaged`; `roster.*`, `statement.*` where the signatures do not make
 *   a genesis; nothing has begun then
 */
export async function completeGenesis(
  root: string,
  signed: readonly SignedStatement[],
): Promise<string> {
  const home = serverHome(root);
  const { link, settings, done } = await readFounding(root);
  const genesis = linkDigest(link);
  if (done) return genesis;
  if (link.change.do !== 'genesis')
    throw new HalliganError('roster.order', 'This is not a genesis.', 'Run halligan init again.');
  const stored = storedInputOf({ type: 'statements', signed, document: link });
  await requireGenesis(stored);
  const signer = utf8Text(await readFile(join(home.keys, 'log.key'))).trim();
  const journal = await openJournal({ folder: home.journal, signer });
  try {
    const leader = await Leader.open(journal, new Clock());
    if (leader.state.roster === undefined) requireDone(await leader.submit(stored));
  } finally {
    await journal.close();
  }
  const pins = {
    organisation: link.change.organisation,
    origin: link.change.origin,
    logKey: link.change.logKey,
    genesis,
  };
  for (const program of ['releaser', 'rotator']) await pinProgram(join(home.keys, program), pins);
  await markData(home);
  await writeSettings(home, settings);
  return genesis;
}

function foundingFile(root: string): string {
  return join(root, 'founding.json');
}

function requireNotFounded(root: string, startOver: boolean): void {
  const home = serverHome(root);
  if (existsSync(home.settingsFile)) {
    throw new HalliganError(
      'server.exists',
      `There is an organisation in ${root} already.`,
      'One organisation a server: choose another HALLIGAN_HOME.',
    );
  }
  if (!existsSync(foundingFile(root))) return;
  // A journal is only begun with a signed genesis: new keys would leave it without the one that it is signed with.
  if (existsSync(home.journal)) {
    throw new HalliganError(
      'server.founding-signed',
      `The organisation in ${root} is signed already, but not finished.`,
      'Run halligan init --finish once more with the same signatures.',
    );
  }
  if (!startOver) {
    throw new HalliganError(
      'server.founding',
      `An organisation in ${root} waits for its admins’ signatures.`,
      'Finish it: halligan init --finish. Or begin anew with --start-over: they sign again then.',
    );
  }
}

/** The same judgement that the journal's leader will make, without a journal. */
async function requireGenesis(stored: StoredInput): Promise<void> {
  const decision = decide(EMPTY, await verifyInput(EMPTY, stored), new Clock().now());
  if ('refusal' in decision)
    throw new HalliganError(decision.refusal.rule, decision.refusal.why, decision.refusal.next);
}

/** Nobody should carry a genesis to two people and back to learn that it cannot be one. */
async function requireAdmins(
  { organisation, origin }: ServerSettings,
  recipients: Founding['recipients'],
  admins: readonly Member[],
): Promise<void> {
  for (const admin of admins) {
    if (admin.kind !== 'person')
      throw new HalliganError(
        'roster.program',
        `“${admin.id}” is not a person.`,
        'Give the cards of people: halligan person card.',
      );
    await verifyRecipient({ ...admin, person: admin.id });
  }
  const keys = { logKey: '', evidenceKey: '' };
  const genesis = { organisation, origin, recipients, members: admins, ...keys };
  const fault = rosterFault(rosterOfGenesis({ do: 'genesis', ...genesis }, ''));
  if (fault !== undefined) throw new HalliganError(fault.code, fault.why, fault.hint);
}
