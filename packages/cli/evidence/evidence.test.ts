/** Records of a practice organisation: signed on paper, held, erased. Every command as a person runs it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { openPack } from '@halligan/evidence';
import { utf8Text } from '@halligan/format';
import { z } from 'zod';
import { serverChecks } from '../doctor/server-checks.ts';
import { type LiveOpening, liveOpening } from '../live-opening.fixture.ts';
import { runDrill } from '../practice/drill.ts';
import { Narrator } from '../practice/narrator.ts';
import { startTarget } from '../practice/targets.ts';
import { program } from '../run.fixture.ts';

suite('a record signed on paper', () => {
  let scene: LiveOpening;
  const paths: string[] = [];
  before(async () => {
    scene = await liveOpening();
    const { people, emergency, checkWords, root } = scene;
    for (const who of ['ana', 'ben'])
      await people.run(
        who,
        'emergency',
        'release',
        emergency,
        '--check-words',
        checkWords.join(' '),
      );
    await people.run('ana', 'emergency', 'sign-in', emergency);
    await people.run('ana', 'emergency', 'end', emergency);
    // Until then the record goes on by itself.
    await people.run('ana', 'emergency', 'await-reset', emergency);
    for (const page of [1, 2]) {
      const path = join(root, `scan-${page}.png`);
      writeFileSync(path, `page ${page}, signed by hand`);
      paths.push(path);
    }
  });
  after(() => scene.end());

  test('is printed from what the device proved, with lines for both', async () => {
    const { people, emergency, root } = scene;
    const out = join(root, 'record.pdf');
    await people.run('ana', 'evidence', 'paper', emergency, '--out', out);
    assert.equal(readFileSync(out).subarray(0, 5).toString(), '%PDF-');
    const again = join(root, 'again.pdf');
    await people.run('ben', 'evidence', 'paper', emergency, '--out', again);
    assert.deepEqual(readFileSync(again), readFileSync(out));
  });

  test('comes back as scans that both sign; the second only for the same files', async () => {
    const { people, emergency, root } = scene;
    await people.run('ana', 'evidence', 'pages', emergency, ...paths);
    const wrong = await people.attempt('ben', [
      'evidence',
      'pages',
      emergency,
      ...paths.toReversed(),
    ]);
    assert.match(wrong.said, /Page 1 is not the file that was sent.*\[cli\.pages\]/);
    const fewer = await people.attempt('ben', ['evidence', 'pages', emergency, ...paths, ...paths]);
    assert.match(fewer.said, /2 pages were sent; you gave 4/);
    await people.run('ben', 'evidence', 'pages', emergency, ...paths);
    await people.run('ana', 'emergency', 'submit', emergency, '--reference', 'safe A');
    const out = join(root, 'pages.zip');
    await people.run('raj', 'evidence', 'pack', emergency, '--out', out);
    const { code, out: claims } = await program('halligan.ts', ['evidence', 'verify', out]);
    assert.equal(code, 0, claims);
    assert.match(claims, /signed by ana and ben\) +these 2 scans are the pages of the record/);
    assert.match(claims, /PASS \(cryptographic\) +report.pdf is the record, printed again here/);
    const text = utf8Text(openPack(readFileSync(out)).files.get('record.txt') ?? new Uint8Array());
    assert.match(text, /^Signed on paper, page by page:\n {2}- \[file, image\/png, \d+ bytes/m);
  });
});

suite('a record that is held, and then erased', () => {
  let scene: LiveOpening;
  let emergency = '';
  const words = 'Support staff cannot sign in';
  before(async () => {
    scene = await liveOpening();
    const { people, root } = scene;
    await people.run(
      'ana',
      'emergency',
      'abort',
      scene.emergency,
      '--reason',
      'Another one follows.',
    );
    const { target } = await startTarget(root, 'practice');
    ({ emergency } = await runDrill(root, people, target, new Narrator(() => undefined)));
    await scene.server.settled();
  });
  after(() => scene.end());

  const pack = () =>
    join(scene.root, 'evidence', `drill-${scene.account}-${emergency.slice(0, 12)}.zip`);
  const key = () => join(scene.root, 'keys', 'subjects', `${emergency}.key`);

  test('a hold takes two people, and bars an erasure', async () => {
    const { people } = scene;
    await people.run('raj', 'evidence', 'hold', emergency, '--reason', 'A lawsuit.');
    await people.run('dana', 'evidence', 'hold', emergency, '--sign', '--yes');
    const barred = ['evidence', 'erase', emergency, '--ground', 'by-mistake', '--yes'];
    assert.match((await people.attempt('raj', barred)).said, /\[keeping\.hold\]/);
    await people.run('dana', 'evidence', 'release-hold', emergency, '--reason', 'Settled.');
    const listed = async () => {
      const shown = z.object({ records: z.array(z.looseObject({ id: z.string() })) });
      const { records } = shown.parse(await people.run('raj', 'evidence', 'list'));
      return records.find(({ id }) => id === emergency);
    };
    assert.equal((await listed())?.holds, 1);
    await people.run('raj', 'evidence', 'release-hold', emergency, '--sign', '--yes');
    const free = await listed();
    assert.equal(free?.holds, 0);
    const closed = Date.parse(String(free?.closed));
    const years = (Date.parse(String(free?.keptUntil)) - closed) / (365.25 * 86_400_000);
    assert.equal(Math.round(years * 100) / 100, 7);
  });

  test('nobody erases without typing, alone, or before the retention is over without a ground', async () => {
    const { people } = scene;
    const erase = ['evidence', 'erase', emergency, '--ground'];
    assert.match(
      (await people.attempt('raj', [...erase, 'by-mistake'])).said,
      /\[cli\.no-terminal\]/,
    );
    assert.match(
      (await people.attempt('raj', [...erase, 'retention-over', '--yes'])).said,
      /This record is kept until \d{4}-\d\d-\d\d\. \[keeping\.retention\]/,
    );
    assert.match(
      (await people.attempt('ana', [...erase, 'by-mistake', '--yes'])).said,
      /\[keeping\.keeper\]/,
    );
    assert.ok(existsSync(key()));
    assert.ok(readFileSync(pack()).toString('latin1').includes(words));
  });

  test('two people erase it: key and texts are gone, the log verifies, the pack says who and when', async () => {
    const { people, root, server } = scene;
    const ground = ['--ground', 'data-subject', '--reference', 'DSR-17', '--yes'];
    await people.run('raj', 'evidence', 'erase', emergency, ...ground);
    assert.ok(existsSync(key()));
    await people.run('dana', 'evidence', 'erase', emergency, '--sign', '--yes');
    await server.settled();
    assert.ok(!existsSync(key()));
    const bytes = readFileSync(pack());
    assert.ok(!bytes.toString('latin1').includes(words));
    const text = utf8Text(openPack(bytes).files.get('record.txt') ?? new Uint8Array());
    assert.match(text, /^Reason for invocation: \[erased /m);
    assert.match(text, /ordered by raj and dana, .*: data-subject, DSR-17/);
    const { code, out } = await program('halligan.ts', ['verify', pack()]);
    assert.equal(code, 0, out);
    assert.match(
      out,
      /NOT PROVEN \(erased \d{4}-\d\d-\d\d\) +what \d+ of \d+ texts and files said/,
    );
    const late = ['evidence', 'addendum', emergency, 'One more word.', '--to', emergency];
    assert.match((await people.attempt('ana', late)).said, /\[keeping\.erased\]/);
    const shown = await people.run('ana', 'evidence', 'show', emergency);
    assert.match(JSON.stringify(shown), /"ground":"data-subject"/);
    assert.ok(existsSync(join(root, 'keys', 'subjects', `${emergency}.erased`)));
    const texts = (await serverChecks(root)).find(({ check }) => check === 'texts and files');
    assert.equal(texts?.level, 'ok', 'nobody misses what was erased');
  });
});
