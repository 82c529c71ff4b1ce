/**
 * An emergency on a disk whose file system gives up and is read-only from then on, as Linux does it with `errors=remount-ro`.
 * Run where TMPDIR is such a disk of its own. Prints what was seen, as JSON.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openJournal } from '@halligan/journal';
import { emergencyById } from '@halligan/procedure';
import { generateNoteKey } from '@halligan/tlog';
import { liveOpening } from './live-opening.fixture.ts';
import { filesBelow } from './practice-home.fixture.ts';
import { signedNote } from './signed-note.fixture.ts';

const sh = (script: string, ...given: readonly string[]) => {
  const done = spawnSync('sh', ['-ec', script, 'sh', ...given], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
};
/** People's devices are not the server's disk. */
const scene = await liveOpening(async (root) =>
  sh('cp -a "$1" /mnt/people; mount --bind /mnt/people "$1"', join(root, 'practice')),
);
const { leader } = scene.server.parts;
const token = await scene.token('ana');
const authorization = `Bearer ${token}`;

async function note() {
  const response = await fetch(new URL('/v1/statements', scene.server.url), {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(await signedNote(scene, 'ana', 'Seen.')),
  });
  const { code = '', hint = '' } = Object(await response.json());
  return { status: response.status, code: String(code), hint: String(hint) };
}

const look = async (path: string) => {
  const response = await fetch(new URL(path, scene.server.url), { headers: { authorization } });
  return { status: response.status, body: Object(await response.json()) };
};
const traces = () => ({
  size: leader.checkpoint().size,
  notes: emergencyById(leader.state, scene.emergency)?.notes?.length ?? 0,
  blobs: filesBelow(join(scene.root, 'blobs')).length,
});

const { signer } = await generateNoteKey('beside.example');
const beside = await openJournal({ folder: join(scene.root, 'beside'), signer, ballast: 0 });
const group = { input: 'before', events: [] };
await beside.append([group], 0);
const well = await note();
await scene.server.settled();
const before = traces();
sh('mount -o remount,abort "$1"', process.env.TMPDIR ?? '');
const refused = [await note(), await note()];
// Without a text: the record itself is what cannot be written.
const released = await scene.people.attempt('ben', [
  ...['emergency', 'release', scene.emergency, '--check-words', scene.checkWords.join(' ')],
]);
await scene.server.beat();
const health = await look('/healthz');
const read = await look(`/v1/view?since=0&emergency=${scene.emergency}&account=${scene.account}`);
const after = traces();
const appended = await beside.append([group], 1).then(
  () => 'done',
  ({ code, cause }) => [code, cause.code],
);
const kept = (await Array.fromAsync(beside.read(0))).length;
await beside.close();
await scene.server.stop();
console.log(
  JSON.stringify({
    well: well.status,
    refused,
    released: { exit: released.exit, said: released.said },
    health: { status: health.status, ok: health.body.ok, writable: health.body.writable },
    appended,
    kept,
    read: read.status,
    before,
    after,
    log: scene.log,
  }),
);
await scene.people.end();
process.exit(0);
