import { readFile } from 'node:fs/promises';
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
 * What the system's own log has of an account since an instant, line by line: what a reviewer would export. As the system
 * wrote them; a vault's, whose lines hold far more, by time, account, action and request. Undefined where a drill cannot
 * read it.
 */
export async function exportedLog(
  { config, accounts, auditLog }: PracticeTarget,
  account: string,
  since: string,
): Promise<string | undefined> {
  const known = practice.safeParse(config);
  const name = accounts.find(({ id }) => id === account)?.name;
  if (auditLog !== undefined) {
    const lines = (await vaultEvents(auditLog, name ?? ''))
      .filter(({ at }) => Date.parse(at) >= Date.parse(since))
      .map(({ at, event, where }) => ({ time: at, account: name, action: `${event}, ${where}` }));
    return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
  }
  if (!known.success) return undefined;
  const lines = (await readPracticeAudit(known.data.folder)).filter(
    (line) => line.account === name && Date.parse(line.at) >= Date.parse(since),
  );
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

/** Looks the events up; a system that keeps no log that a drill can read says so. */
export async function logReferences(
  { config, accounts, auditLog }: PracticeTarget,
  account: string,
): Promise<LogReferences> {
  const known = practice.safeParse(config);
  if (auditLog !== undefined)
    return referencesIn(
      await vaultEvents(auditLog, accounts.find(({ id }) => id === account)?.name ?? ''),
    );
  if (!known.success) {
    const missing = 'missing:The log of this practice system is not read by the drill.';
    return { original: missing, test: missing, change: missing };
  }
  const name = accounts.find(({ id }) => id === account)?.name;
  const lines = (await readPracticeAudit(known.data.folder))
    .map((line, at) => ({ ...line, number: at + 1 }))
    .filter((line) => line.account === name && line.outcome === 'accepted');
  return referencesIn(
    lines.map(({ at, event, number }) => ({ at, event, where: `audit.jsonl, line ${number}` })),
  );
}

/** One event of an account that the system let happen, and where its log has it. */
interface LoggedEvent {
  readonly at: string;
  readonly event: string;
  readonly where: string;
}

function referencesIn(events: readonly LoggedEvent[]): LogReferences {
  const changed = events.findLastIndex(({ event }) => event === 'password-change');
  const isSignIn = ({ event }: LoggedEvent) => event === 'sign-in';
  return {
    original: reference(events.slice(0, Math.max(changed, 0)).findLast(isSignIn)),
    test: reference(events.findLast(isSignIn)),
    change: reference(events[changed]),
  };
}

const vaultLine = z.object({
  time: z.string(),
  type: z.string(),
  error: z.string().optional(),
  request: z.object({ id: z.string(), path: z.string() }),
});

/** What a vault’s audit log has of an account: the answers that granted something, by the ids of their requests. */
async function vaultEvents(path: string, name: string): Promise<readonly LoggedEvent[]> {
  const events = new Map([
    [`auth/break-glass/login/${name}`, 'sign-in'],
    [`auth/break-glass/users/${name}/password`, 'password-change'],
  ]);
  return (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => vaultLine.parse(JSON.parse(line)))
    .flatMap(({ time, type, error, request }) => {
      const event = events.get(request.path);
      if (event === undefined || type !== 'response' || error !== undefined) return [];
      return [{ at: time, event, where: `audit log, request ${request.id}` }];
    });
}

function reference(event: LoggedEvent | undefined): string {
  if (event === undefined) return 'missing:It is not in the system’s log.';
  return `${new Date(event.at).toISOString()}=${event.where}`;
}
