import { randomBytes } from 'node:crypto';
import { HalliganError } from '@halligan/format';
import { readMachineClock } from '../clock/machine-clock.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { configurationOn } from '../configuration/on-disk.ts';
import { machineKey } from '../key/machine-key.ts';
import { requireLatest } from '../key/state-age.ts';
import { tpmOf } from '../key/tpm.ts';
import { authority, configuredProvider } from '../provider/configured.ts';
import { observed } from '../provider/observed.ts';
import { handOver } from '../record/hand-over.ts';
import { keeper } from '../record/keeper.ts';
import { recordSigner } from '../record/log-key.ts';
import { MachineRecord } from '../record/record.ts';
import { openRecordFile } from '../record/record-file.ts';
import { codeOf, reportOf } from '../record/report-of.ts';
import { Rounds } from '../record/rounds.ts';
import { timeOf } from '../sign-in/case.ts';
import { Memory } from '../store/memory.ts';
import { sealedStore } from '../store/sealed.ts';
import { openStore } from '../store/store.ts';
import { calibrate, isIdle } from '../verifier/calibrate.ts';
import { type GuessCost, LEAST_COST } from '../verifier/verifier.ts';
import { Agent, type Standing } from './agent.ts';
import { openDoor } from './door.ts';

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
  const store = openStore(folder);
  const file = openRecordFile(folder, 'write');
  const random = (size: number) => new Uint8Array(randomBytes(size));
  const tpm = tpmOf(process.env, folder);
  const { key, where } = await machineKey(folder, configuration.tpm, tpm, random);
  const state = sealedStore(store, key);
  if (where === 'tpm' && tpm !== undefined) await requireLatest(state, tpm);
  const memory = new Memory(state);
  const now = () => timeOf({ memory, read }).seconds;
  const provider = async (from: Configuration) =>
    observed(await configuredProvider(from.provider), now);
  let asked = await provider(configuration);
  const signer = await recordSigner(folder);
  const record = new MachineRecord(file, signer);
  const gap = () => reportOf({ type: 'gap', lost: null, why: 'restored' }, read(), () => false);
  let stopped: string | undefined;
  const roundsTo = async ({ server }: Configuration) => {
    stopped = undefined;
    if (server === undefined) return undefined;
    const { sender } = await import('../record/sender.ts');
    const parts = { record, file, signer, send: sender(server, authority(server.caFile)) };
    return new Rounds(
      (asksFirst) => handOver({ ...parts, restored: gap }, asksFirst),
      (why) => {
        stopped = why;
        say(
          why === undefined
            ? 'The server takes reports again.'
            : `The server takes no more reports until somebody has looked: ${why}. It is asked again by and by.`,
        );
      },
    );
  };
  let rounds = await roundsTo(configuration);
  const keep = keeper({ record, memory, read, now, grown: () => rounds?.grown() });
  const standing = (): Standing => {
    const { file: from, passedOver, justification } = configuration;
    return {
      since: asked.seen()?.since,
      configuration: { file: from, passedOver, justification },
      key: where,
      record: {
        ...{ size: record.size, handed: file.head('handed').size },
        ...(stopped === undefined ? {} : { stopped }),
      },
    };
  };
  const agent = new Agent({
    ...{ configuration, memory, provider: asked, key, cost: await costOf(memory) },
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
      const nextProvider = await provider(next);
      await rounds?.stop();
      rounds = await roundsTo(next);
      [configuration, asked] = [next, nextProvider];
      await keep({ type: 'stopped' });
      agent.reconfigure(configuration, asked);
      await begin();
    },
    stop: async () => {
      await door.close();
      await agent.stop();
      await keep({ type: 'stopped' });
      await rounds?.stop();
      await record.settled();
      file.close();
      store.close();
      key.fill(0);
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
