import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, HalliganError, utf8 } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { z } from 'zod';
import { jsonOf, type PersonHome } from '../person-home.ts';

const schema = z.strictObject({
  v: z.literal('halligan/envelope-confirmation/v1'),
  serial: z.string(),
  account: z.string(),
  version: z.int(),
  path: z.string(),
  group: z.string(),
  holder: z.string(),
  confirmed: z.string(),
});

/** A sheet whose words were read back from the paper; nothing secret is in it. */
export type Confirmed = Omit<z.infer<typeof schema>, 'v' | 'confirmed'>;

/** Remembers on this device that the holder read the words back. */
export async function confirm(home: PersonHome, sheet: Confirmed): Promise<string> {
  const confirmed = new Date().toISOString();
  const folder = join(home.folder, 'envelopes');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const note = { v: 'halligan/envelope-confirmation/v1', ...sheet, confirmed };
  await writeFileDurably(fileOf(home, sheet), utf8(`${JSON.stringify(note)}\n`));
  return confirmed;
}

/** When a sheet was read back on this device. @throws `cli.unconfirmed` where it was not, or another one */
export async function confirmedAt(home: PersonHome, sheet: Confirmed): Promise<string> {
  const path = fileOf(home, sheet);
  const parsed = existsSync(path)
    ? schema.safeParse(jsonOf(await readFile(path, 'utf8')))
    : undefined;
  if (parsed?.success === true) {
    const { v: _, confirmed, ...kept } = parsed.data;
    if (digestOf(kept) === digestOf({ ...sheet })) return confirmed;
  }
  throw new HalliganError(
    'cli.unconfirmed',
    `Nobody read back the words on the sheet for envelope ${sheet.serial} on this device.`,
    `Print it and type the words back from the paper: halligan envelope print --account ${sheet.account} --share ${sheet.path}/${sheet.group} --serial ${sheet.serial}.`,
  );
}

function fileOf(home: PersonHome, { serial }: Confirmed): string {
  if (!/^[a-z0-9-]{1,63}$/.test(serial))
    throw new HalliganError(
      'cli.usage',
      `“${serial}” is no serial.`,
      'A serial is 1 to 63 of a-z, 0-9 and -.',
    );
  return join(home.folder, 'envelopes', `${serial}.json`);
}
