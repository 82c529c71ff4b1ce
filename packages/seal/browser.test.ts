import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { utf8 } from '@halligan/format';
import { build } from 'esbuild';
import { CREDENTIAL, contoso } from './example.ts';
import {
  checkWords,
  type openShare,
  parseCredential,
  type recoverCredential,
  sealCredential,
} from './index.ts';

test('bundled for a browser, with nothing of Node in it, this room opens what Node sealed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-browser-'));
  try {
    const outfile = join(folder, 'seal.mjs');
    // For this platform esbuild refuses every `node:` import.
    await build({
      entryPoints: [join(import.meta.dirname, 'index.ts')],
      bundle: true,
      platform: 'browser',
      format: 'esm',
      logLevel: 'silent',
      outfile,
    });
    const there: {
      readonly openShare: typeof openShare;
      readonly recoverCredential: typeof recoverCredential;
      readonly checkWords: typeof checkWords;
    } = await import(pathToFileURL(outfile).href);

    const { request, identity } = await contoso('hybrid');
    const seal = await sealCredential(request);
    const shares: Uint8Array[] = [];
    for (const [group, holder] of [
      ['keyholders', 'ana'],
      ['keyholders', 'ben'],
      ['server', 'server'],
    ] as const) {
      const place = { path: 'standard', group, holder };
      shares.push(await there.openShare({ ...place, seal, identity: identity(holder) }));
    }
    const bytes = await there.recoverCredential({ seal, path: 'standard', shares });
    assert.deepEqual(parseCredential(bytes), CREDENTIAL);
    assert.deepEqual(await there.checkWords(utf8('{}')), await checkWords(utf8('{}')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
