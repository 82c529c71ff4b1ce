/**
 * `npm start`: a practice organisation, one complete emergency as a narrated drill, its evidence verified, and the
 * server kept running. `--exit` ends after the drill, with 0 only if everything held.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { claimLine, exitCodeOf, verifyPack } from '@halligan/evidence';
import { HalliganError, utf8Text } from '@halligan/format';
import { PRINTER } from '@halligan/paper';
import type { RecipientKind } from '@halligan/seal';
import {
  packFile,
  type RunningCosigner,
  type RunningServer,
  startCosigner,
  startServer,
  useCosigners,
} from '@halligan/server';
import { wordsOfBits } from '@halligan/slip39';
import { dataFolder } from '../data-folder.ts';
import { PersonHome } from '../person-home.ts';
import { runDrill } from './drill.ts';
import { runServerGoneDrill } from './drill-server-gone.ts';
import { Narrator } from './narrator.ts';
import { addTarget, foundPractice, furnish, hasPractice, practicePolicy } from './organisation.ts';
import { PEOPLE, People, personFolder } from './people.ts';
import { fetchFromSecondVault } from './second-vault.ts';
import { startTarget, TARGETS } from './targets.ts';

try {
  const options = optionsOf(process.argv.slice(2));
  await practise(options).catch((error) => {
    if (!options.skipMissing || !isMissing(error)) throw error;
    console.log(`skipped: ${error.message}`);
  });
} catch (error) {
  const known =
    error instanceof HalliganError
      ? error
      : new HalliganError(
          'practice.fault',
          'Practice failed unexpectedly.',
          error instanceof Error ? `${error.name}: ${error.message}` : 'Report this.',
        );
  console.error(`\nerror: ${known.message} [${known.code}]\nhint: ${known.hint}`);
  process.exitCode = 1;
}

/** Whether a system to practise on needs a program that is not here. */
function isMissing(error: unknown): error is HalliganError {
  return error instanceof HalliganError && error.code === 'systems.component-missing';
}

interface Options {
  readonly exit: boolean;
  readonly fresh: boolean;
  readonly system: string;
  /** The server is gone from the declaration to the end. */
  readonly serverGone: boolean;
  readonly recipients: RecipientKind;
  /** A system whose program is not here is skipped, and that is said. */
  readonly skipMissing: boolean;
}

/** What practice is asked for. Anything else is refused, never taken for a default. @throws `practice.usage` */
function optionsOf(argv: readonly string[]): Options {
  const hint = `Use --exit, --fresh, --system ${TARGETS.join('|')}, --recipients hybrid|x25519, --server-gone, --skip-missing.`;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        exit: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        system: { type: 'string', default: 'practice' },
        recipients: { type: 'string', default: 'hybrid' },
        'server-gone': { type: 'boolean', default: false },
        'skip-missing': { type: 'boolean', default: false },
      },
    });
    const { recipients } = values;
    if (recipients === 'hybrid' || recipients === 'x25519')
      return {
        ...values,
        recipients,
        serverGone: values['server-gone'],
        skipMissing: values['skip-missing'],
      };
  } catch (cause) {
    throw new HalliganError('practice.usage', 'Practice was asked for something unknown.', hint, {
      cause,
    });
  }
  throw new HalliganError('practice.usage', 'There is no such kind of recipients.', hint);
}

/** In the user's own folder, or in a fresh one that goes afterwards, whatever came of it. */
async function practise(values: Options): Promise<void> {
  if (!values.fresh) return practiseIn(dataFolder(process.env), values);
  const root = await mkdtemp(join(tmpdir(), 'halligan-drill-'));
  try {
    await practiseIn(root, values);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function practiseIn(root: string, values: Options): Promise<void> {
  const { recipients } = values;
  const tell = new Narrator(console.log);
  tell.line('PRACTICE: nothing here is real; the keys lie in the clear on purpose.');
  const existed = await hasPractice(root);
  const target = await startTarget(root, values.system);
  let server: RunningServer | undefined;
  let cosigner: RunningCosigner | undefined;
  try {
    const { secondVault } = target;
    if (!existed)
      await foundPractice(root, recipients, secondVault === undefined ? [] : [secondVault.place]);
    cosigner = await practiceCosigner(root);
    const start = async () => {
      const started = await startServer(root, (line) => console.error(`  server: ${line}`), {
        level: 'warning',
        human: true,
      });
      for (const id of Object.keys(PEOPLE))
        await (await PersonHome.open(personFolder(root, id))).learn({ url: started.url });
      return started;
    };
    server = await start();
    const people = new People(root);
    try {
      // A first run that was cut short left an organisation without a policy: it is furnished now.
      if (server.parts.leader.state.policy === undefined) {
        await furnish(root, people, target.target, practicePolicy(recipients, cosigner.verifiers));
        tell.step(
          'raj, dana',
          `found the organisation “practice”: five people, a policy, ${target.target.accounts.length} sealed accounts on ${target.target.id}`,
        );
      } else if (server.parts.leader.state.systems[target.target.id] === undefined)
        await addTarget(root, people, target.target);
      const leaving = {
        goAway: async () => {
          await server?.settled();
          await server?.stop();
          server = undefined;
        },
        comeBack: async () => {
          server = await start();
        },
      };
      const { emergency } = values.serverGone
        ? await runServerGoneDrill(root, people, target.target, tell, leaving)
        : await runDrill(root, people, target.target, tell);
      if (server === undefined) return;
      if (secondVault !== undefined && !existed)
        await fetchFromSecondVault(root, people, target.target.id, secondVault, tell);
      await verifyOwn(root, server, emergency, tell, !values.fresh);
    } finally {
      await people.end();
    }
    if (values.exit) return;
    tell.line(`\n  The server keeps running at ${server.url}; end it with Ctrl-C.`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
    });
  } finally {
    await server?.stop();
    await cosigner?.stop();
    await target.stop();
  }
}

/** A cosigner in this very process: a real one is run by somebody else, on a machine of theirs. */
async function practiceCosigner(root: string): Promise<RunningCosigner> {
  const cosigner = await startCosigner({
    home: join(root, 'practice', 'cosigner'),
    name: 'localhost/practice-cosigner',
    logKeys: [utf8Text(await readFile(join(root, 'log.pub'))).trim()],
    host: '127.0.0.1',
    port: 0,
  });
  await useCosigners(root, [cosigner.url]);
  return cosigner;
}

/** Verifies the drill's own evidence pack as an auditor would, and says where things are. */
async function verifyOwn(
  root: string,
  server: RunningServer,
  emergency: string,
  tell: Narrator,
  stays: boolean,
): Promise<void> {
  const { parts } = server;
  const path = packFile(parts, emergency);
  tell.chapter('Evidence');
  await server.settled();
  const genesis = (await PersonHome.open(personFolder(root, 'ana'))).pins.genesis;
  const words = wordsOfBits(Uint8Array.fromHex(genesis), 13);
  const anchors = {
    logKey: utf8Text(await readFile(join(root, 'log.pub'))),
    genesisWords: words,
  };
  const claims = await verifyPack(await readFile(path), anchors, PRINTER);
  for (const claim of claims) tell.line(`  ${claimLine(claim)}`);
  if (exitCodeOf(claims) !== 0)
    throw new HalliganError(
      'practice.evidence',
      'The drill’s own evidence does not verify.',
      'Report this, with the pack.',
    );
  if (!stays) return;
  tell.line(`
  Where things are
    evidence pack    ${path}
    seals            ${join(root, 'seals')}
    people’s keys    ${join(root, 'practice', 'holders')}   (PRACTICE, in the clear)
    kits             ${join(root, 'practice', 'kits')}
    genesis words    ${words.join(' ')}

  Try it
    npm run halligan -- verify ${path} --trust ${join(root, 'log.pub')}
    HALLIGAN_PERSON_HOME=${personFolder(root, 'ana')} npm run halligan -- emergency list
  With your own people and systems: docs/guides/set-up.md`);
}
