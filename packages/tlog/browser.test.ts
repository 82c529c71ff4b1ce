import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';
import * as native from './index.ts';

test('runs in a browser: nothing of Node is bundled, and both builds agree', async () => {
  // A `node:` import anywhere below index.ts makes the browser platform's build fail.
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/index.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  const [bundle] = outputFiles;
  assert.ok(bundle);
  const browser: typeof native = await import(
    `data:text/javascript;base64,${bundle.contents.toBase64()}`
  );
  const leaves = Array.from({ length: 9 }, (_, at) => Uint8Array.of(at));
  assert.deepEqual(browser.rootHash(leaves), native.rootHash(leaves));
  const { signer, verifier } = await browser.generateNoteKey('log.example/browser');
  const note = await browser.signNote('Made in a browser.\n', signer);
  assert.equal(await native.signNote('Made in a browser.\n', signer), note);
  assert.deepEqual(
    await browser.verifyNote(note, [verifier]),
    await native.verifyNote(note, [verifier]),
  );
  const text = native.formatCheckpoint({
    origin: 'log.example',
    size: 0,
    root: native.emptyRoot(),
  });
  for (const [maker, reader] of [
    [browser, native],
    [native, browser],
  ] as const) {
    const key = await maker.generateNoteKey('log.example', 'ml-dsa-44');
    const { signatures } = await reader.verifyNote(await maker.signNote(text, key.signer), [
      key.verifier,
    ]);
    assert.equal(signatures.length, 1);
  }
});
