import { HalliganError } from '@halligan/format';
import { machineOf } from '@halligan/procedure';
import { type Report, reportViewOf, type VerifiedReports, verifyReports } from '@halligan/reports';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';

/** `halligan machine reports ID`: what a machine reported, verified on this device. */
export function reportsCommand(context: Context): Command {
  return new Command('reports')
    .description('what a machine reported, verified on this device')
    .argument('<id>', 'its id')
    .option('--from <report>', 'the first of them, from 0; by default the last hundred')
    .option('--journal <log-key>', 'of a journal that was replaced: see halligan machine show')
    .action((id: string, asked: { from?: string; journal?: string }) =>
      reports(context, id, asked),
    );
}

async function reports(
  context: Context,
  id: string,
  { from, journal }: { readonly from?: string; readonly journal?: string },
): Promise<void> {
  const device = await context.device();
  const { state } = await device.prove();
  const logKey = journal ?? machineOf(state, id)?.logKey;
  if (logKey === undefined || state.reportsLog === undefined)
    throw new HalliganError(
      'cli.machine',
      'There is no such machine.',
      'See halligan machine list.',
    );
  await device.signIn();
  const path = `/v1/machines/${encodeURIComponent(id)}/reports?key=${encodeURIComponent(logKey)}`;
  const view = async (at: number) => reportViewOf(await device.api.get(`${path}&from=${at}`));
  const { size } = await view(Number.MAX_SAFE_INTEGER);
  const first = from === undefined ? Math.max(0, size - 100) : indexOf(from);
  const all: VerifiedReports['reports'][number][] = [];
  for (let at: number | null = first; at !== null && at < size; ) {
    const page = await view(at);
    all.push(...(await verifyReports(page, { logKey, log: state.reportsLog, from: at })).reports);
    at = page.next;
  }
  const asked = all.filter(({ index }) => index >= first);
  show(context.terminal, { machine: id, size, reports: asked }, [
    ...asked.map(
      ({ index, report }) => `${String(index).padStart(9)}  ${report.at}  ${said(report)}`,
    ),
    asked.length === 0
      ? `${id} has reported nothing from there on; ${size} reports are here.`
      : `${asked.length} of ${size} reports: each the machine’s own, none left out between them.`,
  ]);
}

/** A report as one line; its texts hold nothing that a terminal would act on. */
export function said(report: Report): string {
  const { v: _, at: __, boot: ___, up: ____, more, kind, ...rest } = report;
  const facts = Object.entries({ ...rest, ...more }).map(([name, value]) => `${name}=${value}`);
  return [kind, ...facts].join(' ');
}

/** @throws `cli.usage` */
function indexOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HalliganError('cli.usage', '--from is not a number.', 'Reports count from 0.');
}
