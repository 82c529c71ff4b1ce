/**
 * `npm run faults`: hurts what must not lose anything, and looks whether it did.
 *   `-- --kills 200`                            writers of a journal, killed
 *   `-- --rotations 500 --system openldap`      rotations on a real system, with a blow at a random moment of each;
 *                                               `--seed` draws the same blows again, `--from` begins at a number of them
 *   `-- --server-kills 200`                     a whole server, killed while people hand in statements
 *   `-- --agent-kills 500`                      a machine's agent, killed while people sign in offline
 *   `-- --power-loss 200`                       a disk that loses its power, as root, under the stores or, `--victim server`,
 *                                               under a whole server and its devices; `--file-systems ext4,xfs,btrfs`
 *   `-- --streams 10000`                        streams of a server, open at once and dropped at once
 *   `-- --secrets --system openldap`              a whole emergency; then its secrets are looked for in a core image of the
 *                                               server and in every file, entry, log, backup and kit, with canaries planted
 * Exit code 0 only if everything held.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  cannotRecord,
  type FileSystem,
  fileSystemsOf,
} from '../packages/cli/faults/power/recorded-disk.ts';
import { rotationFaults } from '../packages/cli/faults/rotation-faults.fixture.ts';
import { serverKills } from '../packages/cli/faults/server-kills.fixture.ts';
import { searchedRun } from '../packages/cli/leaks/searched-run.fixture.ts';
import { agentKills } from '../packages/cli/offline-sign-in/agent-kills.fixture.ts';
import { HalliganError } from '../packages/format/index.ts';
import { faults } from '../packages/journal/faults.ts';
import { droppedStreams } from '../packages/server/http/dropped-streams.fixture.ts';
import { progress } from './faults-progress.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    rotations: { type: 'string' },
    streams: { type: 'string' },
    'power-loss': { type: 'string' },
    'server-kills': { type: 'string' },
    'agent-kills': { type: 'string' },
    victim: { type: 'string', default: 'stores' },
    'file-systems': { type: 'string', default: 'ext4' },
    secrets: { type: 'boolean', default: false },
    system: { type: 'string', default: 'openldap' },
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    from: { type: 'string', default: '1' },
  },
});
// Real systems and a server are children: whoever ends this ends them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const started = performance.now();
if (values['power-loss'] === undefined) {
  const wrong = await hurt().catch(refused);
  for (const what of wrong) console.error(what);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} else {
  const fileSystems = fileSystemsOf(values['file-systems']);
  process.exitCode = await cutPower(count('power-loss', values['power-loss']), fileSystems);
}

function hurt(): Promise<readonly string[]> {
  const { rotations, streams, kills = '200', 'server-kills': servers } = values;
  const agents = values['agent-kills'];
  if (agents !== undefined) return killAgents(count('agent-kills', agents));
  if (streams !== undefined) return dropStreams(count('streams', streams));
  if (values.secrets) return lookForSecrets(values.system);
  if (servers !== undefined) return killServers(count('server-kills', servers));
  if (rotations !== undefined) return rotateUnderFire(count('rotations', rotations), values.system);
  return killWriters(count('kills', kills));
}

/** What cannot be hurt at all, in the words of who refused it. */
function refused(cause: unknown): never {
  if (!(cause instanceof HalliganError)) throw cause;
  console.error(`error: ${cause.message} [${cause.code}]\nhint: ${cause.hint}`);
  process.exit(2);
}

async function killAgents(asked: number): Promise<readonly string[]> {
  const { kills, acknowledged, wrong } = await agentKills(asked, progress(/^kill \d*0\//));
  console.log(
    `${kills} kills of an agent: ${acknowledged} sign-ins acknowledged, ${wrong.length} wrong (${seconds()} s)`,
  );
  return wrong;
}

async function killServers(asked: number): Promise<readonly string[]> {
  const { kills, acknowledged, wrong } = await serverKills(asked, progress(/^kill \d*0\//));
  console.log(
    `${kills} kills of a server: ${acknowledged} events acknowledged, ${wrong.length} wrong (${seconds()} s)`,
  );
  return wrong;
}

async function killWriters(kills: number): Promise<readonly string[]> {
  const { acknowledged, lost } = await faults(kills, progress(/^kill \d*0\//));
  console.log(
    `${kills} kills: ${acknowledged} entries acknowledged, ${lost.length} lost (${seconds()} s)`,
  );
  return lost;
}

async function dropStreams(streams: number): Promise<readonly string[]> {
  const { before, open, after, waited, wrong } = await droppedStreams(
    streams,
    progress(/\d000\/|told/),
  );
  for (const [when, held] of Object.entries({ before, open, after })) {
    const [heap, resident] = [held.heap, held.resident].map((bytes) => Math.round(bytes / 1e6));
    console.log(
      `  ${when.padEnd(7)} ${held.descriptors} descriptors, heap ${heap} MB, resident ${resident} MB`,
    );
  }
  const [view, statement] = [waited.view, waited.statement].map((one) => Math.round(one));
  console.log(`  somebody else waited ${view} ms for the record, ${statement} ms for a statement`);
  console.log(`${streams} streams, dropped at once: ${wrong.length} wrong (${seconds()} s)`);
  return wrong;
}

async function rotateUnderFire(rotations: number, system: string): Promise<readonly string[]> {
  const { seed } = values;
  console.log(`rotations on ${system}, seed ${seed}`);
  const report = await rotationFaults(
    { system, rotations, seed, from: count('from', values.from) },
    progress(/^rotation \d*0\/|^wrong/),
  );
  for (const [blow, { fell, exposed }] of report.blows) {
    if (fell > 0)
      console.log(`  ${blow.padEnd(12)} ${fell}, of them ${exposed} exposed until asked again`);
  }
  console.log(`${rotations} rotations on ${system}: ${report.wrong.length} wrong (${seconds()} s)`);
  return report.wrong;
}

/** In a mount namespace of its own, which ends with it: nothing stays mounted, whatever happens. */
async function cutPower(cuts: number, fileSystems: readonly FileSystem[]): Promise<number> {
  for (const fileSystem of fileSystems) {
    const missing = cannotRecord(fileSystem);
    if (missing === undefined) continue;
    console.log(`power loss on ${fileSystem}: skipped, missing ${missing}`);
    return 0;
  }
  console.log(`power loss on ${fileSystems.join(', ')}, seed ${values.seed}`);
  const script = join(import.meta.dirname, 'power-loss.ts');
  const asked = [script, String(cuts), values.seed, fileSystems.join(','), values.victim];
  const child = spawn('unshare', ['-m', process.execPath, ...asked], { stdio: 'inherit' });
  process.once('exit', () => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}

async function lookForSecrets(system: string): Promise<readonly string[]> {
  const { leaks, blind, secrets, places, noCore } = await searchedRun(system);
  for (const [kind, { count, bytes }] of places)
    console.log(`  ${kind.padEnd(18)} ${count} searched, ${(bytes / 1e6).toFixed(1)} MB`);
  console.log(
    `${secrets.length} secrets of a whole run on ${system}: ${leaks.length} found where they must not be (${seconds()} s)`,
  );
  return [
    ...leaks.map(({ secret, spelling, place }) => `found: ${secret} as ${spelling} in ${place}`),
    ...blind.map((what) => `the search is blind: ${what}`),
    ...(noCore === undefined ? [] : [`the server’s memory was not searched: ${noCore}`]),
  ];
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  console.error(`error: --${name} takes a whole number from 1 on.`);
  process.exit(2);
}

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
