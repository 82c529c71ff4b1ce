import type { Json } from '@halligan/format';
import { retrievedOf } from '../custody/retrieval-record.ts';
import type { State } from '../state.ts';
import { bothOf } from './stand-ins.ts';
import type { Emergency, Note } from './state.ts';

/**
 * The session record, in the procedure's own form and order: invocation, retrieval, access, baseline, actions, what was
 * changed, logout, duration, who signs. Derived from the state alone, so that both signers, the server and the auditor
 * compute the same bytes; free text stays a digest.
 */
export function recordOf(state: State, emergency: Emergency): Json {
  if (emergency.rules === 1) return firstRecordOf(state, emergency);
  const { notes: _, v: _version, end: _end, aborted, ...rest } = firstRecordOf(state, emergency);
  const about = (...what: readonly string[]) => linesOf(emergency, what);
  return {
    ...rest,
    v: 'halligan/record/v2',
    access: about('access'),
    baseline: about('baseline'),
    actions: about('action'),
    postChange: about('post-change'),
    // What the others saw beside it, in their own words, and that it was shown.
    observations: about('reveal', 'observation'),
    logout: emergency.ended === undefined ? null : { ...emergency.ended },
    durationSeconds: durationSeconds(emergency),
    aborted: aborted ?? null,
    signers: [...bothOf(emergency)],
  };
}

function linesOf(emergency: Emergency, what: readonly string[]): readonly Line[] {
  return emergency.notes
    .filter((note) => what.includes(note.about))
    .map(({ about: _, ...line }) => line)
    .sort((a, b) => Date.parse(a.occurred) - Date.parse(b.occurred));
}

type Line = Omit<Note, 'about'>;

/**
 * A line of the record as the procedure writes it: `15:12 UTC - Reset password for user jsmith@contoso.com`.
 * @param text of the note, from its attachment
 */
export function recordLine({ occurred }: Pick<Note, 'occurred'>, text: string): string {
  return `${new Date(occurred).toISOString().slice(11, 16)} UTC - ${text}`;
}

/** As the first rules had it: it is signed in journals, and must come out the same. */
function firstRecordOf(state: State, emergency: Emergency) {
  const system = state.systems[emergency.system];
  const account = state.accounts[emergency.account];
  return {
    v: 'halligan/record/v1',
    emergency: emergency.id,
    drill: emergency.drill,
    invocation: {
      at: emergency.at,
      declaredBy: emergency.requester,
      secondPerson: emergency.second ?? null,
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
      approval: approvalOf(emergency),
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
    ...retrievedOf(emergency),
    notes: emergency.notes.map((note) => ({ ...note })),
    end:
      emergency.ended === undefined
        ? null
        : { ...emergency.ended, seconds: durationSeconds(emergency) },
    aborted: emergency.aborted === undefined ? null : { ...emergency.aborted },
    ...circumstancesOf(emergency),
  };
}

function approvalOf({ approval }: Emergency): Json {
  if (approval === undefined) return null;
  const { heardBy, contacts, ...said } = approval;
  return {
    ...said,
    ...(heardBy === undefined ? {} : { heardBy: [...heardBy] }),
    ...(contacts === undefined ? {} : { contacts: contacts.map((one) => ({ ...one })) }),
  };
}

/** Only where there is any, so that records of earlier versions keep their digests. */
function circumstancesOf({ titles, scenario, converted }: Emergency) {
  return {
    ...(titles === undefined ? {} : { titles }),
    ...(scenario === undefined
      ? {}
      : { scenario: { ...scenario, sabotage: [...scenario.sabotage] } }),
    ...(converted === undefined ? {} : { converted: { ...converted } }),
  };
}

/** Seconds from established access to log-out; null where access was never noted. */
export function durationSeconds(emergency: Emergency): number | null {
  const access = emergency.notes.find((note) => note.about === 'access');
  if (access === undefined || emergency.ended === undefined) return null;
  return Math.round((Date.parse(emergency.ended.loggedOut) - Date.parse(access.occurred)) / 1000);
}
