/** Sign-ins on a disk that fills up: `FOLDER` is a small disk of its own. Prints what was seen, as JSON. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HalliganError, utf8 } from '@halligan/format';
import {
  Charges,
  DEFAULTS,
  type Desk,
  KEY_TOOLS,
  Memory,
  NO_CONVERSATION,
  openStore,
  sealedStore,
  signIn,
} from '../index.ts';

const folder = process.argv[2] ?? '';
const key = new Uint8Array(32);
const fillings: string[] = [];

/** Takes what is free, to the last block. */
function fill(): void {
  let bytes = 1 << 18;
  while (bytes >= 1024) {
    const file = join(folder, `filling${fillings.length}`);
    fillings.push(file);
    try {
      writeFileSync(file, new Uint8Array(bytes));
    } catch {
      bytes /= 2;
    }
  }
}

let isReachable = true;
let store = openStore(join(folder, 'state'));
const desk: Omit<Desk, 'memory'> & { memory: Memory } = {
  configuration: { ...DEFAULTS, enabled: true },
  memory: new Memory(sealedStore(store, key)),
  provider: {
    probe: async () => isReachable,
    signIn: async (name) =>
      isReachable
        ? { answer: 'signed-in', subject: name, kind: 'mfa', keep: true }
        : { answer: 'unreachable' },
  },
  ...{ charges: new Charges(), key, tools: KEY_TOOLS },
  cost: { memory: 64, passes: 1, parallelism: 1 },
  read: () => ({ wall: 1_000_000, boot: 'a', uptime: 10 }),
  random: (size) => crypto.getRandomValues(new Uint8Array(size)),
  groupsOf: async () => [],
};

async function attempt(): Promise<string> {
  const asked = { name: 'ana', service: 'login', from: 'local', password: utf8('right') } as const;
  try {
    const outcome = await signIn(desk, asked, NO_CONVERSATION);
    return outcome.let === 'in' ? 'in' : outcome.why;
  } catch (error) {
    return error instanceof HalliganError ? error.code : String(error);
  }
}

/** What is on the disk, to a program that starts. */
function counted(): number {
  store.close();
  store = openStore(join(folder, 'state'));
  desk.memory = new Memory(sealedStore(store, key));
  return desk.memory.window()?.signIns ?? 0;
}

const before = [await attempt()];
isReachable = false;
const window = { openedAt: 1_000_000, endsAt: 1_007_200, by: 'root', why: 'It is down.' };
desk.memory.change({ window });
before.push(await attempt());
fill();
const full: string[] = [];
for (let turn = 0; turn < 30; turn += 1) full.push(await attempt());
for (const file of fillings) rmSync(file, { force: true });
const kept = counted();
const after = await attempt();
process.stdout.write(JSON.stringify({ before, full, kept, after, more: counted() }));
store.close();
