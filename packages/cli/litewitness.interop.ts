/**
 * A whole organisation whose log is watched by a witness that is not ours, and our cosigner before a verifier that is
 * not ours: torchwood, in Go. It needs Go and its module proxy, so it is not part of the ordinary suite.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { utf8Text } from '@halligan/format';
import {
  packFile,
  type RunningCosigner,
  type RunningServer,
  startCosigner,
  startServer,
  useCosigners,
} from '@halligan/server';
import { wordsOfBits } from '@halligan/slip39';
import {
  cosignedBy,
  formatEntryProof,
  generateNoteKey,
  logKeysOf,
  parseCheckpoint,
  parseEntryProof,
  parseNote,
} from '@halligan/tlog';
import { buildTorchwood, type Litewitness } from './litewitness.fixture.ts';
import { PersonHome } from './person-home.ts';
import { runDrill } from './practice/drill.ts';
import { Narrator } from './practice/narrator.ts';
import {
  foundPractice,
  furnish,
  type PracticeTarget,
  practicePolicy,
} from './practice/organisation.ts';
import { PEOPLE, People, personFolder } from './practice/people.ts';
import { startTarget } from './practice/targets.ts';
import { program } from './run.fixture.ts';

const folder = await mkdtemp(join(tmpdir(), 'halligan-witness-'));
const torchwood = await buildTorchwood(folder);
after(() => rm(folder, { recursive: true, force: true }));

const root = join(folder, 'home');
const backup = join(folder, 'backup');
const quiet = new Narrator(() => undefined);

suite('a log that a foreign witness watches', {
  skip: typeof torchwood === 'string' ? torchwood : false,
}, () => {
  let witness: Litewitness;
  let own: RunningCosigner;
  let target: PracticeTarget;
  let logKey: string;
  let pack: string;
  let words: readonly string[];
  const said: string[] = [];

  /** Runs the server while something is done, with each person a process of their own. */
  async function serving<T>(work: (server: RunningServer, people: People) => Promise<T>) {
    const server = await startServer(root, (line) => void said.push(line), { level: 'warning' });
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
    const people = new People(root);
    try {
      return await work(server, people);
    } finally {
      await people.end();
      await server.settled();
      await server.stop();
    }
  }

  /** A whole emergency and its evidence pack. */
  const drill = () =>
    serving(async (server, people) => {
      const { emergency } = await runDrill(root, people, target, quiet);
      await server.settled();
      return packFile(server.parts, emergency);
    });

  const verify = (...parameters: readonly string[]) =>
    program('halligan.ts', [
      ...['verify', pack, '--trust', join(folder, 'log.pub'), '--roster', words.join(' ')],
      ...parameters,
    ]);

  before(async () => {
    if (typeof torchwood === 'string') return;
    await foundPractice(root, 'x25519');
    logKey = utf8Text(await readFile(join(root, 'log.pub'))).trim();
    await writeFile(join(folder, 'log.pub'), `${logKey}\n`);
    words = wordsOfBits(
      Uint8Array.fromHex((await PersonHome.open(personFolder(root, 'ana'))).pins.genesis),
      13,
    );
    witness = await torchwood.witness('witness.example/foreign', logKey);
    own = await startCosigner({
      home: join(folder, 'cosigner'),
      name: 'cosigner.example/own',
      logKeys: [logKey],
      host: '127.0.0.1',
      port: 0,
    });
    await useCosigners(root, [witness.url]);
    ({ target } = await startTarget(root, 'practice'));
    await serving((_server, people) =>
      furnish(root, people, target, practicePolicy('x25519', [witness.verifier])),
    );
    await cp(root, backup, { recursive: true });
    pack = await drill();
  });
  after(async () => {
    await own?.stop();
    await witness?.stop();
  });

  test('its signature makes a pack hold strictly, and nothing is amiss', async () => {
    const { code, out } = await verify('--strict');
    assert.equal(code, 0, out);
    assert.match(
      out,
      /^PASS \(cosigned by 1, need 1\) +nobody rewrote the \d+ entries that witness\.example\/foreign cosigned/m,
    );
    assert.deepEqual(
      said.filter((line) => line.includes('cosign')),
      [],
    );
  });

  test('a proof of an entry holds in its verifier, cosigned by it and by ours', async () => {
    assert.ok(typeof torchwood !== 'string');
    const file = join(folder, 'entry.tlog-proof');
    await serving((_server, people) => people.run('raj', 'journal', 'proof', '3', '--out', file));
    const written = parseEntryProof(await readFile(file, 'utf8'));
    const response = await fetch(`${own.url}/add-checkpoint`, {
      method: 'POST',
      body: `old 0\n\n${written.checkpoint}`,
    });
    assert.equal(response.status, 200);
    const both = `${written.checkpoint}${await response.text()}`;
    const proof = formatEntryProof({ ...written, checkpoint: both });
    const [ours = ''] = own.verifiers;
    assert.equal((await cosignedBy(both, [witness.verifier, ...own.verifiers])).length, 2);

    const { classical } = logKeysOf(logKey);
    const policy = (cosigner: string) =>
      `log ${classical}\nwitness foreign ${witness.verifier}\nwitness ours ${cosigner}\n` +
      'group both all foreign ours\nquorum both\n';
    assert.equal(await torchwood.refusal(policy(ours), proof), '');
    const stranger = await generateNoteKey('cosigner.example/own', 'cosignature');
    assert.match(await torchwood.refusal(policy(stranger.verifier), proof), /./);
    const { size } = parseCheckpoint(parseNote(both).text);
    assert.ok(size > 4);
    const another = formatEntryProof({ ...written, index: 4, checkpoint: both });
    assert.match(await torchwood.refusal(policy(ours), another), /./);
  });

  test('a server that is put back from an old copy is told so, and goes on', async () => {
    await rm(root, { recursive: true });
    await cp(backup, root, { recursive: true });
    said.length = 0;
    pack = await drill();
    assert.match(alarm(), /cosigner\.saw-more: It has seen \d+ entries; this log has \d+\./);
  });

  test('when it has grown beyond, its other history is refused, and its packs prove nothing of it', async () => {
    said.length = 0;
    await serving(async (server, people) => {
      await people.run('raj', 'person', 'group', 'auditors', 'raj');
      const { size } = server.parts.leader.checkpoint();
      await server.parts.cosigning.covering(size, 60_000);
    });
    assert.match(alarm(), /cosigner\.other-history: It has signed another history/);
    const { code, out } = await verify('--strict');
    assert.equal(code, 5, out);
    assert.match(out, /^NOT PROVEN \(not cosigned yet\)/m);
  });

  /** The first error that the server's log has of its witness. */
  function alarm(): string {
    return said.find((line) => line.includes('"error"') && line.includes(witness.url)) ?? '';
  }
});
