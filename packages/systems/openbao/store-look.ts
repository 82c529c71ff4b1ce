import { z } from 'zod';
import type { Shortcoming } from '../driver.ts';
import type { OpenbaoStore } from '../vault/settings.ts';
import type { StoreLook } from '../vault/store.ts';
import { askVault, type VaultSession } from './line.ts';
import { capabilitiesOf } from './shortcomings.ts';
import { dataPath, metadataPath } from './store-paths.ts';

const auditing = z.object({ data: z.record(z.string(), z.unknown()) });
const NEEDED = ['create', 'update', 'read'] as const;
const FIX = 'Compare the writer’s policy with: halligan vault policy writer';

/** An entry that no system has: whether it is refused or missing tells of the rule, whatever lies there. */
const NOBODY = 'halligan-none-of-that-name';

/**
 * Looks at a store by trying it: an entry asked for without wrapping must be refused. Changes nothing.
 * @throws as `askVault`
 */
export async function lookAtStore(session: VaultSession, store: OpenbaoStore): Promise<StoreLook> {
  const [data, metadata] = [dataPath(store, NOBODY), metadataPath(store, NOBODY)];
  const bare = await askVault(session.address, { ...session, method: 'GET', path: data });
  const may = await capabilitiesOf(session, [data, metadata, 'sys/audit']);
  const devices = await askVault(session.address, { ...session, method: 'GET', path: 'sys/audit' });
  const wrappedOnly = bare.status === 403;
  const tooMuch = [
    ...may(data).filter((right) => !['create', 'update', 'read'].includes(right)),
    ...may(metadata).filter((right) => !['read', 'list', 'deny'].includes(right)),
  ];
  const audit = auditOf(devices.status, devices.said);
  return {
    rules: wrappedOnly && tooMuch.length === 0 && may(data).length > 0 ? 'kept' : 'loose',
    audit,
    shortcomings: [
      ...NEEDED.filter((right) => !may(data).some((one) => one === right || one === 'root')).map(
        (right) => shortcoming('fail', `The writer’s policy lacks “${right}” on ${data}.`, FIX),
      ),
      ...(wrappedOnly
        ? []
        : [
            shortcoming(
              'fail',
              `Entries are given out unwrapped: min_wrapping_ttl is missing on ${data}.`,
              FIX,
            ),
          ]),
      ...(tooMuch.length === 0
        ? []
        : [
            shortcoming(
              'fail',
              `The writer may too much: ${[...new Set(tooMuch)].join(', ')}.`,
              FIX,
            ),
          ]),
      ...auditShortcoming(audit),
    ],
  };
}

function auditOf(status: number, said: unknown): StoreLook['audit'] {
  const parsed = auditing.safeParse(said);
  if (status !== 200 || !parsed.success) return 'unknown';
  return Object.keys(parsed.data.data).length > 0 ? 'on' : 'off';
}

function auditShortcoming(audit: StoreLook['audit']): readonly Shortcoming[] {
  if (audit === 'on') return [];
  return audit === 'off'
    ? [
        shortcoming(
          'fail',
          'No audit device is on: nobody would know who read an entry.',
          'Declare one in the vault’s configuration, two are better: a vault without any that works answers nobody.',
        ),
      ]
    : [shortcoming('warn', 'The writer’s policy lacks “read” and “sudo” on sys/audit.', FIX)];
}

function shortcoming(level: Shortcoming['level'], found: string, fix: string): Shortcoming {
  return { level, found, fix };
}
