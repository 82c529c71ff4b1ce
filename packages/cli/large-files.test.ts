/** A file larger than a request of JSON: it goes to the server on its own, is named by a note, and comes back. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPack } from '@halligan/evidence';
import { hex, sha256 } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { checkPlainAttachment, makePlainAttachment, textAttachment } from '@halligan/statement';
import { z } from 'zod';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { program } from './run.fixture.ts';

const MIB = 1 << 20;
let scene: LiveOpening;
let token = '';
before(async () => {
  scene = await liveOpening();
  token = await scene.token('ana');
});
after(() => scene.end());

function pathOf(digest: string, part = ''): string {
  return `/v1/emergencies/${scene.emergency}/attachments/${digest}${part}`;
}

async function put(digest: string, body: Uint8Array, type = 'application/octet-stream') {
  const response = await fetch(new URL(pathOf(digest), scene.server.url), {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: Buffer.from(body),
  });
  const { code = '' } = Object(await response.json());
  return { status: response.status, code: String(code) };
}

function get(path: string) {
  return fetch(new URL(path, scene.server.url), { headers: { authorization: `Bearer ${token}` } });
}

const waiting = () => readdirSync(join(scene.root, 'uploads'));

test('64 MiB go up with a note and come back; the pack says that they travel beside it', async () => {
  const sent = join(scene.root, 'export.csv');
  const content = randomBytes(64 * MIB);
  writeFileSync(sent, content);
  const note = ['note', 'The whole export', '--about', 'observation', '--file', sent];
  await scene.people.run('ana', 'emergency', ...note);
  const notes = emergencyById(scene.server.parts.leader.state, scene.emergency)?.notes ?? [];
  const digest = notes.at(-1)?.text ?? '';
  assert.deepEqual(waiting(), []);
  const json = await get(pathOf(digest));
  assert.deepEqual([json.status, Object(await json.json()).code], [409, 'server.large-attachment']);

  const fetched = join(scene.root, 'fetched.csv');
  const file = ['emergency', 'file', scene.emergency, digest.slice(0, 16), '--out'];
  await scene.people.run('ben', ...file, fetched);
  assert.ok(readFileSync(fetched).equals(content));
  const plain = join(scene.root, 'fetched.plain');
  await scene.people.run('ben', ...file, plain, '--plain');
  assert.equal(hex(sha256(readFileSync(plain))), digest);

  const out = join(scene.root, 'record.zip');
  await scene.people.run('raj', 'emergency', 'evidence', scene.emergency, '--out', out);
  assert.ok(statSync(out).size < 8 * MIB);
  assert.deepEqual(readdirSync(join(scene.root, 'record.files')), [`${digest}.plain`]);
  const pack = readFileSync(out);
  const report = new TextDecoder().decode(openPack(pack).files.get('record.txt'));
  assert.match(report.replace(/\s+/g, ''), new RegExp(`${digest}.plain,${64 * MIB}bytes`));
  assert.deepEqual(
    [await besideOf(out), await besideOf(out, '--files', join(scene.root, 'record.files'))],
    ['NOT PROVEN', 'PASS'],
  );
  // By its hash, whatever it is called and wherever it lies; another file is not it.
  assert.equal(await besideOf(out, '--files', sent, plain), 'PASS');
  assert.equal(await besideOf(out, '--files', sent), 'NOT PROVEN');
});

/** What `halligan verify` says of the one large file. */
async function besideOf(...args: readonly string[]): Promise<string> {
  const { claims } = Object(
    JSON.parse((await program('halligan.ts', ['verify', ...args, '--json'])).out),
  );
  const [said, ...others] = z
    .array(z.object({ verdict: z.string(), claim: z.string() }))
    .parse(claims)
    .filter(({ claim }) => claim.includes('large file'));
  assert.deepEqual(others, []);
  return said?.verdict ?? '';
}

test('where a file cannot go on its own, a larger one is refused with the way on, before anything is sent', async () => {
  const { size } = scene.server.parts.leader.checkpoint();
  const large = join(scene.root, 'screen.mp4');
  writeFileSync(large, new Uint8Array(9 * MIB));
  const declare = ['emergency', 'declare', '--drill', '--cause', 'idp-outage', '--account'];
  const rest = ['--second', 'ben', '--approver', 'dana', '--incident', 'INC-2'];
  const { exit, said } = await scene.people.attempt('mei', [
    ...declare,
    ...['breakglass-admin-2', ...rest, '--reason', 'Nobody can sign in.', '--evidence-file', large],
  ]);
  assert.equal(exit, 1);
  assert.match(said, /screen\.mp4 has 9\.0 MiB: at most 8 MiB/);
  assert.match(said, /\[cli\.too-large\]\nhint: .*halligan emergency note --file/);
  assert.equal(scene.server.parts.leader.checkpoint().size, size);
});

test('what fits in JSON has its plain form, too', async () => {
  await scene.people.run('ana', 'emergency', 'note', 'A line', '--about', 'observation');
  const notes = emergencyById(scene.server.parts.leader.state, scene.emergency)?.notes ?? [];
  const digest = notes.at(-1)?.text ?? '';
  const plain = new Uint8Array(await (await get(pathOf(digest, '/plain'))).arrayBuffer());
  assert.equal(hex(sha256(plain)), digest);
  assert.match(new TextDecoder().decode(checkPlainAttachment(digest, plain).bytes), /^A line/);
});

test('bad uploads are refused with a reason, and nothing of them stays', async () => {
  const { digest, plain } = makePlainAttachment(new Uint8Array(9 * MIB), 'text/plain');
  const other = makePlainAttachment(new Uint8Array(1000), 'text/plain');
  assert.deepEqual(await put(digest, other.plain), {
    status: 400,
    code: 'server.attachment-digest',
  });
  assert.deepEqual(await put(digest, new Uint8Array(500)), {
    status: 400,
    code: 'statement.attachment',
  });
  assert.deepEqual(await put(digest, plain, 'text/html'), {
    status: 415,
    code: 'server.media-type',
  });
  assert.deepEqual(await put(digest, new Uint8Array(64 * MIB + 1000)), {
    status: 413,
    code: 'server.too-large',
  });
  await new Promise<void>((resolve) => {
    const cut = request(new URL(pathOf(digest), scene.server.url), {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/octet-stream',
        'content-length': plain.length,
      },
    });
    cut.on('error', () => resolve());
    cut.write(plain.subarray(0, MIB), () => cut.destroy(new Error('cut')));
  });
  assert.deepEqual(await put(digest, plain), { status: 201, code: '' });
  assert.deepEqual(await put(digest, plain), { status: 201, code: '' });
  assert.deepEqual(
    waiting()
      .filter((name) => !name.startsWith('.'))
      .map((name) => name.split('.')[1]),
    [digest],
  );
});

test('a statement that names what never came in is refused, and the log stays as it is', async () => {
  const { digest } = makePlainAttachment(new Uint8Array(1000), 'text/plain');
  const ana = await scene.device('ana');
  const proven = await ana.prove({ emergency: scene.emergency, account: scene.account });
  const text = textAttachment('Beside it');
  const note = async (named: string) =>
    ana.sign(proven, 'note', {
      subject: scene.emergency,
      purpose: 'drill',
      about: 'observation',
      occurred: new Date().toISOString(),
      text: named,
    });
  const { size } = scene.server.parts.leader.checkpoint();
  await assert.rejects(
    ana.api.post('/v1/statements', { signed: [await note(digest)], uploaded: [digest] }),
    { code: 'server.not-uploaded' },
  );
  await assert.rejects(
    ana.api.post('/v1/statements', { signed: [await note(text.digest)], uploaded: [digest] }),
    { code: 'server.submission' },
  );
  assert.equal(scene.server.parts.leader.checkpoint().size, size);
});
