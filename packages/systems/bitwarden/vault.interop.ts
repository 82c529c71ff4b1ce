/** Bitwarden's own client, the real one, as far as it goes without a server: Bitwarden's service cannot be had here. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { utf8 } from '@halligan/format';
import { refuses } from '../contract.ts';
import { parseVaultStore } from '../vault/settings.ts';
import { fetchEntry } from '../vault/store.ts';

const VERSION = '2026.9.0';
const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'halligan',
  `bitwarden-cli-${VERSION}`,
);

let folder: string;
let program: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-bitwarden-'));
  const script = join(cache, 'node_modules/@bitwarden/cli/build/bw.js');
  if (!existsSync(script)) {
    await mkdir(cache, { recursive: true });
    const asked = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', cache];
    assert.equal((await run('npm', [...asked, `@bitwarden/cli@${VERSION}`])).exit, 0);
  }
  program = join(folder, 'bw');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`, {
    mode: 0o755,
  });
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function run(file: string, argv: readonly string[], data = folder) {
  const env = { ...process.env, BITWARDENCLI_APPDATA_DIR: data };
  const child = spawn(file, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(part));
  const [exit] = await once(child, 'close');
  return { exit, said: Buffer.concat(said).toString('utf8') };
}

describe('Bitwarden’s own client', () => {
  test('is the version that is spoken of, and signed out it says so', async () => {
    const data = join(folder, 'nobody');
    await mkdir(data);
    const { said } = await run(program, ['--version'], data);
    assert.ok(said.includes(VERSION), said.slice(0, 500));
    assert.match((await run(program, ['status'], data)).said, /"status":"unauthenticated"/);
    const store = parseVaultStore({ kind: 'bitwarden', program, data, timeout: 120_000 });
    await refuses('systems.vault-signed-out', () => fetchEntry(store, utf8('any'), 'dc'));
  });
});
