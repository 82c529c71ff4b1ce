import {
  type Emergency,
  isTouched,
  type Opening,
  SERVER_GROUP,
  type State,
  versionToVerify,
} from '@halligan/procedure';
import type { Claim } from './claim.ts';
import type { Group } from './transcript.ts';

/**
 * What happened, each with whose word it rests on. Called only for a state that was replayed: the signatures that
 * these lines name were verified, and the rules agreed. What a program saw of a system is that program's word.
 */
export function whatHappened(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
): readonly Claim[] {
  return [
    ...authorisation(emergency),
    ...emergency.openings.flatMap(openingClaims),
    ...useAndRecord(emergency),
    ...reset(state, emergency),
    ...verification(emergency),
    ...keeping(emergency),
    {
      verdict: 'PASS',
      basis: 'cryptographic',
      about: 'event',
      claim: `every signature is by a key that the roster held then (${signersOf(groups).join(', ')})`,
    },
  ];
}

function authorisation(emergency: Emergency): readonly Claim[] {
  const { approval, requester, account, cause } = emergency;
  const kind = emergency.drill ? 'a DRILL' : 'an emergency';
  return [
    signed(requester, `${requester} declared ${kind} on ${account} (${cause})`),
    ...emergency.refusals.map(({ by }) => signed(by, `${by} refused it`)),
    approval === undefined
      ? lacking('somebody approved it')
      : approval.method === 'silence exception'
        ? signed(
            approval.by,
            `${approval.by} invoked the silence exception; the attempts to reach approvers are ${approval.by}’s word`,
          )
        : signed(approval.by, `${approval.by} approved it`),
    ...Object.entries(emergency.parts).map(([person, part]) =>
      signed(person, `${person} took part as ${part.role} (${part.together})`),
    ),
  ];
}

function openingClaims(opening: Opening): readonly Claim[] {
  const what = opening.exercise
    ? `the exercise of version ${opening.version}`
    : `opening version ${opening.version}`;
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
      : {
          verdict: 'PASS',
          basis: 'cryptographic',
          about: 'event',
          claim: `the releases for ${what} are a quorum of the seal’s path ${opening.path}`,
        },
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
    ...(record?.signedBy ?? []).map((person) => signed(person, `${person} signed the record`)),
    ...(record?.pages === undefined
      ? []
      : [
          signed(
            record.signedBy.join(' and '),
            `these ${record.pages.length} scans are the pages of the record that were signed by hand`,
          ),
        ]),
    ...(submitted === undefined
      ? []
      : [signed(submitted.by, `${submitted.by} submitted the record`)]),
  ];
}

function reset(state: State, emergency: Emergency): readonly Claim[] {
  const version = emergency.reset?.version ?? versionToVerify(state, emergency);
  if (version === undefined)
    return isTouched(emergency) ? [lacking('the credential was reset')] : [];
  const proven = state.accounts[emergency.account]?.versions[version]?.proven;
  if (proven?.by !== undefined) {
    const two = proven.by.join(' and ');
    const knows: Claim = {
      verdict: 'ASSERTED',
      basis: `by ${two}`,
      about: 'event',
      claim: `version ${version} was set by hand: ${proven.by[0]} knows it`,
    };
    return [
      signed(two, `${two} saw the system accept version ${version}`),
      knows,
      proven.old === 'rejected'
        ? signed(two, `${two} saw the system reject the credential that was used`)
        : lacking('the system rejects the credential that was used'),
    ];
  }
  return [
    signed('rotator', `the rotator saw the system accept version ${version}`),
    proven?.old === 'rejected'
      ? signed('rotator', 'the rotator saw the system reject the credential that was used')
      : lacking('the system rejects the credential that was used'),
  ];
}

function verification(emergency: Emergency): readonly Claim[] {
  const { exercised, closed } = emergency;
  return [
    ...Object.keys(emergency.reviews).map((person) =>
      signed(person, `${person} signed the review`),
    ),
    ...(exercised?.by !== undefined
      ? [
          signed(
            exercised.by.join(' and '),
            `${exercised.by.join(' and ')} signed in with version ${exercised.version}, together`,
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
          {
            verdict: 'ASSERTED',
            basis: 'by the rotator',
            about: 'event',
            claim: `no person saw version ${exercised.version}`,
          } as const,
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
            : ({
                verdict: 'ASSERTED',
                basis: 'by the server',
                about: 'event',
                claim: `its ${erasure.done.blobs} copies of them are gone, ${erasure.done.at.slice(0, 10)}; backups and other packs it cannot speak for`,
              } as const),
        ]),
  ];
}

function signersOf(groups: readonly Group[]): readonly string[] {
  const all = groups.flatMap(({ input }) =>
    input.type === 'statements' ? input.signed.map((one) => one.statement.by) : [],
  );
  return [...new Set(all)].sort();
}

function signed(by: string, claim: string): Claim {
  return { verdict: 'PASS', basis: `signed by ${by}`, claim, about: 'event' };
}

function lacking(claim: string): Claim {
  return { verdict: 'NOT PROVEN', basis: 'not on the record', claim, about: 'event' };
}
