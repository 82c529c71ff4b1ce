/**
 * A server that kills itself at one moment of its life, without a word: a power cut, at a place that a test chooses.
 * Run as `dying-server.fixture.ts FOLDER MOMENT`, where MOMENT is one of
 *   `journaled TYPE N`  the Nth event of that type is durable, and nobody was told
 *   `stored N`          the Nth blob is durable, and the statement that names it is not journaled
 *   `set FOLDER`        the practice system in that folder has a new password, and the server was not told
 */
import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '@halligan/server';

const [root = '', what = '', which = '', times = '1'] = process.argv.slice(2);
const server = await startServer(root, (line) => console.error(line));
const { leader, blobs } = server.parts;
let left = what === 'stored' ? Number(which) : Number(times);

if (what === 'journaled') {
  const submit = leader.submit.bind(leader);
  leader.submit = async (...input) => {
    const outcome = await submit(...input);
    if ('events' in outcome) {
      left -= outcome.events.filter(({ type }) => type === which).length;
      if (left <= 0) die();
    }
    return outcome;
  };
} else if (what === 'stored') {
  const put = blobs.put.bind(blobs);
  blobs.put = async (bytes) => {
    const name = await put(bytes);
    left -= 1;
    if (left <= 0) die();
    return name;
  };
} else if (what === 'set') {
  const path = join(which, 'accounts.json');
  const before = readFileSync(path, 'utf8');
  watch(which, () => {
    if (readFileSync(path, 'utf8') !== before) die();
  });
}

console.error(`Listening on ${server.url}.`);

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
