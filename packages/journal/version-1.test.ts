import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sha256, utf8 } from '@halligan/format';
import { generateNoteKey } from '@halligan/tlog';
import { change, groups, inFolder, marks } from './fixture.ts';
import { readJournal } from './ledger.ts';
import { cannotMount, runMounted } from './mount.ts';
import { hashedByThreads } from './range-threads.ts';
import { openJournal, type SqliteJournal } from './sqlite.ts';

/** The key that signed the golden journal. */
const { signer, verifier } = await generateNoteKey('log.example', 'ed25519', () =>
  sha256(utf8('the key of a golden journal')),
);
const open = (folder: string): Promise<SqliteJournal> =>
  openJournal({ folder, signer, ballast: 0 });

/** What version 1 wrote for `fillAndClose`, as SQL: entries 0 and 1, then 2 to 4 in one commit, then 5. */
const golden = await readFile(join(import.meta.dirname, 'golden/version-1.sql'), 'utf8');

function inGolden(work: (folder: string) => Promise<void>): () => Promise<void> {
  return () =>
    inFolder(async (folder) => {
      change(folder, golden);
      await work(folder);
    });
}

function ask(folder: string, sql: string): unknown {
  using database = new DatabaseSync(join(folder, 'journal.db'), { readOnly: true });
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

test(
  'a journal of version 1 is read as it is, and stays so',
  inGolden(async (folder) => {
    const before = await readFile(join(folder, 'journal.db'));
    const reader = await readJournal(folder, verifier);
    assert.equal(reader.checkpoint().size, 6);
    assert.equal(
      reader.checkpoint().note,
      ask(folder, 'SELECT max(note) FROM checkpoints WHERE size = 6'),
    );
    assert.deepEqual(await marks(reader.read(0)), [0, 1, 2, 3, 4, 5]);
    await reader.close();
    assert.deepEqual(await readFile(join(folder, 'journal.db')), before);
  }),
);

test('also on a read-only disk', { skip: cannotMount }, () =>
  inFolder(async (folder) => {
    change(folder, golden);
    const found = runMounted(
      folder,
      'mount --bind "$folder" "$folder"; mount -o remount,ro,bind "$folder"',
      `import { readJournal } from './index.ts';
      import { marks } from './fixture.ts';
      const journal = await readJournal(process.env.folder, ${JSON.stringify(verifier)});
      console.log(JSON.stringify(await marks(journal.read(0))));`,
    );
    assert.deepEqual(found, [0, 1, 2, 3, 4, 5]);
  }),
);

test(
  'several threads come to its tree, too',
  inGolden(async (folder) => {
    const reader = await readJournal(folder, verifier);
    const { root } = reader.checkpoint();
    await reader.close();
    const tree = await hashedByThreads(folder, 6, { threads: 2, from: 0, width: 2 });
    assert.deepEqual(tree?.root(), root);
  }),
);

test(
  'goes on as version 2, with everything that was signed where it was',
  inGolden(async (folder) => {
    const signed = () => ask(folder, 'SELECT group_concat(note) FROM checkpoints');
    const before = signed();
    const journal = await open(folder);
    await journal.append(groups(6), 6);
    await journal.append(groups(7, 8), 7);
    const after = journal.checkpoint();
    await journal.close();
    assert.equal(ask(folder, 'PRAGMA user_version'), 2);
    assert.equal(signed(), before);
    assert.equal(ask(folder, 'SELECT count(*) FROM entries WHERE checkpoint IS NOT NULL'), 2);
    for (const reopened of [await open(folder), await readJournal(folder, verifier)]) {
      assert.deepEqual(reopened.checkpoint(), after);
      assert.deepEqual(await marks(reopened.read(0)), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
      await reopened.close();
    }
  }),
);

test(
  'its last checkpoint is signed again by a key that follows',
  inGolden(async (folder) => {
    const next = await generateNoteKey('log.example');
    const taken = { folder, signer: next.signer, follows: verifier, ballast: 0 };
    await (await openJournal(taken)).close();
    const reader = await readJournal(folder, next.verifier);
    assert.equal(reader.checkpoint().size, 6);
    await reader.close();
    await assert.rejects(readJournal(folder, verifier), { code: 'journal.origin' });
  }),
);

const tampered: readonly (readonly [string, string, RegExp])[] = [
  ['the last entry gone', 'DELETE FROM entries WHERE entry = 5', /Entry 5 is missing/],
  ['all entries gone', 'DELETE FROM entries', /Entry 0 is missing/],
  ['the last checkpoint gone', 'DELETE FROM checkpoints WHERE size = 6', /Entry 5 is there/],
  [
    'an earlier checkpoint changed',
    "UPDATE checkpoints SET note = replace(note, '5', '3') WHERE size = 5",
    /[Cc]heckpoint 5/,
  ],
  [
    'two entries swapped',
    'UPDATE entries SET entry = 9 WHERE entry = 0; UPDATE entries SET entry = 0 WHERE entry = 1; UPDATE entries SET entry = 1 WHERE entry = 9',
    /Entry 0,/,
  ],
];
for (const [what, sql, message] of tampered) {
  test(
    `tampered with, it does not open, and stays as it was found: ${what}`,
    inGolden(async (folder) => {
      change(folder, sql);
      const sharing = { threads: 2, from: 0, width: 2 };
      for (const opening of [
        () => open(folder),
        () => readJournal(folder, verifier),
        () => openJournal({ folder, signer, ballast: 0, sharing }),
        () => readJournal(folder, verifier, undefined, sharing),
      ])
        await assert.rejects(opening(), { code: 'journal.corrupt', message });
      assert.equal(ask(folder, 'PRAGMA user_version'), 1);
    }),
  );
}
