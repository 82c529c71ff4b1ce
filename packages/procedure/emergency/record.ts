import { digestOf, type Json } from '@halligan/format';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { Emergency, State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';

/**
 * The session record, in the seed procedure's order: invocation, retrieval, use, end. Derived from the state alone, so
 * that both signers, the server and the auditor compute the same bytes; free text stays a digest.
 */
export function recordOf(state: State, emergency: Emergency): Json {
  const system = state.systems[emergency.system];
  const account = state.accounts[emergency.account];
  return {
    v: 'halligan/record/v1',
    emergency: emergency.id,
    drill: emergency.drill,
    invocation: {
      at: emergency.at,
      declaredBy: emergency.requester,
      secondPerson: emergency.second,
      witness: emergency.witness ?? null,
      system: {
        id: emergency.system,
        purpose: system?.purpose ?? null,
        account: account?.document.name ?? null,
      },
      reason: emergency.reason,
      cause: emergency.cause,
      evidence: emergency.evidence,
      attestation: emergency.attestation ?? null,
      incident: emergency.incident,
      approval: emergency.approval === undefined ? null : { ...emergency.approval },
      acknowledged: Object.entries(emergency.parts)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([person, part]) => ({ person, ...part })),
    },
    // Every opening by which a share left its holder, complete or not.
    retrieval: emergency.openings
      .filter((opening) => !opening.exercise && opening.releases.length > 0)
      .map((opening) => ({
        version: opening.version,
        seal: account?.versions[opening.version]?.digest ?? null,
        path: opening.path,
        requestedAt: opening.at,
        quorumAt: opening.quorumAt ?? null,
        releases: opening.releases.map(({ holder, group, at, statement }) => ({
          holder,
          group,
          at,
          statement,
        })),
      })),
    notes: emergency.notes.map((note) => ({ ...note })),
    end:
      emergency.ended === undefined
        ? null
        : { ...emergency.ended, seconds: durationSeconds(emergency) },
    aborted: emergency.aborted === undefined ? null : { ...emergency.aborted },
  };
}

/** Seconds from established access to log-out; null where access was never noted. */
export function durationSeconds(emergency: Emergency): number | null {
  const access = emergency.notes.find((note) => note.about === 'access');
  if (access === undefined || emergency.ended === undefined) return null;
  return Math.round((Date.parse(emergency.ended.loggedOut) - Date.parse(access.occurred)) / 1000);
}

/** Both authorised people sign the same record. */
export function decideRecord(state: State, said: Said<'attest'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const signers = [emergency.requester, emergency.second];
  if (!signers.includes(said.by))
    return refuse(
      'record.signer',
      'The requester and the second person sign the record.',
      'Ask them.',
      signers,
    );
  if (emergency.ended === undefined && emergency.aborted === undefined)
    return refuse(
      'record.not-ended',
      'The emergency has not ended.',
      'End it first: halligan emergency end.',
    );
  const digest = digestOf(recordOf(state, emergency));
  if (said.statement.digest !== digest)
    return refuse(
      'record.differs',
      'That is not the record as it stands.',
      'Fetch the record, read it, sign again.',
    );
  if (emergency.record?.digest === digest && emergency.record.signedBy.includes(said.by)) {
    return refuse(
      'record.again',
      'You signed this record already.',
      'The other signature is needed.',
      signers,
    );
  }
  return {
    events: [happened('RecordSigned', { emergency: emergency.id, by: said.by, record: digest })],
  };
}

/** The signed record went to the incident system or the security team. */
export function decideSubmission(state: State, said: Said<'attest'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const signers = [emergency.requester, emergency.second];
  if (!signers.includes(said.by))
    return refuse(
      'record.signer',
      'The requester or the second person submits the record.',
      'Ask them.',
      signers,
    );
  if (!isSignedByBoth(emergency)) {
    return refuse(
      'record.unsigned',
      'The record is not signed by both people.',
      'Sign it first: halligan emergency sign.',
      signers,
    );
  }
  if (said.statement.digest !== emergency.record?.digest)
    return refuse(
      'record.differs',
      'That is not the signed record.',
      'Submit the one that both signed.',
    );
  if (emergency.submitted !== undefined)
    return refuse('record.again', 'The record was submitted already.', 'Nothing more is needed.');
  const { text } = said.statement;
  return {
    events: [
      happened('RecordSubmitted', {
        emergency: emergency.id,
        by: said.by,
        record: said.statement.digest,
        ...(text === undefined ? {} : { reference: text }),
      }),
    ],
  };
}

/** Whether both authorised people signed the record as it stands. */
export function isSignedByBoth(emergency: Emergency): boolean {
  const signed = emergency.record?.signedBy ?? [];
  return signed.includes(emergency.requester) && signed.includes(emergency.second);
}
