import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DrillOutcome } from './drill-outcome.ts';
import type { Narrator } from './narrator.ts';
import type { PracticeTarget } from './organisation.ts';
import type { People } from './people.ts';
import { exportedLog } from './provider-log.ts';

const compared = z.object({
  entries: z.int(),
  matched: z.int(),
  differences: z.array(
    z.object({ entry: z.int().optional(), note: z.string().optional(), at: z.string() }),
  ),
});
type Difference = z.infer<typeof compared>['differences'][number];

const listed = z.object({
  emergencies: z.array(z.object({ id: z.string(), at: z.string(), ended: z.string().optional() })),
});

/** The practice system and the people's devices go by the clock of one machine. */
const TOLERANCE = ['--tolerance', '2'];

/**
 * raj lays the system's own log beside the record, and explains each difference from what the record says of it; on a
 * system whose log a drill cannot read he says why there is none.
 */
export async function reconcile(
  root: string,
  people: People,
  { emergency, account, target }: DrillOutcome & { readonly target: PracticeTarget },
  tell: Narrator,
): Promise<void> {
  const { emergencies } = listed.parse(await people.run('raj', 'emergency', 'list'));
  const { at = '', ended = '' } = emergencies.find(({ id }) => id === emergency) ?? {};
  const log = await exportedLog(target, account, at);
  const asked = ['--emergency', emergency, ...TOLERANCE];
  if (log === undefined) {
    const why = ['--unavailable', 'The drill does not read the log of this system.'];
    await people.run('raj', 'emergency', 'reconcile', ...asked, '--sign', ...why);
    tell.step('raj', 'says why no audit log is laid beside the record');
    return;
  }
  const path = join(root, 'practice', `audit-${emergency.slice(0, 12)}.jsonl`);
  await writeFile(path, log);
  const { entries, matched, differences } = compared.parse(
    await people.run('raj', 'emergency', 'reconcile', path, ...asked),
  );
  const explain = differences.map((one) => `${one.entry ?? one.note}=${why(one, ended)}`);
  await people.run(
    'raj',
    ...['emergency', 'reconcile', path, ...asked, '--sign'],
    ...(explain.length === 0 ? [] : ['--explain', ...explain]),
  );
  tell.step(
    'raj',
    `lays the system’s own log beside the record: ${matched} of ${entries} entries are noted, ${differences.length} differences explained`,
  );
}

/** What explains a difference, in raj's words. @param ended when the emergency ended: what came later was the rotator */
function why({ note, at }: Difference, ended: string): string {
  if (note !== undefined)
    return 'The practice system logs signing in, signing out and password changes, nothing that is done in between.';
  return Date.parse(at) < Date.parse(ended)
    ? 'It belongs to the sign-in that is noted: in and out again.'
    : 'The rotator: it set the new password, proved it, and tried the old one.';
}
