import { readMachineClock } from '../clock/machine-clock.ts';
import type { ServerSettings } from '../configuration/server.ts';
import { authority } from '../provider/configured.ts';
import { handOver } from './hand-over.ts';
import { recordSigner } from './log-key.ts';
import { MachineRecord } from './record.ts';
import { openRecordFile } from './record-file.ts';
import { reportOf } from './report-of.ts';
import { Rounds } from './rounds.ts';

/** A machine's record, and its way to the server. */
export interface Reporting {
  readonly record: MachineRecord;
  /** How much is on it, how much of that the server has, and why it takes no more. */
  standing(): { readonly size: number; readonly handed: number; readonly stopped?: string };
  /** Hands over to this server from now on; to none where there is none. @throws `device.config`: all is as it was then */
  handTo(server: ServerSettings | undefined): Promise<void>;
  /** There is more to hand over. */
  grown(): void;
  close(): Promise<void>;
}

/** @param say is told when the server takes no more, and when it does again @throws `device.record` */
export async function openReporting(
  folder: string,
  say: (line: string) => void,
): Promise<Reporting> {
  const file = openRecordFile(folder, 'write');
  const signer = await recordSigner(folder);
  const record = new MachineRecord(file, signer);
  const restored = () =>
    reportOf({ type: 'gap', lost: null, why: 'restored' }, readMachineClock(), () => false);
  let stopped: string | undefined;
  const roundsTo = async (server: ServerSettings) => {
    const { sender } = await import('./sender.ts');
    const parts = { record, file, signer, send: sender(server, authority(server.caFile)) };
    return new Rounds(
      (asksFirst) => handOver({ ...parts, restored }, asksFirst),
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
  let rounds: Rounds | undefined;
  return {
    record,
    standing: () => {
      const { size } = record;
      const handed = file.head('handed').size;
      return { size, handed, ...(stopped === undefined ? {} : { stopped }) };
    },
    handTo: async (server) => {
      const next = server === undefined ? undefined : await roundsTo(server);
      await rounds?.stop();
      [rounds, stopped] = [next, undefined];
    },
    grown: () => rounds?.grown(),
    close: async () => {
      await rounds?.stop();
      await record.settled();
      file.close();
    },
  };
}
