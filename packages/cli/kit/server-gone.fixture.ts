import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { foundPractice, furnish, practicePolicy } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { startTarget } from '../practice/targets.ts';
import { type ServerProcess, startServerProcess } from '../server-process.fixture.ts';

/** A practice organisation whose server is gone: five people with their homes, and a kit on a memory stick. */
export interface ServerGone {
  readonly root: string;
  readonly people: People;
  readonly kit: string;
  readonly system: string;
  readonly accounts: readonly string[];
  /** Starts the server again, where it was. */
  readonly comeBack: () => Promise<ServerProcess>;
  /** Ends it like a power cut, once its kits are written. */
  readonly goAway: () => Promise<void>;
  readonly end: () => Promise<void>;
}

export async function serverGone(): Promise<ServerGone> {
  const root = mkdtempSync(join(tmpdir(), 'halligan-gone-'));
  await foundPractice(root, 'x25519');
  const { target } = await startTarget(root, 'practice');
  let server = await startServerProcess(root);
  const learn = async () => {
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
  };
  await learn();
  const people = new People(root);
  const end = async () => {
    await people.end();
    if (server.isRunning()) await server.kill();
    rmSync(root, { recursive: true });
  };
  try {
    await furnish(root, people, target, practicePolicy('x25519'));
    const goAway = async () => {
      await kitIsWhole(people);
      await server.kill();
    };
    await goAway();
    return {
      goAway,
      root,
      people,
      kit: join(root, 'practice', 'kits', 'usb-stick', 'practice.halligan-kit'),
      system: target.address,
      accounts: target.accounts.map(({ id }) => id),
      comeBack: async () => {
        server = await startServerProcess(root);
        await learn();
        return server;
      },
      end,
    };
  } catch (cause) {
    await end();
    throw cause;
  }
}

const status = z.object({ current: z.boolean() });

/** Waits until the kit in its places is of everything that happened. */
async function kitIsWhole(people: People): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1)
    if (status.parse(await people.run('raj', 'kit', 'status')).current) return;
  throw new Error('the kit was not written');
}

/** Passes what one person has to the others, as a file. */
export async function pass(
  { root, people }: Pick<ServerGone, 'root' | 'people'>,
  from: string,
  ...to: readonly string[]
): Promise<string> {
  passed += 1;
  const file = join(root, `message-${passed}.txt`);
  await people.run(from, 'kit', 'send', '--out', file);
  for (const person of to) await people.run(person, 'kit', 'receive', file);
  return file;
}

let passed = 0;
