import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Agent,
  DEFAULTS,
  Memory,
  openDoor,
  openStore,
  type ProviderAnswer,
} from '@halligan/device';
import { utf8 } from '@halligan/format';

/** Wall-clock seconds of a machine whose time stands. */
export const WALL = 1_000_000;

/** A machine with a running agent, where Ana has signed in and may enrol what she likes. */
export interface EnrollingMachine {
  readonly folder: string;
  readonly socket: string;
  readonly end: () => Promise<void>;
}

export async function enrollingMachine(): Promise<EnrollingMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-enrolling-'));
  const socket = join(folder, 'run', 'agent.sock');
  const store = openStore(join(folder, 'state'));
  const agent = new Agent({
    configuration: { ...DEFAULTS, enabled: true },
    memory: new Memory(store),
    provider: {
      probe: async () => true,
      signIn: async (name): Promise<ProviderAnswer> => {
        return { answer: 'signed-in', subject: name, kind: 'mfa', keep: true };
      },
    },
    key: new Uint8Array(32),
    cost: { memory: 64, passes: 1, parallelism: 1 },
    read: () => ({ wall: WALL, boot: 'a', uptime: 10 }),
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
    record: async () => undefined,
  });
  const door = await openDoor(agent, socket);
  const ana = { name: 'ana', service: 'login', from: 'local', password: utf8('right') } as const;
  await agent.signIn(ana, { say: () => undefined, ask: async () => undefined });
  return {
    ...{ folder, socket },
    end: async () => {
      await door.close();
      await agent.stop();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
