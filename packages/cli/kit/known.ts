import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvenState } from '@halligan/evidence';
import { canonicalBytes, HalliganError } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { z } from 'zod';
import { jsonOf, type PersonHome } from '../person-home.ts';

const schema = z.strictObject({
  size: z.int().min(0),
  roster: z.string().nullable(),
  policy: z.string().nullable(),
});

/**
 * Remembers who and what was in force when the device last proved the record: a kit is older than what its device has
 * seen as a rule, since emergencies are not in it, but never of a roster or policy that was replaced since.
 */
export async function rememberKnown(home: PersonHome, proven: ProvenState): Promise<void> {
  const { state, anchor } = proven;
  const known = {
    size: anchor.size,
    roster: state.roster?.digest ?? null,
    policy: state.policy ?? null,
  };
  const before = await knownTo(home);
  if (before?.roster === known.roster && before.policy === known.policy) return;
  await writeFileDurably(fileOf(home), canonicalBytes(known));
}

/** @throws `kit.old-roster` where the kit was written before a change that this device knows */
export async function requireNotOlder(home: PersonHome, kit: ProvenState): Promise<void> {
  const known = await knownTo(home);
  if (known === undefined || kit.anchor.size >= known.size) return;
  const { roster, policy } = kit.state;
  if ((roster?.digest ?? null) === known.roster && (policy ?? null) === known.policy) return;
  throw new HalliganError(
    'kit.old-roster',
    `This kit was written before a change of the ${(roster?.digest ?? null) === known.roster ? 'policy' : 'roster'} that your device knows of.`,
    'Sign nothing and release nothing from this copy. Take a newer one.',
  );
}

async function knownTo(home: PersonHome): Promise<z.infer<typeof schema> | undefined> {
  const path = fileOf(home);
  if (!existsSync(path)) return undefined;
  const parsed = schema.safeParse(jsonOf(await readFile(path, 'utf8')));
  return parsed.success ? parsed.data : undefined;
}

function fileOf(home: PersonHome): string {
  return join(home.folder, 'known.json');
}
