/**
 * Rotations under fire: a real system, a real server with its rotator, and at a random moment of each rotation one
 * blow. Afterwards the account must open with exactly one sealed version that Halligan names, or be marked exposed with
 * every candidate sealed and in the kits.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HalliganError } from '@halligan/format';
import { type Account, dueEffects, lastVersion, type State } from '@halligan/procedure';
import { BLOWS, type Blow, type Drawn, drawBlow } from './blows.ts';
import { type Candidate, candidatesOf } from './candidates.fixture.ts';
import { type Fight, firstOf, found, rotatorsOf } from './scene.fixture.ts';
import { chances } from './seeded.ts';

/** After so many rotations an organisation is founded anew: devices replay all of an account's record. */
const ROTATIONS_PER_ORGANISATION = 40;
/** Milliseconds that a rotation may take to come to rest, on a loaded machine. */
const PATIENCE = 600_000;
/** How often a person asks again for an account that is exposed: a loaded machine may be slower than the drivers wait. */
const TRIES = 3;

/** Which rotations, and by which chances. */
export interface Ordeal {
  readonly system: string;
  readonly rotations: number;
  /** Everything that is drawn follows from it and from the number of the rotation. */
  readonly seed: string;
  /** Number of the first rotation, from 1 on. */
  readonly from: number;
}

export interface RotationReport {
  /** How often each blow fell, and after how many of them the account was exposed until a person asked again. */
  readonly blows: ReadonlyMap<Blow, { readonly fell: number; readonly exposed: number }>;
  /** What was found wrong, in words, and by which command to see it again. Empty where all is well. */
  readonly wrong: readonly string[];
}

/** Rotates under fire. @param progress hears of each rotation, and at once of what is wrong */
export async function rotationFaults(
  ordeal: Ordeal,
  progress: (line: string) => void,
): Promise<RotationReport> {
  const { system, seed, from, rotations } = ordeal;
  const counted = new Map(BLOWS.map((blow) => [blow, { fell: 0, exposed: 0 }]));
  const wrong: string[] = [];
  const end = from + rotations;
  let number = from;
  while (number < end) {
    const until = Math.min(number + ROTATIONS_PER_ORGANISATION, end);
    await inOrganisation(system, async (fight) => {
      const span = await calmRotation(fight);
      for (let isSound = true; isSound && number < until; number += 1) {
        const drawn = drawBlow(fight.field, chances(seed, number));
        const outcome = await rotateUnder(fight, drawn, span);
        const count = counted.get(drawn.blow);
        if (count !== undefined) {
          count.fell += 1;
          if (outcome.wasExposed) count.exposed += 1;
        }
        for (const what of outcome.faults) {
          const again = `npm run faults -- --rotations 1 --from ${number} --seed ${seed} --system ${system}`;
          wrong.push(`rotation ${number} (${drawn.name}): ${what}\n  again: ${again}`);
          progress(`wrong: ${wrong.at(-1)}`);
        }
        progress(`rotation ${number}/${end - 1} ${drawn.name}; ${wrong.length} wrong`);
        // What follows would be judged by what this one left behind.
        isSound = outcome.faults.length === 0;
      }
    });
  }
  return { blows: counted, wrong };
}

/** Taken down afterwards, whatever happens in it. */
async function inOrganisation(
  system: string,
  work: (scene: Fight) => Promise<void>,
): Promise<void> {
  const { fight, end: takeDown } = await found(system);
  try {
    await work(fight);
  } finally {
    await takeDown();
  }
}

/** A rotation that nothing disturbs. @returns how long it takes, milliseconds */
async function calmRotation(fight: Fight): Promise<number> {
  const began = performance.now();
  await askForRotation(fight);
  await atRest(fight);
  return performance.now() - began;
}

interface Outcome {
  readonly faults: readonly string[];
  readonly wasExposed: boolean;
}

/** One rotation with a blow at a moment of it, and what was found wrong afterwards. @param span of a calm one, milliseconds */
async function rotateUnder(fight: Fight, drawn: Drawn, span: number): Promise<Outcome> {
  try {
    if (drawn.moment === undefined) await drawn.strike();
    await askForRotation(fight);
    if (drawn.moment !== undefined) {
      await pause(drawn.moment * span);
      await drawn.strike();
    }
    const after = await atRest(fight);
    await drawn.undo();
    fight.line?.mend();
    const faults = [...(await faultsOf(fight, after))];
    const wasExposed = after.state === 'exposed';
    // A person asks again, once the system is back: the account must be armed by that.
    let healed = after;
    for (let asked = 0; healed.state === 'exposed' && asked < TRIES; asked += 1) {
      await askForRotation(fight);
      healed = await atRest(fight);
      faults.push(...(await faultsOf(fight, healed)));
    }
    if (healed.state !== 'armed') faults.push(`it stays ${healed.state} when the system is back`);
    return { faults, wasExposed };
  } catch (error) {
    return { faults: [error instanceof Error ? error.message : String(error)], wasExposed: false };
  }
}

/** Asks as an admin does: again, where the kits of the last rotation are still being written. */
async function askForRotation(fight: Fight): Promise<void> {
  const until = performance.now() + PATIENCE;
  await fight.raj.signIn();
  for (;;) {
    try {
      await fight.raj.api.post(`/v1/accounts/${firstOf(fight.target).id}/rotate`);
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
  const { id } = firstOf(fight.target);
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
  let seen = 'a rotator works';
  while (performance.now() < until) {
    // The cheap look first: proving the record takes a processor's time from the rotation that is waited for.
    if (isRotating(fight)) {
      quiet = 0;
      await pause(25);
      continue;
    }
    const { account, state } = await accountOf(fight);
    const number = lastVersion(account);
    const last = account.versions[number];
    const isOver = last?.proven !== undefined || last?.failed !== undefined;
    const isDue = dueEffects(state).some(
      (one) => one.do === 'rotate' && one.account === account.document.id,
    );
    quiet = isOver && !isDue && !isRotating(fight) ? quiet + 1 : 0;
    if (quiet === 2) return account;
    seen = `${account.state}, version ${number} ${isOver ? 'over' : 'not over'}${isDue ? ', a rotation due' : ''}`;
    await pause(150);
  }
  throw new Error(
    `the account did not come to rest: ${seen}; ${fight.server.said.slice(-5).join(' | ')}`,
  );
}

function isRotating({ server }: Fight): boolean {
  return rotatorsOf(server.pid).length > 0;
}

/** What must hold whatever happened. */
async function faultsOf(fight: Fight, account: Account): Promise<readonly string[]> {
  const candidates = await candidatesOf(fight.root, firstOf(fight.target), fight.driver, [
    account.current,
    lastVersion(account),
  ]);
  const alive = candidates.filter(({ signsIn }) => signsIn).map(({ version }) => version);
  const shown = `${account.state}, current ${account.current}, kits hold ${names(candidates)}`;
  if (alive.length !== 1) return [`${alive.length} sealed versions sign in (${shown})`];
  const [version = 0] = alive;
  if (account.state === 'armed')
    return version === account.current ? [] : [`version ${version} signs in (${shown})`];
  const kitted = new Set(candidates.map((one) => one.version));
  const isKept = kitted.has(account.current) && kitted.has(lastVersion(account));
  return account.state === 'exposed' && isKept ? [] : [`the account is ${shown}`];
}

function names(candidates: readonly Candidate[]): string {
  return candidates
    .map(({ version, signsIn }) => `${version}${signsIn ? ' alive' : ''}`)
    .join(', ');
}
