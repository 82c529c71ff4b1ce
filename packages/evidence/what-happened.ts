import { type Emergency, type Opening, SERVER_GROUP, type State } from '@halligan/procedure';
import { asserted, type Claim, computed, lacking, listed, signed } from './claim.ts';
import type { ReportText } from './report-parts.ts';
import type { Group } from './transcript.ts';
import { whatWasAuthorised } from './what-was-authorised.ts';
import { whatWasMadeGood } from './what-was-made-good.ts';
import { whatWasOnPaper } from './what-was-on-paper.ts';
import { whatWasReviewed } from './what-was-reviewed.ts';

/**
 * What happened, each with whose word it rests on. Called only for a state that was replayed: the signatures that
 * these lines name were verified, and the rules agreed. What a program saw of a system is that program's word.
 */
export function whatHappened(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
  texts: ReadonlyMap<string, ReportText>,
): readonly Claim[] {
  return [
    ...whatWasAuthorised(state, emergency, groups),
    ...emergency.openings.flatMap(openingClaims),
    ...whatWasOnPaper(state, emergency, groups),
    ...useAndRecord(emergency),
    ...whatWasMadeGood(state, emergency),
    ...whatWasReviewed(emergency, groups, texts),
    ...verification(emergency),
    ...keeping(emergency),
    ...notTakenIn(state, emergency),
    computed(
      `every signature is by a key that the roster held then (${signersOf(groups).join(', ')})`,
    ),
  ];
}

function openingClaims(opening: Opening): readonly Claim[] {
  const version = `version ${opening.version}`;
  const what = opening.exercise
    ? `the exercise of ${version}`
    : opening.rehearsed === true
      ? `opening ${version} in the drill before it`
      : `opening ${version}`;
  return [
    signed(opening.by, `${opening.by} asked for ${what} by the path ${opening.path}`),
    ...opening.releases.map(({ group, holder }) =>
      signed(
        holder,
        `${group === SERVER_GROUP ? 'the server’s share' : `${holder}’s share`} was released for ${what}`,
      ),
    ),
    opening.quorumAt === undefined
      ? lacking(`the quorum for ${what} was complete`)
      : computed(`the releases for ${what} are a quorum of the seal’s path ${opening.path}`),
  ];
}

function useAndRecord(emergency: Emergency): readonly Claim[] {
  const { ended, aborted, record, submitted } = emergency;
  const authors = [...new Set(emergency.notes.map(({ by }) => by))];
  return [
    ...authors.map((by) => {
      const count = emergency.notes.filter((note) => note.by === by).length;
      return signed(
        by,
        `${by} wrote ${count === 1 ? '1 note' : `${count} notes`} of what was done`,
      );
    }),
    ...(aborted === undefined ? [] : [signed(aborted.by, `${aborted.by} aborted it`)]),
    ...(ended === undefined && aborted === undefined ? [lacking('it ended')] : []),
    ...(record?.signedBy ?? []).map((person) => {
      const left = record?.inPlaceOf?.[person];
      return signed(
        person,
        `${person} signed the record${left === undefined ? '' : `, in the place of ${left}, who had left`}`,
      );
    }),
    ...(record?.pages === undefined
      ? []
      : [
          signed(
            listed(record.signedBy),
            `these ${record.pages.length} scans are the pages of the record that were signed by hand`,
          ),
        ]),
    ...(submitted === undefined
      ? []
      : submitted.via === undefined
        ? [signed(submitted.by, `${submitted.by} submitted the record`)]
        : [
            {
              verdict: 'ASSERTED',
              basis: 'by the server',
              about: 'event',
              claim: `the incident system took the record (${submitted.via})`,
            } as const,
          ]),
  ];
}

function verification(emergency: Emergency): readonly Claim[] {
  const { exercised, closed } = emergency;
  return [
    ...(exercised?.by !== undefined
      ? [
          signed(
            listed(exercised.by),
            `${listed(exercised.by)} signed in with version ${exercised.version}, together`,
          ),
        ]
      : []),
    ...(exercised === undefined || exercised.by !== undefined
      ? []
      : [
          signed(
            'rotator',
            `version ${exercised.version} was opened to the prover, which signed in with it`,
          ),
          asserted('the rotator', `no person saw version ${exercised.version}`),
        ]),
    closed === undefined ? lacking('it is closed') : signed(closed.by, `${closed.by} closed it`),
  ];
}

/** What two people decided about the record: each signed it, and the rules counted both. */
function keeping({ keeping: kept }: Emergency): readonly Claim[] {
  const { holds = [], erasure } = kept ?? {};
  return [
    ...holds.flatMap(({ by, at, lifted }) => [
      signed(by.join(' and '), `a legal hold was placed on the record, ${at.slice(0, 10)}`),
      ...(lifted === undefined
        ? []
        : [signed(lifted.by.join(' and '), `it was lifted, ${lifted.at.slice(0, 10)}`)]),
    ]),
    ...(erasure === undefined
      ? []
      : [
          signed(
            erasure.by.join(' and '),
            `the texts of the record were ordered to be erased (${erasure.ground}), ${erasure.at.slice(0, 10)}`,
          ),
          erasure.done === undefined
            ? lacking('they were erased')
            : asserted(
                'the server',
                `its ${erasure.done.blobs} copies of them are gone, ${erasure.done.at.slice(0, 10)}; backups and other packs it cannot speak for`,
              ),
        ]),
  ];
}

/** Other uses of the account, without the server, that somebody reported: what was done in them nobody can show here. */
function notTakenIn(state: State, { account }: Emergency): readonly Claim[] {
  return (state.accounts[account]?.reported ?? []).map(({ by, version, emergency, rule }) =>
    signed(
      by,
      `${by} reported that version ${version} was used without the server (declared as ${emergency.slice(0, 12)}), which the record could not take in: ${rule}`,
    ),
  );
}

function signersOf(groups: readonly Group[]): readonly string[] {
  const all = groups.flatMap(({ input }) =>
    input.type === 'statements' ? input.signed.map((one) => one.statement.by) : [],
  );
  return [...new Set(all)].sort();
}
