/** `node packages/journal/bench.ts`: how fast this disk and this processor make a journal. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { generateNoteKey } from '@halligan/tlog';
import { inFolder } from './fixture.ts';
import type { EventGroup } from './journal.ts';
import { openJournal } from './sqlite.ts';

const { signer } = await generateNoteKey('bench.example');

function event(mark: number): EventGroup {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    input: { kind: 'bench', at, mark },
    events: [{ type: 'marked', at, text: 'x'.repeat(100) }],
  };
}

async function measure(what: string, count: number, work: () => void | Promise<void>) {
  const started = performance.now();
  await work();
  const perSecond = (1000 * count) / (performance.now() - started);
  console.log(`${what.padEnd(44)} ${Math.round(perSecond).toLocaleString('en')}/s`);
}

await inFolder(async (folder) => {
  await measure('fdatasync after 4 KB', 3000, () => {
    const file = openSync(join(folder, 'raw'), 'w');
    const page = new Uint8Array(4096);
    for (let at = 0; at < 3000; at += 1) {
      writeSync(file, page, 0, page.length, (at % 1000) * page.length);
      fdatasyncSync(file);
    }
    closeSync(file);
  });
  const journal = await openJournal({ folder: join(folder, 'data'), signer });
  let size = 0;
  const append = (count: number) => {
    const expect = size;
    size += count;
    return journal.append(
      Array.from({ length: count }, (_, at) => event(expect + at)),
      expect,
    );
  };
  for (const [batch, rounds] of [
    [1, 3000],
    [10, 2000],
    [100, 1000],
    [1000, 100],
  ] as const) {
    await measure(`entries, ${batch} a commit`, batch * rounds, async () => {
      for (let round = 0; round < rounds; round += 1) await append(batch);
    });
  }
  await measure('entries, 64 writers of one at a time', 64 * 300, async () => {
    const write = async () => {
      for (let round = 0; round < 300; round += 1) await append(1);
    };
    await Promise.all(Array.from({ length: 64 }, write));
  });
  await measure('entries read', size, async () => {
    for await (const _ of journal.read(0));
  });
  await journal.close();
  await measure('entries verified at the start', size, async () => {
    await (await openJournal({ folder: join(folder, 'data'), signer })).close();
  });
});
