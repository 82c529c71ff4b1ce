/** A practice organisation on a real system, made to be fought over. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalliganError, type Json } from '@halligan/format';
import { type Driver, generatePassword, openDriver, parseSystemConfig } from '@halligan/systems';
import { Device } from '../device.ts';
import { PersonHome } from '../person-home.ts';
import {
  foundPractice,
  furnish,
  type PracticeTarget,
  practicePolicy,
} from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { type RunningTarget, startTarget } from '../practice/targets.ts';
import { type ServerProcess, startServerProcess } from '../server-process.fixture.ts';
import { type BadLine, startBadLine } from './bad-line.ts';
import type { Battlefield } from './blows.ts';
import { type LyingLine, startLyingLine } from './lying-line.ts';
import { tongueOf } from './tongue.ts';
import { troublesOf } from './troubles.fixture.ts';

/** Milliseconds that the drivers wait for a system that says nothing. */
const DRIVER_TIMEOUT = 5000;
/** How often an organisation is founded anew: on a loaded machine the first rotations may be slower than that. */
const TRIES = 3;

export interface Fight {
  readonly root: string;
  readonly target: PracticeTarget;
  readonly line: BadLine | undefined;
  /** Reaches the system past the bad line. */
  readonly driver: Driver;
  readonly field: Battlefield;
  server: ServerProcess;
  /** An admin's device, signed in to this server. */
  raj: Device;
}

export interface Scene {
  readonly fight: Fight;
  readonly end: () => Promise<void>;
}

/** A practice organisation on a real system behind a bad line, its accounts armed. */
export async function found(system: string): Promise<Scene> {
  for (let tries = 1; ; tries += 1) {
    const { arm, ...scene } = await sceneOf(system);
    try {
      await arm();
      return scene;
    } catch (error) {
      await scene.end();
      if (tries === TRIES) throw error;
    }
  }
}

async function sceneOf(system: string): Promise<Scene & { readonly arm: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'halligan-fire-'));
  await foundPractice(root, 'x25519');
  const running = await startTarget(root, system);
  const { target } = running;
  const line =
    running.line === undefined
      ? undefined
      : await startBadLine(running.line.host, running.line.port);
  const liar = await liarFor(running);
  const server = await startServerProcess(root);
  await learnAddress(root, server);
  const people = new People(root);
  const driver = await openDriver(parseSystemConfig(target.config), undefined);
  const { name } = firstOf(target);
  const fight: Fight = {
    root,
    target,
    line,
    driver,
    field: {
      line,
      liar,
      troubles: running.inside === undefined ? undefined : troublesOf(running.inside, name),
      // A refusal is what is wanted; that it is locked at last as well.
      tryWrongly: () =>
        driver.prove(name, generatePassword()).then(
          () => undefined,
          () => undefined,
        ),
      killServer: () => replaceServer(fight),
      killRotators: () => rotatorsOf(fight.server.pid).forEach(killIfThere),
    },
    server,
    raj: await rajsDevice(root),
  };
  const config = impatient(
    line === undefined ? target.config : (running.line?.by(line.port) ?? target.config),
  );
  return {
    fight,
    arm: () => furnish(root, people, { ...target, config }, practicePolicy('x25519')),
    end: async () => {
      await people.end();
      await fight.server.stop();
      await driver.close();
      await line?.close();
      await liar?.close();
      await running.stop();
      await rm(root, { recursive: true });
    },
  };
}

/** Settings with a timeout have a short one. */
function impatient(config: Json): Json {
  const settings: Json = Object(config);
  return 'timeout' in Object(config) ? { ...Object(settings), timeout: DRIVER_TIMEOUT } : settings;
}

/** Somebody who stands in for the system, where its protocol is one that we can lie in. */
async function liarFor({ target, line, inside }: RunningTarget): Promise<LyingLine | undefined> {
  if (line === undefined || inside === undefined) return undefined;
  const { folder } = inside.server;
  return startLyingLine({
    host: line.host,
    port: line.port,
    certificate: await readFile(join(folder, 'tls.crt'), 'utf8'),
    key: await readFile(join(folder, 'tls.key'), 'utf8'),
    tongue: tongueOf(inside.kind),
    account: firstOf(target).name,
  });
}

async function learnAddress(root: string, server: ServerProcess): Promise<void> {
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
}

async function replaceServer(fight: Fight): Promise<void> {
  await fight.server.kill();
  fight.server = await startServerProcess(fight.root);
  await learnAddress(fight.root, fight.server);
  fight.raj = await rajsDevice(fight.root);
}

/** Rotators that this server started; none where the moment was before or after their work. */
export function rotatorsOf(server: number): readonly number[] {
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8');
  return children
    .split(' ')
    .filter((pid) => pid !== '' && commandOf(pid).includes('rotator'))
    .map(Number);
}

/** It may end between the look and the blow. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function rajsDevice(root: string): Promise<Device> {
  return new Device(await PersonHome.open(personFolder(root, 'raj')), async () => {
    throw new HalliganError('cli.no-terminal', 'Practice keys have no passphrase.', 'Look at why.');
  });
}

export function firstOf(target: PracticeTarget): { readonly id: string; readonly name: string } {
  const [account] = target.accounts;
  if (account === undefined) throw new Error('a system to practise on has an account');
  return account;
}
