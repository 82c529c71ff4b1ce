import { governorsOf, openActions, REVIEW_POINTS, type StoredInput } from '../index.ts';
import { attesting, emergencyOf, ownerOf, said } from './practice-emergency.fixture.ts';
import { type Organisation, textOf } from './practice-organisation.fixture.ts';

/** What the people of the practice organisation attest once an emergency is over, by the second rules. */

export const resetPart = attesting('reset', () => ({
  v: 'halligan/reset-part/v1',
  item: 'copies',
  outcome: 'none',
}));

export const reconciliation = attesting('reconciliation', () => ({
  v: 'halligan/reconciliation/v1',
  log: textOf('the log'),
  tolerance: 300,
  entries: 2,
  matched: 2,
  differences: [],
}));

export const fullReview = attesting('review', (org, { reconciled }) => ({
  v: 'halligan/review/v2',
  reconciliation: reconciled?.document ?? textOf('none'),
  points: REVIEW_POINTS.map((point) => ({ point, held: true })),
  impact: textOf('two hours without support'),
  procedure: textOf('it held up'),
  rootCause: 'idp-outage',
  actions: [{ what: textOf('a second provider'), owner: ownerOf(org), due: '2026-06-30' }],
  responsible: 'confirmed',
  violations: [],
}));

export const escalation = attesting('escalation', (org, emergency) => ({
  v: 'halligan/escalation/v1',
  to: governorsOf(org.state, emergency)[0],
  what: textOf('somebody read mail'),
  logs: [textOf('the log')],
  suspend: [],
}));

export const logCheck = attesting('verification', (org, { exercised }) => {
  const seen = { at: org.now, reference: textOf('entry 4711') };
  return {
    v: 'halligan/verification/v1',
    version: exercised?.version ?? 1,
    original: seen,
    test: seen,
    change: seen,
    access: true,
    audit: true,
  };
});

/** There is no document: the digest is that of what was to be done. */
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
