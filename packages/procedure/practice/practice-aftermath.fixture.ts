import { digestOf, type Json } from '@halligan/format';
import type { StatementFields } from '@halligan/statement';
import { governorsOf, openActions, REVIEW_POINTS, type StoredInput } from '../index.ts';
import { emergencyOf, ownerOf, said } from './practice-emergency.fixture.ts';
import { type Organisation, plain, textOf } from './practice-organisation.fixture.ts';

/** What the people of the practice organisation attest once an emergency is over, by the second rules. */

async function attested(
  org: Organisation,
  emergency: string,
  by: string,
  what: StatementFields<'attest'>['what'],
  document: Json,
  fields: Readonly<Record<string, unknown>>,
): Promise<StoredInput> {
  return said(
    await org.sign(by, 'attest', emergency, { what, digest: digestOf(document), ...fields }),
    document,
  );
}

export function resetPart(
  org: Organisation,
  emergency: string,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = plain({
    v: 'halligan/reset-part/v1',
    emergency,
    item: 'copies',
    outcome: 'none',
    ...changes,
  });
  return attested(org, emergency, by, 'reset', document, fields);
}

export function reconciliation(
  org: Organisation,
  emergency: string,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = plain({
    v: 'halligan/reconciliation/v1',
    emergency,
    log: textOf('the log'),
    tolerance: 300,
    entries: 2,
    matched: 2,
    differences: [],
    ...changes,
  });
  return attested(org, emergency, by, 'reconciliation', document, fields);
}

export function fullReview(
  org: Organisation,
  emergency: string,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = plain({
    v: 'halligan/review/v2',
    emergency,
    reconciliation: emergencyOf(org, emergency).reconciled?.document ?? textOf('none'),
    points: REVIEW_POINTS.map((point) => ({ point, held: true })),
    impact: textOf('two hours without support'),
    procedure: textOf('it held up'),
    rootCause: 'idp-outage',
    actions: [{ what: textOf('a second provider'), owner: ownerOf(org), due: '2026-06-30' }],
    responsible: 'confirmed',
    violations: [],
    ...changes,
  });
  return attested(org, emergency, by, 'review', document, fields);
}

export function escalation(
  org: Organisation,
  emergency: string,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const [to] = governorsOf(org.state, emergencyOf(org, emergency));
  const document = plain({
    v: 'halligan/escalation/v1',
    emergency,
    to,
    what: textOf('somebody read mail'),
    logs: [textOf('the log')],
    suspend: [],
    ...changes,
  });
  return attested(org, emergency, by, 'escalation', document, fields);
}

export async function actionDone(
  org: Organisation,
  emergency: string,
  by: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const [action] = openActions(emergencyOf(org, emergency));
  return said(
    await org.sign(by, 'attest', emergency, {
      what: 'action',
      digest: action?.what ?? textOf('a second provider'),
      ...fields,
    }),
  );
}

export function logCheck(
  org: Organisation,
  emergency: string,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const seen = { at: org.now, reference: textOf('entry 4711') };
  const document = plain({
    v: 'halligan/verification/v1',
    emergency,
    version: emergencyOf(org, emergency).exercised?.version ?? 1,
    original: seen,
    test: seen,
    change: seen,
    access: true,
    audit: true,
    ...changes,
  });
  return attested(org, emergency, by, 'verification', document, fields);
}
