/**
 * An emergency on a disk that fills up, run where TMPDIR is a small disk of its own. Prints what was seen, as JSON.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emergencyById } from '@halligan/procedure';
import { makePlainAttachment } from '@halligan/statement';
import { liveOpening } from './live-opening.fixture.ts';
import { filesBelow } from './practice-home.fixture.ts';
import { signedNote } from './signed-note.fixture.ts';

const scene = await liveOpening(async (root) => peopleElsewhere(join(root, 'practice')));
const { leader } = scene.server.parts;
const filling = join(process.env.TMPDIR ?? '', 'filling');

/** People's devices are not the server's disk: in this process's own mount namespace they get one of their own. */
function peopleElsewhere(folder: string): void {
  const script = 'cp -a "$1" /mnt/people; mount --bind /mnt/people "$1"';
  const done = spawnSync('sh', ['-ec', script, 'sh', folder], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
}

/** Takes what is free, to the last block. */
function fill(): void {
  let bytes = 1 << 20;
  for (let at = 0; bytes >= 4096; at += 1) {
    try {
      writeFileSync(`${filling}${at}`, new Uint8Array(bytes));
    } catch {
      bytes /= 2;
    }
  }
}

function free(): void {
  for (let at = 0; at < 2000; at += 1) rmSync(`${filling}${at}`, { force: true });
}

/** A long note of ana's. */
const note = () => signedNote(scene, 'ana', 'Seen. '.repeat(200_000));

const token = await scene.token('ana');
async function send(body: unknown) {
  const response = await fetch(new URL('/v1/statements', scene.server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { code = '', hint = '' } = Object(await response.json());
  return { status: response.status, code: String(code), hint: String(hint) };
}

/** A large file, which takes no part of the reserve. */
const large = makePlainAttachment(new Uint8Array(20 << 20), 'text/plain');
async function upload() {
  const path = `/v1/emergencies/${scene.emergency}/attachments/${large.digest}`;
  const response = await fetch(new URL(path, scene.server.url), {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: Buffer.from(large.plain),
  });
  const { code = '' } = Object(await response.json());
  return { status: response.status, code, left: filesBelow(join(scene.root, 'uploads')).length };
}

const traces = () => ({
  size: leader.checkpoint().size,
  notes: emergencyById(leader.state, scene.emergency)?.notes?.length ?? 0,
  blobs: filesBelow(join(scene.root, 'blobs')).filter((path) => !path.endsWith('.tmp')).length,
});

fill();
const tooFull = await upload();
let taken = 0;
let last = await note();
let before = traces();
let refused = await send(last);
while (refused.status === 201 && taken < 200) {
  taken += 1;
  last = await note();
  before = traces();
  refused = await send(last);
}
const after = traces();
const alive = (await fetch(new URL('/healthz', scene.server.url))).status;
free();
const again = await send(last);
const fits = await upload();
await scene.people.run(
  'ben',
  'emergency',
  'release',
  scene.emergency,
  '--check-words',
  scene.checkWords.join(' '),
);
await scene.server.settled();
const releases = emergencyById(leader.state, scene.emergency)?.openings[0]?.releases.length ?? 0;
console.log(
  JSON.stringify({ taken, refused, before, after, alive, again, tooFull, fits, releases }),
);
spawnSync('umount', ['--lazy', join(scene.root, 'practice')]);
await scene.end();
