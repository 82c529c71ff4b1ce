/** A journal hashed by several threads: that they do it, what they come to, and that nothing depends on them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hex } from '@halligan/format';
import { generateNoteKey } from '@halligan/tlog';
import { all, change, groups, inFolder } from './fixture.ts';
import { readJournal } from './ledger.ts';
import { hashedByThreads, RangeThreads, usualSharing } from './range-threads.ts';
import { openJournal } from './sqlite.ts';

const { signer, verifier } = await generateNoteKey('log.example');

/** A journal in commits of 1 to 97 entries. */
async function filled(folder: string, size: number): Promise<void> {
  const journal = await openJournal({ folder, signer, ballast: 0 });
  for (let at = 0, count = 1; at < size; count = (count * 5) % 97) {
    const marks = Array.from({ length: Math.min(count, size - at) }, (_, more) => at + more);
    await journal.append(groups(...marks), at);
    at += marks.length;
  }
  await journal.close();
}

/** How many threads are started during some work. */
async function started(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const one = () => {
    count += 1;
  };
  process.on('worker', one);
  try {
    await work();
  } finally {
    process.off('worker', one);
  }
  return count;
}

test('several threads come to the tree of one, whoever opens the journal', () =>
  inFolder(async (folder) => {
    await filled(folder, 1000);
    const one = await readJournal(folder, verifier);
    for (const [threads, width] of [
      [2, 128],
      [3, 1],
      [2, 64],
      [4, 1024],
    ] as const) {
      const tree = await hashedByThreads(folder, 1000, { threads, from: 0, width });
      assert.equal(tree && hex(tree.root()), hex(one.checkpoint().root), `ranges of ${width}`);
    }
    const sharing = { threads: 2, from: 1000, width: 128 };
    for (const open of [
      () => readJournal(folder, verifier, undefined, sharing),
      () => openJournal({ folder, signer, ballast: 0, sharing }),
    ])
      assert.equal(
        await started(async () => {
          const journal = await open();
          assert.deepEqual(journal.checkpoint(), one.checkpoint());
          for (let index = 0; index < 1000; index += 17)
            assert.deepEqual(journal.inclusionProof(index, 1000), one.inclusionProof(index, 1000));
          assert.equal((await all(journal.read(0))).length, 1000);
          await journal.close();
        }),
        2,
      );
    await one.close();
    await (await openJournal({ folder, signer, ballast: 0, sharing })).close();
    // Who closes it last takes the log away: no thread has it open any more.
    assert.equal(existsSync(join(folder, 'journal.db-wal')), false);
    const shorter = { threads: 2, from: 1001, width: 128 };
    const reading = async () => (await readJournal(folder, verifier, undefined, shorter)).close();
    assert.equal(await started(reading), 0);
  }));

test('an empty journal is opened, too', () =>
  inFolder(async (folder) => {
    const sharing = { threads: 2, from: 0, width: 2 };
    const journal = await openJournal({ folder, signer, ballast: 0, sharing });
    assert.equal(journal.checkpoint().size, 0);
    await journal.close();
  }));

test('a short journal, or a machine with one processor, starts none', () =>
  inFolder(async (folder) => {
    await filled(folder, 300);
    assert.equal(await started(async () => (await readJournal(folder, verifier)).close()), 0);
    const { from, threads, width } = usualSharing();
    assert.ok(from > 1000 && threads >= 1 && threads <= 4);
    assert.equal(Math.log2(width) % 1, 0);
    const alone = { threads: 1, from: 0, width: 64 };
    const opened = async () => (await readJournal(folder, verifier, undefined, alone)).close();
    assert.equal(await started(opened), 0);
  }));

test('a journal whose first entries are known starts none', () =>
  inFolder(async (folder) => {
    await filled(folder, 300);
    const sharing = { threads: 2, from: 0, width: 64 };
    const known = await hashedByThreads(folder, 200, sharing);
    assert.ok(known !== undefined);
    const opened = async () => {
      const journal = await openJournal({ folder, signer, ballast: 0, known, sharing });
      assert.equal(journal.checkpoint().size, 300);
      await journal.close();
    };
    assert.equal(await started(opened), 0);
  }));

test('what a writer adds while threads read is read after them', () =>
  inFolder(async (folder) => {
    await filled(folder, 500);
    const sharing = { threads: 2, from: 0, width: 64 };
    const writer = await openJournal({ folder, signer, ballast: 0 });
    let size = 500;
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        await writer.append(groups(size, size + 1), size);
        size += 2;
      }
    })();
    for (let turn = 0; turn < 3; turn += 1) {
      const before = writer.checkpoint().size;
      const reader = await readJournal(folder, verifier, undefined, sharing);
      const { size: read, root } = reader.checkpoint();
      assert.ok(read >= before);
      assert.deepEqual(reader.consistencyProof(500, read), writer.consistencyProof(500, read));
      assert.equal(root.length, 32);
      await reader.close();
    }
    isOver = true;
    await writing;
    await writer.close();
  }));

for (const fault of [
  'ends',
  'throws',
  'ends when asked',
  'throws when asked',
  'hands back no range',
  'hands back a part of a range',
])
  test(`a thread that ${fault} has hashed nothing`, async () => {
    const program = join(import.meta.dirname, 'ending-thread.fixture.ts');
    const threads = new RangeThreads(program, fault, 2);
    await assert.rejects(threads.hash(6, 2));
    await threads.end();
  });

test('a thread whose program is not there has hashed nothing', async () => {
  const threads = new RangeThreads(join(import.meta.dirname, 'nothing.ts'), '', 2);
  await assert.rejects(threads.hash(6, 2));
  await threads.end();
});

test('where no thread may be started, one does it all, and says what is wrong', () =>
  inFolder(async (folder) => {
    await filled(folder, 300);
    const read = (...also: readonly string[]) => {
      const program = `
        import { readJournal } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
        const sharing = { threads: 2, from: 0, width: 64 };
        let started = 0;
        process.on('worker', () => { started += 1; });
        const say = ({ size, code, message }) => console.log(JSON.stringify({ started, size, code, message }));
        await readJournal(process.argv[1], process.argv[2], undefined, sharing)
          .then((journal) => say(journal.checkpoint()), say);`;
      const flags = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', ...also];
      const argv = [...flags, '--input-type=module', '--eval', program, folder, verifier];
      const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
      assert.notEqual(stdout, '', stderr);
      return JSON.parse(stdout);
    };
    assert.deepEqual(read('--allow-worker'), { started: 2, size: 300 });
    assert.deepEqual(read(), { started: 0, size: 300 });
    change(folder, 'DELETE FROM entries WHERE entry = 123');
    const { code, message } = read();
    assert.equal(code, 'journal.corrupt');
    assert.match(message, /Entry 123 is missing/);
  }));
