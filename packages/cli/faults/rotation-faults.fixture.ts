/**
 * Rotations under fire: a real system, a real server with its rotator, and at a random moment of each rotation one
 * blow. Afterwards the account must open with exactly one sealed version that Halligan names, or be marked exposed with
 * every candidate sealed and in the kits.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HalliganError, type Json } from '@halligan/format';
import { type Account, dueEffects, lastVersion, type State } from '@halligan/procedure';
import { type Driver, openDriver, parseSystemConfig } from '@halligan/systems';
import { Device } from '../device.ts';
import { PersonHome } from '../person-home.ts';
import {
  foundPractice,
  furnish,
  type PracticeTarget,
  practicePolicy,
} from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { startTarget } from '../practice/targets.ts';
import { type ServerProcess, startServerProcess } from '../server-process.fixture.ts';
import { type BadLine, startBadLine } from './bad-line.ts';
import { type Candidate, candidatesOf } from './candidates.fixture.ts';

/** After so many rotations an organisation is founded anew: devices replay all of an account's record. */
const ROTATIONS_PER_ORGANISATION = 40;
/** Milliseconds that a rotation may take to come to rest, on a loaded machine. */
const PATIENCE = 120_000;
/** Milliseconds that the drivers wait for a system that says nothing. */
const DRIVER_TIMEOUT = 2000;

/** What can happen in the middle of a rotation. */
export const BLOWS = ['server', 'rotator', 'cut', 'cut-answer', 'silence'] as const;
export type Blow = (typeof BLOWS)[number];

export interface RotationReport {
  readonly rotations: number;
  /** How often each blow fell, and how often the account was left exposed until a person asked again. */
  readonly blows: Readonly<Record<Blow, number>>;
  readonly exposed: number;
  /** What was found wrong, in words. Empty where all is well. */
  readonly wrong: readonly string[];
}

interface Fight {
  readonly root: string;
  readonly target: PracticeTarget;
  readonly line: BadLine | undefined;
  /** Reaches the system past the bad line. */
  readonly driver: Driver;
  server: ServerProcess;
  /** An admin's device, signed in to this server. */
  raj: Device;
}

/** Rotates under fire. @param progress hears of each rotation */
export async function rotationFaults(
  system: string,
  rotations: number,
  progress: (line: string) => void,
): Promise<RotationReport> {
  const blows: Record<Blow, number> = {
    server: 0,
    rotator: 0,
    cut: 0,
    'cut-answer': 0,
    silence: 0,
  };
  const wrong: string[] = [];
  let [done, exposed] = [0, 0];
  while (done < rotations) {
    const round = Math.min(ROTATIONS_PER_ORGANISATION, rotations - done);
    await inOrganisation(system, async (fight) => {
      const span = await calmRotation(fight);
      for (let at = 0; at < round; at += 1) {
        const blow = chosenBlow(fight);
        const { faults, wasExposed } = await rotateUnder(fight, blow, randomInt(Math.ceil(span)));
        blows[blow] += 1;
        done += 1;
        if (wasExposed) exposed += 1;
        wrong.push(...faults.map((what) => `rotation ${done} (${blow}): ${what}`));
        progress(
          `rotation ${done}/${rotations} ${blow}: ${exposed} exposed, ${wrong.length} wrong`,
        );
      }
    });
  }
  return { rotations, blows, exposed, wrong };
}

/** A practice organisation on a real system behind a bad line, its accounts armed. Taken down afterwards. */
async function inOrganisation(
  system: string,
  fight: (scene: Fight) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'halligan-fire-'));
  await foundPractice(root, 'x25519');
  const { target, stop } = await startTarget(root, system);
  const port = Number(URL.parse(target.address)?.port ?? 0);
  const line = port > 0 ? await startBadLine(port) : undefined;
  const server = await startServerProcess(root);
  await learnAddress(root, server);
  const people = new People(root);
  const scene: Fight = {
    root,
    target,
    line,
    driver: openDriver(parseSystemConfig(target.config), undefined),
    server,
    raj: await rajsDevice(root),
  };
  try {
    const through =
      line === undefined ? target : { ...target, config: reached(target.config, port, line.port) };
    await furnish(root, people, through, practicePolicy('x25519'));
    await fight(scene);
  } finally {
    await people.end();
    await scene.server.stop();
    await scene.driver.close();
    await line?.close();
    await stop();
    await rm(root, { recursive: true });
  }
}

/** The settings of a system, by another port, and impatient. */
function reached(config: Json, from: number, to: number): Json {
  const moved: unknown = JSON.parse(JSON.stringify(config).replaceAll(String(from), String(to)));
  return { ...Object(moved), timeout: DRIVER_TIMEOUT };
}

async function learnAddress(root: string, server: ServerProcess): Promise<void> {
  for (const id of Object.keys(PEOPLE))
    await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
}

function chosenBlow({ line }: Fight): Blow {
  const possible = line === undefined ? BLOWS.slice(0, 2) : BLOWS;
  return possible[randomInt(possible.length)] ?? 'server';
}

/** A rotation that nothing disturbs. @returns how long it takes, milliseconds */
async function calmRotation(fight: Fight): Promise<number> {
  const began = performance.now();
  await askForRotation(fight);
  await atRest(fight);
  return performance.now() - began;
}

/** One rotation with a blow at a moment of it, and what was found wrong afterwards. */
async function rotateUnder(
  fight: Fight,
  blow: Blow,
  moment: number,
): Promise<{ readonly faults: readonly string[]; readonly wasExposed: boolean }> {
  if (blow === 'cut-answer') fight.line?.cutAfter(randomInt(6000));
  await askForRotation(fight);
  await pause(moment);
  await strike(fight, blow);
  const after = await atRest(fight);
  fight.line?.mend();
  const faults = [...(await faultsOf(fight, after))];
  const wasExposed = after.state === 'exposed';
  // A person asks again, once the system is back: the account must be armed by that.
  if (wasExposed) {
    await askForRotation(fight);
    const healed = await atRest(fight);
    if (healed.state !== 'armed') faults.push(`it stays ${healed.state} when the system is back`);
    faults.push(...(await faultsOf(fight, healed)));
  }
  return { faults, wasExposed };
}

async function strike(fight: Fight, blow: Blow): Promise<void> {
  switch (blow) {
    case 'server':
      await fight.server.kill();
      fight.server = await startServerProcess(fight.root);
      await learnAddress(fight.root, fight.server);
      fight.raj = await rajsDevice(fight.root);
      return;
    case 'rotator':
      for (const pid of rotatorsOf(fight.server.pid)) process.kill(pid, 'SIGKILL');
      return;
    case 'cut':
      fight.line?.cut();
      return;
    case 'silence':
      fight.line?.silence();
      return;
    case 'cut-answer':
      return;
  }
}

/** Rotators that this server started; none where the moment was before or after their work. */
function rotatorsOf(server: number): readonly number[] {
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8');
  return children
    .split(' ')
    .filter((pid) => pid !== '' && commandOf(pid).includes('rotator'))
    .map(Number);
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

function first({ target }: Fight): { readonly id: string; readonly name: string } {
  const [account] = target.accounts;
  if (account === undefined) throw new Error('a system to practise on has an account');
  return account;
}

/** Asks as an admin does: again, where the kits of the last rotation are still being written. */
async function askForRotation(fight: Fight): Promise<void> {
  const until = performance.now() + PATIENCE;
  await fight.raj.signIn();
  for (;;) {
    try {
      await fight.raj.api.post(`/v1/accounts/${first(fight).id}/rotate`);
      break;
    } catch (error) {
      const isBusy = error instanceof HalliganError && error.code === 'server.in-use';
      if (!isBusy || performance.now() > until) throw error;
      await pause(250);
    }
  }
  // Begun when its rotator is there: before that there is nothing to strike, and nothing to wait for.
  while (rotatorsOf(fight.server.pid).length === 0 && performance.now() < until) await pause(5);
}

async function accountOf(
  fight: Fight,
): Promise<{ readonly account: Account; readonly state: State }> {
  const { id } = first(fight);
  const { state } = await fight.raj.prove({ account: id });
  const account = state.accounts[id];
  if (account === undefined) throw new Error('the record holds the account');
  return { account, state };
}

/**
 * Waits until nobody does or is about to do anything to the account: its last version is proven or has failed, no
 * rotation is due, and no rotator lives, twice in a row. A rotation that ended before it sealed anything leaves no trace.
 */
async function atRest(fight: Fight): Promise<Account> {
  const until = performance.now() + PATIENCE;
  let quiet = 0;
  while (performance.now() < until) {
    const { account, state } = await accountOf(fight);
    const last = account.versions[lastVersion(account)];
    const isOver = last?.proven !== undefined || last?.failed !== undefined;
    const isDue = dueEffects(state).some(
      (one) => one.do === 'rotate' && one.account === account.document.id,
    );
    const isIdle = rotatorsOf(fight.server.pid).length === 0;
    quiet = isOver && !isDue && isIdle ? quiet + 1 : 0;
    if (quiet === 2) return account;
    await pause(150);
  }
  throw new Error('the account did not come to rest');
}

/** What must hold whatever happened. */
async function faultsOf(fight: Fight, account: Account): Promise<readonly string[]> {
  const candidates = await candidatesOf(fight.root, first(fight), fight.driver);
  const alive = candidates.filter(({ signsIn }) => signsIn).map(({ version }) => version);
  const shown = `${account.state}, current ${account.current}, kits hold ${names(candidates)}`;
  if (alive.length !== 1) return [`${alive.length} sealed versions sign in (${shown})`];
  const [version = 0] = alive;
  if (account.state === 'armed')
    return version === account.current ? [] : [`version ${version} signs in (${shown})`];
  return account.state === 'exposed' ? [] : [`the account is ${shown}`];
}

function names(candidates: readonly Candidate[]): string {
  return candidates
    .map(({ version, signsIn }) => `${version}${signsIn ? ' alive' : ''}`)
    .join(', ');
}
