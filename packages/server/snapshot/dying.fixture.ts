/**
 * A server that kills itself without a word, run as `dying.fixture.ts FOLDER MOMENT`, where MOMENT is
 *   `writing`    another snapshot has begun to be written
 *   `verifying`  it listens, and the whole record is being verified behind the start
 */
import { mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../start.ts';

const [root = '', moment] = process.argv.slice(2);
const snapshots = join(root, 'snapshots');
if (moment === 'writing') {
  mkdirSync(snapshots, { recursive: true });
  watch(snapshots, () => die());
}
await startServer(root, () => undefined, { snapshotFrom: 4 });
if (moment === 'verifying') die();

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
