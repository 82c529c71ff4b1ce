import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emergencyById } from '@halligan/procedure';
import { type Clocks, type RunningServer, startServer } from '@halligan/server';
import { signSignIn } from '@halligan/statement';
import { z } from 'zod';
import { Device } from './device.ts';
import { PersonHome } from './person-home.ts';
import { foundPractice, furnish, practicePolicy } from './practice/organisation.ts';
import { PEOPLE, People, personFolder } from './practice/people.ts';
import { startTarget } from './practice/targets.ts';
import { recorded } from './tree/recorded.fixture.ts';

/** A practice organisation in the middle of a drill: ana has asked for the shares, nobody has released one. */
export interface LiveOpening {
  readonly root: string;
  readonly server: RunningServer;
  readonly people: People;
  readonly emergency: string;
  readonly account: string;
  /** Where the system is. */
  readonly address: string;
  readonly request: string;
  readonly checkWords: readonly string[];
  /** Everything that the server said. */
  readonly log: readonly string[];
  /** A person's device in this process. */
  readonly device: (person: string) => Promise<Device>;
  /** What a person's command prints, as JSON, on a device of their own. */
  readonly as: (person: string, ...argv: readonly string[]) => ReturnType<typeof recorded>;
  /** A fresh session of a person. */
  readonly token: (person: string) => Promise<string>;
  readonly end: () => Promise<void>;
}

/**
 * @param prepare what is done to the data folder before the server starts
 * @param system which system to practise on
 * @throws `systems.component-missing`
 */
export async function liveOpening(
  prepare: (root: string) => Promise<void> = async () => undefined,
  clocks?: Clocks,
  system = 'practice',
): Promise<LiveOpening> {
  const root = mkdtempSync(join(tmpdir(), 'halligan-opening-'));
  const { target, stop } = await startTarget(root, system);
  await foundPractice(root, 'x25519');
  await prepare(root);
  const log: string[] = [];
  const server = await startServer(root, (line) => void log.push(line), {
    level: 'warning',
    ...(clocks === undefined ? {} : { clocks }),
  });
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
  const people = new People(root);
  const end = async () => {
    await people.end();
    await server.stop();
    await stop();
    rmSync(root, { recursive: true });
  };
  try {
    await furnish(root, people, target, practicePolicy('x25519'));
    const account = target.accounts[0]?.id ?? '';
    const { emergency } = z
      .object({ emergency: z.string() })
      .parse(await people.run('ana', ...DECLARE, '--account', account));
    await people.run('dana', 'emergency', 'approve', emergency);
    await people.run('ben', 'emergency', 'take-part', emergency, '--together', 'video');
    const { checkWords } = z
      .object({ checkWords: z.array(z.string()) })
      .parse(await people.run('ana', 'emergency', 'open', emergency));
    await server.settled();
    const request = emergencyById(server.parts.leader.state, emergency)?.openings[0]?.request ?? '';
    const device = async (person: string) =>
      new Device(await PersonHome.open(personFolder(root, person)), async () => '');
    const token = async (person: string) => tokenOf(server.url, await device(person));
    const { address } = target;
    const known = { root, server, people, emergency, account, request, checkWords, log, address };
    const as = (person: string, ...argv: readonly string[]) =>
      recorded([...argv, '--json'], {
        HALLIGAN_PERSON_HOME: personFolder(root, person),
        HALLIGAN_HOME: join(root, 'none'),
      });
    return { ...known, as, device, token, end };
  } catch (cause) {
    await end();
    throw cause;
  }
}

const DECLARE = [
  ...['emergency', 'declare', '--drill', '--cause', 'idp-outage'],
  ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-1'],
  ...['--reason', 'Nobody can sign in.', '--evidence', 'status page'],
];

/** Signs in as a device does, and keeps the answer, so that a test may send it again. */
export async function answerTo(challenge: string, device: Device) {
  const { signing } = await device.keys();
  const { person } = device;
  const at = { origin: device.home.pins.origin, person };
  return { person, challenge, signature: await signSignIn(challenge, at, signing) };
}

async function tokenOf(url: string, device: Device): Promise<string> {
  const post = async (path: string, body: unknown): Promise<unknown> =>
    (
      await fetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json();
  const { challenge } = z
    .object({ challenge: z.string() })
    .parse(await post('/v1/sign-in/challenge', {}));
  return z
    .object({ token: z.string() })
    .parse(await post('/v1/sign-in', await answerTo(challenge, device))).token;
}
