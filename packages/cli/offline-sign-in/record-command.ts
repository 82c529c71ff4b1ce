import { visible } from '@halligan/format';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { said } from '../machine/reports.ts';
import { type Places, placesOf, requireRoot } from './places.ts';

/** `halligan device record`: what happened on this machine, proven from its first report to its last. */
export function recordCommand(context: Context): Command {
  return placesOf(new Command('record'))
    .description('what happened on this machine, verified (as root; the agent need not run)')
    .option('--last <count>', 'how many are shown', '100')
    .action(async (asked: Places & { last: string }) => {
      requireRoot(asked);
      const { openRecordFile, readRecord, recordKey } = await import('@halligan/device');
      const file = openRecordFile(asked.folder, 'read');
      const logKey = recordKey(asked.folder);
      try {
        const last = /^\d{1,9}$/.test(asked.last) ? Number(asked.last) : 100;
        const record = await readRecord(file, logKey, last);
        show(context.terminal, { logKey, ...record }, [
          ...record.reports.map(
            ({ index, report }) => `${String(index).padStart(9)}  ${report.at}  ${said(report)}`,
          ),
          `${record.size} reports, verified: none altered, none left out; the server has ${record.handed}.`,
          `Key: ${visible(logKey)}`,
          'Next, where a server is configured: halligan machine add ID --log-key record.pub (an admin, once).',
        ]);
      } finally {
        file.close();
      }
    });
}
