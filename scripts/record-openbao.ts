/**
 * Records what a real OpenBao answers, scene by scene: `node scripts/record-openbao.ts`. Each scene gets a vault of its
 * own, which is gone afterwards: every secret in a recording is a throw-away value of it.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startOpenbao } from '@halligan/systems';
import { type Exchange, recordVault } from '../packages/systems/openbao/recorded-vault.fixture.ts';
import { SCENES } from '../packages/systems/openbao/scenes.fixture.ts';

const NOTE =
  'Recorded by scripts/record-openbao.ts. Every secret here is a throw-away value of a practice vault that is gone.';
const folder = join(dirname(import.meta.dirname), 'packages/systems/openbao/recorded');
await mkdir(folder, { recursive: true });
for (const { name, prepare, play } of SCENES) {
  const work = await mkdtemp(join(tmpdir(), 'halligan-recording-'));
  const vault = await startOpenbao({ folder: work });
  try {
    const given = await prepare(vault);
    const exchanges: Exchange[] = [];
    const proxy = await recordVault(vault.address, exchanges);
    await play(proxy.url, (one) => given[one] ?? '').finally(() => proxy.stop());
    const recording = { note: NOTE, vault: 'OpenBao 2.7.2', given, exchanges };
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(recording, null, 2)}\n`);
    console.log(`${name}: ${exchanges.length} exchanges`);
  } finally {
    await vault.stop();
    await rm(work, { recursive: true, force: true });
  }
}
