import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { syncAll, syncFolder } from '@halligan/journal';
import { z } from 'zod';
import { copyData } from './backup/copy-data.ts';
import { jsonOf, type ServerHome, writeJson } from './home.ts';
import type { Log } from './log/log.ts';

/** The program's own version. */
export const PROGRAM_VERSION = '0.1.0';
/** The layout of a data folder that this program writes. */
export const DATA_VERSION = 2;

const schema = z.strictObject({
  v: z.literal('halligan/data/v1'),
  data: z.int().min(1),
  /** The oldest program that reads it. */
  needs: z.string().max(50),
});

/** One step from a layout to the next; harmless when done twice, since a kill may come between it and its mark. */
export interface Upgrade {
  readonly from: number;
  readonly does: string;
  readonly run: (home: ServerHome) => Promise<void>;
}

/** From the first layout, which did not say its number, to the one that does. */
const UPGRADES: readonly Upgrade[] = [
  { from: 1, does: 'say the layout’s number', run: async () => undefined },
];

/**
 * Refuses data of a newer program, because an older one would misread it, or write what the newer cannot read.
 * @returns the layout's number
 * @throws `server.newer-data`, `server.data-version`
 */
export async function requireKnownData(home: ServerHome): Promise<number> {
  const path = versionFile(home);
  if (!existsSync(path)) return existsSync(home.settingsFile) ? 1 : DATA_VERSION;
  const parsed = schema.safeParse(jsonOf(await readFile(path, 'utf8')));
  if (!parsed.success)
    throw new HalliganError(
      'server.data-version',
      `${path} cannot be read.`,
      'Restore it from a backup; do not delete it: an older program could then damage the data.',
    );
  if (parsed.data.data > DATA_VERSION) throw newer(parsed.data.needs);
  return parsed.data.data;
}

/** @throws `server.newer-data` for a backup that a newer program made */
export function requireRestorable({ data, program }: { data: number; program: string }): void {
  if (data > DATA_VERSION) throw newer(program);
}

/** Marks a new home with the layout that it has. */
export async function markData(home: ServerHome, data = DATA_VERSION): Promise<void> {
  await writeJson(versionFile(home), { v: 'halligan/data/v1', data, needs: PROGRAM_VERSION });
}

/**
 * Brings a data folder to this program's layout, step by step, each marked when it is done. There is no way back but
 * the copy that is made first, beside the data and with its keys.
 */
export async function upgradeData(
  home: ServerHome,
  log: Log,
  upgrades: readonly Upgrade[] = UPGRADES,
  target: number = DATA_VERSION,
): Promise<void> {
  const found = await requireKnownData(home);
  if (found >= target) return;
  const copy = join(home.root, 'backups', `before-data-${target}`);
  // One that is there is of an upgrade that was cut short: it holds what was there before the first step.
  if (!existsSync(copy)) await copyWhole(home, copy);
  log('info', 'upgrade', `what was there before lies in ${copy}`);
  for (let at = found; at < target; at += 1) {
    for (const { does, run } of upgrades.filter(({ from }) => from === at)) {
      log('info', 'upgrade', does, { from: at, to: at + 1 });
      await run(home);
    }
    await markData(home, at + 1);
  }
}

async function copyWhole(home: ServerHome, target: string): Promise<void> {
  const unfinished = `${target}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await copyData(home, unfinished);
  await cp(home.keys, join(unfinished, 'keys'), { recursive: true });
  // The upgrade that follows changes what this is the only copy of.
  await syncAll(unfinished);
  await rename(unfinished, target);
  syncFolder(dirname(target));
}

function versionFile({ root }: ServerHome): string {
  return join(root, 'data-version.json');
}

function newer(needs: string): HalliganError {
  return new HalliganError(
    'server.newer-data',
    `This data was written by a newer Halligan; this is ${PROGRAM_VERSION}.`,
    `Use Halligan ${needs} or newer. Nothing was changed.`,
  );
}
