import { inputOf, type OfflineFold, type OfflineStep } from '@halligan/evidence';
import { canonicalBytes, digestOf, HalliganError, type Json } from '@halligan/format';
import { allEmergencies, isTouched } from '@halligan/procedure';
import { makeAttachment, statementDigest, subjectOf } from '@halligan/statement';
import { z } from 'zod';
import type { Device } from '../device.ts';

/** What became of one step when the server took it in. */
export interface Merged {
  readonly step: OfflineStep;
  readonly outcome: 'taken in' | 'on the record already' | 'not counted' | 'refused';
  /** The rule that refused it, and why. */
  readonly rule?: string;
  readonly why?: string;
}

const listSchema = z.object({
  emergencies: z.array(z.looseObject({ id: z.string(), account: z.string() })),
});

/** What the server's answer says of the connection, not of the statement: the merge stops, and goes on later. */
const UNREACHED = /^(cli\.(unreachable|answer|certificate)|server\.(session|fault|busy)|journal\.)/;

/**
 * Hands the server what was done without it, statement by statement, in the record's own order. What the server has
 * already is passed over, so that everybody may merge, and again after a connection broke.
 * @throws what a broken connection throws; what was taken in before stays
 */
export async function mergeSteps(
  device: Device,
  { steps }: OfflineFold,
): Promise<readonly Merged[]> {
  const known = await statementsKnown(device, steps);
  const merged: Merged[] = [];
  for (const step of steps) merged.push(await mergeStep(device, step, known));
  return merged;
}

async function mergeStep(
  device: Device,
  step: OfflineStep,
  known: ReadonlySet<string>,
): Promise<Merged> {
  const { entry, refusal } = step;
  if (known.has(entry.id)) return { step, outcome: 'on the record already' };
  if (refusal !== undefined)
    return { step, outcome: 'not counted', rule: refusal.rule, why: refusal.why };
  try {
    await device.api.post('/v1/statements', {
      signed: inputOf(entry).signed,
      attachments: entry.attachments,
      ciphertexts: entry.ciphertexts,
    });
    return { step, outcome: 'taken in' };
  } catch (error) {
    if (!(error instanceof HalliganError) || UNREACHED.test(error.code)) throw error;
    return { step, outcome: 'refused', rule: error.code, why: error.message };
  }
}

/** Digests of the statements of these emergencies that are on the server's record, proven here. */
async function statementsKnown(
  device: Device,
  steps: readonly OfflineStep[],
): Promise<ReadonlySet<string>> {
  await device.signIn();
  const declared = new Set(
    steps.filter(({ entry }) => isDeclaration(entry.signed)).map(({ entry }) => entry.id),
  );
  const { emergencies } = listSchema.parse(await device.api.get('/v1/emergencies'));
  const known = new Set<string>();
  for (const { id: emergency, account } of emergencies.filter(({ id }) => declared.has(id))) {
    const { groups } = await device.prove({ emergency, account });
    for (const { input } of groups)
      if (input.type === 'statements')
        for (const { statement } of input.signed) known.add(statementDigest(statement));
  }
  return known;
}

/** An account that was used without the server, where the record could not take all of it in. */
export interface UnplacedUse {
  readonly account: string;
  readonly version: number;
  readonly emergency: string;
  readonly rule: string;
}

/** Uses of which the server refused a part: shares left their holders, so the account must be made safe all the same. */
export function unplacedUses(
  { state }: OfflineFold,
  merged: readonly Merged[],
): readonly UnplacedUse[] {
  return allEmergencies(state).flatMap((emergency) => {
    const refused = merged.find(
      ({ outcome, step }) =>
        outcome === 'refused' &&
        (step.entry.id === emergency.id ||
          step.entry.signed.some(({ statement }) => statement.subject === emergency.id)),
    );
    const opening = emergency.openings.findLast((one) => one.releases.length > 0);
    if (refused === undefined || opening === undefined || !isTouched(emergency)) return [];
    const { id, account } = emergency;
    const rule = refused.rule ?? '';
    return [{ account, version: opening.version, emergency: id, rule }];
  });
}

/**
 * Reports a use that the record could not take in whole: signed, with all of what was said as a file beside it, so
 * that nothing is lost and the account is rotated.
 */
export async function reportUse(device: Device, use: UnplacedUse, record: Json): Promise<boolean> {
  const proven = await device.prove({ account: use.account });
  const document = { v: 'halligan/offline-use/v1', ...use };
  const file = makeAttachment(canonicalBytes(record), 'application/json');
  try {
    await device.say(
      proven,
      'attest',
      {
        subject: subjectOf('account', use.account),
        purpose: 'real',
        what: 'offline-use',
        digest: digestOf(document),
        text: file.digest,
      },
      { document, attachments: [file] },
    );
    return true;
  } catch (error) {
    // Somebody else reported it: one report is enough.
    if (error instanceof HalliganError && error.code === 'rotation.reported') return false;
    throw error;
  }
}

function isDeclaration(signed: OfflineStep['entry']['signed']): boolean {
  return signed[0]?.statement.kind === 'declare';
}
