/** Whom the fuzzed server serves: the practice organisation, with emergencies in several states. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secret } from '../../../packages/cli/leaks/leaks.fixture.ts';
import { secretsOf } from '../../../packages/cli/leaks/secrets.fixture.ts';
import { type LiveOpening, liveOpening } from '../../../packages/cli/live-opening.fixture.ts';
import { PEOPLE } from '../../../packages/cli/practice/people.ts';
import { hex, type Json } from '../../../packages/format/index.ts';
import { storedInputOf } from '../../../packages/procedure/index.ts';
import { generateIdentity, recipientOf } from '../../../packages/seal/index.ts';
import {
  generateSigningKey,
  linkDigest,
  makeStatement,
  type RosterLink,
  type Signer,
  signRecipient,
  signStatement,
} from '../../../packages/statement/index.ts';
import { logKeysOf } from '../../../packages/tlog/index.ts';
import type { Upon } from './statements.ts';

/** On the roster until the server runs; removed then. */
export const REMOVED = 'eve';

export interface Fuzzed {
  readonly root: string;
  /** The log’s verifier key. */
  readonly logKey: string;
  /** Everybody's, the removed person's too. */
  readonly keys: ReadonlyMap<string, Signer>;
  /** What no answer and no line of the log may hold. */
  readonly secrets: readonly Secret[];
  readonly end: () => Promise<void>;
}

/** Founds and furnishes it, and stops its server. @throws `systems.component-missing` */
export async function fuzzedOrganisation(): Promise<Fuzzed> {
  const scene = await liveOpening();
  try {
    await use(scene);
    const keys = new Map<string, Signer>();
    for (const person of Object.keys(PEOPLE))
      keys.set(person, (await (await scene.device(person)).keys()).signing);
    keys.set(REMOVED, await admitted(scene, keys));
    await scene.server.settled();
    const { roster } = scene.server.parts.leader.state;
    const { classical: logKey } = logKeysOf(roster?.logKey ?? '');
    const holders = Object.keys(PEOPLE).filter(
      (person) => PEOPLE[person]?.includes('custodian') === true || person === 'dana',
    );
    const secrets = [...(await secretsOf(scene.root, holders)), ...keysOf(scene.root)];
    await scene.server.stop();
    return { root: scene.root, logKey, keys, secrets, end: scene.end };
  } catch (cause) {
    await scene.end();
    throw cause;
  }
}

async function run(scene: LiveOpening, person: string, ...argv: readonly string[]): Promise<Json> {
  const { code, out, said } = await scene.as(person, ...argv);
  if (code !== 0) throw new Error(`${person}: halligan ${argv.join(' ')}: ${said}`);
  return JSON.parse(out.join(''));
}

/** The first account is in use; of the other, one emergency was given up, and one waits for its approver. */
async function use(scene: LiveOpening): Promise<void> {
  const { emergency, checkWords } = scene;
  for (const holder of ['ana', 'ben'])
    await run(
      scene,
      holder,
      'emergency',
      'release',
      emergency,
      '--check-words',
      checkWords.join(' '),
    );
  await scene.server.settled();
  await run(scene, 'ana', 'emergency', 'sign-in', emergency);
  const note = ['emergency', 'note', '--emergency', emergency, '--about', 'baseline'];
  await run(scene, 'ana', ...note, 'Listed administrators: 2.');
  const other = scene.account.replace(/\d$/, '2');
  const declare = ['emergency', 'declare', '--account', other, '--cause', 'lockout'];
  const who = ['--second', 'ben', '--approver', 'dana', '--incident', 'INC-2'];
  const why = ['--reason', 'Nobody gets in.', '--evidence', 'a message'];
  await run(scene, 'mei', ...declare, ...who, ...why);
}

/** A witness, by both admins, with a key of their own. */
async function admitted({ server }: LiveOpening, keys: ReadonlyMap<string, Signer>) {
  const { leader } = server.parts;
  const signing = await generateSigningKey();
  const recipient = await recipientOf(generateIdentity('x25519'));
  const { roster } = leader.state;
  const { size, root } = leader.checkpoint();
  const upon = {
    origin: roster?.origin ?? '',
    roster: roster?.digest ?? null,
    policy: leader.state.policy ?? null,
    journal: { size, root: hex(root) },
    now: leader.now(),
    drills: [],
  };
  const { signed, document } = await changed(
    {
      do: 'admit',
      member: {
        id: REMOVED,
        kind: 'person',
        signing: [signing.publicKey],
        recipient,
        recipientSignature: await signRecipient(REMOVED, recipient, signing),
        roles: ['witness'],
      },
    },
    (roster?.number ?? 0) + 1,
    upon,
    keys,
  );
  const done = await leader.submit(storedInputOf({ type: 'statements', signed, document }));
  if ('refusal' in done) throw new Error(`${REMOVED} is not admitted: ${done.refusal.why}`);
  return signing;
}

/** What both admins send to take somebody off the roster. */
export async function removalOf(
  person: string,
  { upon, links }: { readonly upon: Upon; readonly links: number },
  keys: ReadonlyMap<string, Signer>,
): Promise<Json> {
  const { signed, document } = await changed({ do: 'remove', person }, links + 1, upon, keys);
  return JSON.parse(JSON.stringify({ signed, document }));
}

async function changed(
  change: RosterLink['change'],
  number: number,
  { origin, roster, policy, journal, now }: Upon,
  keys: ReadonlyMap<string, Signer>,
) {
  const document: RosterLink = { v: 'halligan/roster/v1', number, previous: roster, change };
  const fields = { origin, subject: linkDigest(document), purpose: 'real', policy } as const;
  const signed = await Promise.all(
    ['dana', 'raj'].map(async (by) => {
      const key = keys.get(by);
      if (key === undefined) throw new Error(`${by} has no key`);
      return signStatement(
        makeStatement('roster.change', { ...fields, roster, journal, by, at: now }),
        key,
      );
    }),
  );
  return { signed, document };
}

/** The server's own keys. */
function keysOf(root: string): readonly Secret[] {
  return globSync('keys/**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) =>
      readFileSync(join(entry.parentPath, entry.name), 'utf8')
        .split('\n')
        .filter((line) => /AGE-SECRET-KEY-|PRIVATE\+KEY\+/.test(line))
        .map((line) => ({ name: `a line of keys/${entry.name}`, forms: [line.trim()] })),
    );
}
