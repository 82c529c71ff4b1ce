import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import { openJournal, writeFileDurably } from '@halligan/journal';
import { storedInputOf } from '@halligan/procedure';
import {
  linkDigest,
  type Member,
  type RosterLink,
  rosterLinkOf,
  type SignedStatement,
} from '@halligan/statement';
import { generateNoteKey, verifierOf } from '@halligan/tlog';
import { Clock } from './clock.ts';
import {
  jsonOf,
  makeHome,
  type ServerSettings,
  serverHome,
  writeJson,
  writeSettings,
} from './home.ts';
import { Leader } from './leader.ts';
import { makeProgram, pinProgram } from './program-keys.ts';
import { requireDone } from './rotation.ts';

/** What an organisation begins with. */
export interface Founding {
  readonly settings: Omit<ServerSettings, 'v' | 'origin'>;
  readonly recipients: 'hybrid' | 'x25519';
  /** Cards of two admins or more. */
  readonly admins: readonly Member[];
}

/**
 * First half of the first run: makes the log key, the evidence key, the releaser's and the rotator's keys, and the
 * genesis for the admins to sign.
 * @throws `server.exists` where the folder holds an organisation already
 */
export async function prepareGenesis(
  root: string,
  { settings, recipients, admins }: Founding,
): Promise<RosterLink> {
  const home = serverHome(root);
  if (existsSync(home.settingsFile)) {
    throw new HalliganError(
      'server.exists',
      `There is an organisation in ${root} already.`,
      'One organisation a server: choose another HALLIGAN_HOME.',
    );
  }
  await makeHome(home);
  const origin = `${settings.name}/${settings.organisation}`;
  const log = await generateNoteKey(origin);
  const evidence = await generateNoteKey(`${origin}/evidence`);
  await writeFileDurably(join(home.keys, 'log.key'), utf8(`${log.signer}\n`));
  await writeFileDurably(join(home.keys, 'evidence.key'), utf8(`${evidence.signer}\n`));
  await writeFileDurably(join(root, 'log.pub'), utf8(`${log.verifier}\n`));
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
      logKey: log.verifier,
      evidenceKey: evidence.verifier,
      recipients,
      members: [...admins, ...programs],
    },
  };
  await writeJson(join(root, 'genesis.json'), link as unknown as Json);
  await writeJson(join(root, 'founding.json'), {
    ...settings,
    v: 'halligan/server/v1',
    origin,
  } as unknown as Json);
  return link;
}

/**
 * Second half: with the admins' signatures the journal begins, and the programs pin the genesis.
 * @throws `roster.*`, `statement.*` where the signatures do not make a genesis; nothing has begun then
 */
export async function completeGenesis(
  root: string,
  signed: readonly SignedStatement[],
): Promise<string> {
  const home = serverHome(root);
  const link = rosterLinkOf(jsonOf(await readFile(join(root, 'genesis.json'), 'utf8')));
  const settings = jsonOf(await readFile(join(root, 'founding.json'), 'utf8')) as ServerSettings;
  if (link.change.do !== 'genesis')
    throw new HalliganError('roster.order', 'This is not a genesis.', 'Run halligan init again.');
  const stored = storedInputOf({ type: 'statements', signed, document: link });
  const signer = utf8Text(await readFile(join(home.keys, 'log.key'))).trim();
  const genesis = linkDigest(link);
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
    logKey: await verifierOf(signer),
    genesis,
  };
  for (const program of ['releaser', 'rotator']) await pinProgram(join(home.keys, program), pins);
  await writeSettings(home, settings);
  return genesis;
}
