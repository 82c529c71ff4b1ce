import { readPracticeAudit } from '@halligan/systems';
import { z } from 'zod';
import type { PracticeTarget } from './organisation.ts';

const practice = z.object({ driver: z.literal('practice'), folder: z.string() });

/** Where the three events of an emergency stand in the system's own log, as `emergency check-log` takes them. */
export interface LogReferences {
  readonly original: string;
  readonly test: string;
  readonly change: string;
}

/**
 * What the system's own log has of an account since an instant, line by line as it wrote them: what a reviewer would
 * export. Undefined where a drill cannot read it.
 */
export async function exportedLog(
  { config, accounts }: PracticeTarget,
  account: string,
  since: string,
): Promise<string | undefined> {
  const known = practice.safeParse(config);
  if (!known.success) return undefined;
  const name = accounts.find(({ id }) => id === account)?.name;
  const lines = (await readPracticeAudit(known.data.folder)).filter(
    (line) => line.account === name && Date.parse(line.at) >= Date.parse(since),
  );
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

/** Looks the events up; a system that keeps no log that a drill can read says so. */
export async function logReferences(
  { config, accounts }: PracticeTarget,
  account: string,
): Promise<LogReferences> {
  const known = practice.safeParse(config);
  if (!known.success) {
    const missing = 'missing:The log of this practice system is not read by the drill.';
    return { original: missing, test: missing, change: missing };
  }
  const name = accounts.find(({ id }) => id === account)?.name;
  const lines = (await readPracticeAudit(known.data.folder))
    .map((line, at) => ({ ...line, number: at + 1 }))
    .filter((line) => line.account === name && line.outcome === 'accepted');
  const change = lines.findLast(({ event }) => event === 'password-change');
  const signIns = lines.filter(({ event }) => event === 'sign-in');
  const original = signIns.findLast(({ number }) => number < (change?.number ?? 0));
  return {
    original: reference(original),
    test: reference(signIns.at(-1)),
    change: reference(change),
  };
}

function reference(line: { readonly at: string; readonly number: number } | undefined): string {
  if (line === undefined) return 'missing:It is not in audit.jsonl.';
  return `${new Date(line.at).toISOString()}=audit.jsonl, line ${line.number}`;
}
