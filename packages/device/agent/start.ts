import { HalliganError } from '@halligan/format';
import { readMachineClock } from '../clock/machine-clock.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { configurationOn } from '../configuration/on-disk.ts';
import { configuredProvider } from '../provider/configured.ts';
import { observed } from '../provider/observed.ts';
import { keeper } from '../record/keeper.ts';
import { codeOf } from '../record/report-of.ts';
import { openReporting } from '../record/reporting.ts';
import type { Memory } from '../store/memory.ts';
import { calibrate, isIdle } from '../verifier/calibrate.ts';
import { type GuessCost, LEAST_COST } from '../verifier/verifier.ts';
import { Agent, type Standing } from './agent.ts';
import { openDoor } from './door.ts';
import { openKept, random } from './kept.ts';

/** Where an agent's things are on its machine. */
export interface AgentPlaces {
  /** A configuration in place of those that are looked for. */
  readonly config: string | undefined;
  /** Root's own: what is remembered, the key, the record. */
  readonly folder: string;
  readonly socket: string;
}

/** What is remembered lies here. */
export const FOLDER = '/var/lib/halligan-device';

/** An agent that runs. */
export interface RunningAgent {
  /** Reads the configuration again; what is wrong in it changes nothing. @throws `device.config` */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the agent of this machine.
 * @param say is told what a person should know, a line each
 * @throws `device.config`, `device.no-provider`, `device.store`, `device.record`, `device.key`, `device.tpm`,
 *   `device.restored`
 */
export async function startAgent(
  places: AgentPlaces,
  version: string,
  say: (line: string) => void,
): Promise<RunningAgent> {
  const { config, folder, socket } = places;
  const read = readMachineClock;
  let configuration = await configurationOn(config);
  const kept = await openKept(folder, configuration);
  const { memory, key, now } = kept;
  const reporting = await openReporting(folder, say);
  const providerOf = async ({ provider }: Configuration) =>
    observed(await configuredProvider(provider), now);
  let provider = await providerOf(configuration);
  await reporting.handTo(configuration.server);
  const { record, grown } = reporting;
  const keep = keeper({ record, memory, read, now, grown });
  const standing = (): Standing => {
    const { file, passedOver, justification } = configuration;
    return {
      since: provider.seen()?.since,
      configuration: { file, passedOver, justification },
      ...{ key: kept.where, record: reporting.standing() },
    };
  };
  const agent = new Agent({
    ...{ configuration, memory, provider, key, cost: await costOf(memory) },
    ...{ read, random, record: keep, standing },
  });
  const begin = async () => {
    warn(configuration, say);
    await agent.settle();
    await keep({ type: 'started', version, more: feature(configuration) });
  };
  await begin();
  const door = await openDoor(agent, socket, {
    told: (fault) => say(`A question failed: ${faultName(fault)}.`),
  });
  return {
    reload: async () => {
      const next = await configurationOn(config);
      const nextProvider = await providerOf(next);
      await reporting.handTo(next.server);
      [configuration, provider] = [next, nextProvider];
      await keep({ type: 'stopped' });
      agent.reconfigure(configuration, provider);
      await begin();
    },
    stop: async () => {
      await door.close();
      await agent.stop();
      await keep({ type: 'stopped' });
      await reporting.close();
      kept.close();
    },
  };
}

/** No more than an error of ours says: others may quote what they choked on. */
function faultName(fault: unknown): string {
  if (fault instanceof HalliganError) return `${fault.message} [${fault.code}]`;
  return fault instanceof Error ? fault.name : 'unknown';
}

/** What a guess costs: measured once, when the machine has little to do, and never less than is allowed. */
async function costOf(memory: Memory): Promise<GuessCost> {
  const kept = memory.cost();
  if (kept !== undefined || !isIdle()) return kept ?? LEAST_COST;
  const cost = await calibrate();
  memory.change({ cost });
  return cost;
}

/** What enabling costs is said every time, until somebody has said why it is worth it. */
function warn(
  { enabled, justification, secondFactor }: Configuration,
  say: (line: string) => void,
) {
  if (!enabled) return;
  if (justification === undefined)
    say(
      'Offline emergency sign-in is enabled and nobody has said why. It costs: while a window is open, a password alone may be all that is asked. Write justification = … beside enabled = true.',
    );
  if (secondFactor === 'none')
    say('second_factor = none: inside a window a password alone lets people in.');
}

function feature({ enabled, justification }: Configuration): Readonly<Record<string, string>> {
  if (!enabled) return { feature: 'off' };
  const why = justification === undefined ? 'not-said' : codeOf(justification);
  return { feature: 'on', justification: why };
}
