import { type Block, code, type Fact } from '@halligan/document';
import {
  accessChanges,
  type Emergency,
  isTouched,
  lateSignOff,
  REVIEW_POINTS,
  resetListOf,
  type State,
  versionToVerify,
} from '@halligan/procedure';
import { addendum } from './report-emergency.ts';
import { fact, factOf, facts, person, quoted, section, type Texts, time } from './report-parts.ts';
import { findings } from './report-review.ts';

/** What the procedure asks of a review, in its words. */
const POINTS: Readonly<Record<(typeof REVIEW_POINTS)[number], string>> = {
  prerequisites: 'Prerequisites were met before invocation',
  'dual-control': 'Dual-control procedures were followed',
  necessity: 'Only necessary actions were performed',
  completeness: 'Documentation is complete and signed',
  reset: 'Credentials have been reset',
};

const OLD = {
  rejected: 'the system rejects it',
  accepted: 'THE SYSTEM STILL ACCEPTS IT',
  unknown: 'not tried',
  none: 'there was none',
} as const;

export function recordAndSignatures(
  state: State,
  emergency: Emergency,
  texts: Texts,
): readonly Block[] {
  const { record, submitted, addenda, notes } = emergency;
  const beside = new Set(notes.map(({ statement }) => statement));
  return section(
    'Session record',
    facts([
      fact(
        'Signed by',
        record === undefined
          ? 'nobody yet'
          : record.signedBy
              .map((by) => {
                const left = record.inPlaceOf?.[by];
                return left === undefined ? by : `${by} (in the place of ${left}, who had left)`;
              })
              .join(', '),
      ),
      ...signOff(state, emergency, texts),
      fact('Record', record === undefined ? '—' : code(record.digest)),
      ...(record?.pages === undefined
        ? []
        : [
            factOf(
              'Signed on paper, page by page',
              record.pages.map((page) => quoted(texts, page)),
            ),
          ]),
      {
        label: 'Submitted',
        value:
          submitted === undefined
            ? [['not yet']]
            : [
                [`${submitted.by}, `, time(submitted.at)],
                ...(submitted.reference === undefined ? [] : [quoted(texts, submitted.reference)]),
              ],
      },
      factOf(
        'Addenda',
        addenda
          .filter(({ to }) => !beside.has(to))
          .map((one) => [...addendum(one, texts), ' (to ', code(one.to.slice(0, 16)), ')']),
      ),
    ]),
  );
}

export function resetAndVerification(
  state: State,
  emergency: Emergency,
  texts: Texts,
): readonly Block[] {
  const version = emergency.reset?.version ?? versionToVerify(state, emergency);
  const proven =
    version === undefined
      ? undefined
      : state.accounts[emergency.account]?.versions[version]?.proven;
  const exercise = emergency.openings.find((one) => one.exercise && one.quorumAt !== undefined);
  return section(
    'Credential reset and verification',
    facts([
      proven === undefined
        ? fact('New credential', 'none yet')
        : fact('New credential', `version ${version}, accepted `, time(proven.at)),
      fact('Old credential', proven === undefined ? '—' : OLD[proven.old]),
      ...besidesThePassword(state, emergency, version),
      ...(proven?.by === undefined
        ? []
        : [fact('Set by hand', `${proven.by.join(' and ')} attest it; ${proven.by[0]} knows it`)]),
      ...parts(state, emergency, texts),
      emergency.exercised?.by !== undefined
        ? fact(
            'Verified under dual control',
            `by hand, ${emergency.exercised.by.join(' and ')}, `,
            time(emergency.exercised.at),
          )
        : emergency.exercised === undefined || exercise === undefined
          ? fact('Verified under dual control', 'not yet')
          : fact(
              'Verified under dual control',
              `${exercise.releases.map(({ holder }) => holder).join(', ')}, `,
              time(emergency.exercised.at),
            ),
      ...lastLook(emergency, texts),
    ]),
  );
}

const ITEMS = {
  password: 'Password',
  totp: 'One-time codes (TOTP)',
  'recovery-codes': 'Recovery codes',
  pin: 'PIN',
  'hardware-key': 'Hardware key',
  copies: 'Copies that were made',
} as const;

/** Each part that was revealed besides the secret: made good by whom and how, or not yet; and what stood in the way. */
function parts(state: State, emergency: Emergency, texts: Texts): readonly Fact[] {
  const { resetParts = {}, resetFailures = [] } = emergency;
  return [
    ...resetFailures.map(({ by, item, reason, next, at }) => ({
      label: `${ITEMS[item]} not reset`,
      value: [
        [`${reason} (${by}, `, time(at), ')'],
        ['Next: ', ...quoted(texts, next)],
      ],
    })),
    ...resetListOf(state, emergency)
      .filter(({ by }) => by === 'attestation')
      .map(({ item }): Fact => {
        const part = resetParts[item];
        if (part === undefined) return fact(ITEMS[item], 'not yet');
        const { outcome, serial, by, at, how } = part;
        return {
          label: ITEMS[item],
          value: [
            [
              outcome,
              ...(serial === undefined ? [] : [', serial ', code(serial)]),
              ` (${by}, `,
              time(at),
              ')',
            ],
            ...(how === undefined ? [] : [quoted(texts, how)]),
          ],
        };
      }),
  ];
}

const SOUGHT = {
  original: 'Provider’s log, sign-in',
  test: 'Provider’s log, test',
  change: 'Provider’s log, change',
} as const;

/** The three events in the provider's log, each with its reference, or why it was not found. */
function lastLook({ verified }: Emergency, texts: Texts): readonly Fact[] {
  if (verified === undefined) return [];
  const look = (name: keyof typeof SOUGHT): Fact => {
    const sought = verified[name];
    return 'missing' in sought
      ? fact(
          SOUGHT[name],
          { type: 'verdict', good: false, text: 'not found' },
          ': ',
          ...quoted(texts, sought.missing),
        )
      : fact(SOUGHT[name], time(sought.at), ': ', ...quoted(texts, sought.reference));
  };
  return [
    look('original'),
    look('test'),
    look('change'),
    fact('Looked up by', `${verified.by}, `, time(verified.at)),
  ];
}

/** The executive's written word on what one person did. */
function signOff(state: State, emergency: Emergency, texts: Texts): readonly Fact[] {
  const { second, signedOff } = emergency;
  if (second !== undefined || !isTouched(emergency)) return [];
  const late = lateSignOff(state, emergency);
  return [
    signedOff === undefined
      ? fact('Signed off by the executive', 'not yet')
      : {
          label: 'Signed off by the executive',
          value: [
            [
              `${signedOff.by}, `,
              time(signedOff.at),
              ', ',
              {
                type: 'verdict',
                good: signedOff.agreed,
                text: signedOff.agreed ? 'stands by it' : 'does not stand by it',
              },
              ...(late === undefined ? [] : ['; late: due by ', time(late)]),
            ],
            quoted(texts, signedOff.text),
          ],
        },
  ];
}

/** What came in or went while the credential was used; a system that does not tell gets no line. */
function besidesThePassword(
  state: State,
  emergency: Emergency,
  version: number | undefined,
): readonly Fact[] {
  const account = state.accounts[emergency.account];
  if (version === undefined || account?.versions[version]?.proven?.access === undefined) return [];
  const changes = accessChanges(account, version);
  return [
    changes.length === 0
      ? fact(
          'Besides the password',
          'keys, sign-in methods and rights as before; no session lives on',
        )
      : factOf(
          'Besides the password',
          changes.map(({ is, what, entry }) => [`${is}, ${what}: `, code(entry)]),
        ),
  ];
}

export function review(state: State, emergency: Emergency, texts: Texts): readonly Block[] {
  const reviews = Object.entries(emergency.reviews);
  return section(
    'Post-incident review',
    facts([
      ...(reviews.length === 0
        ? []
        : REVIEW_POINTS.map((point) => judged(point, emergency, texts))),
      reviews.length === 0
        ? fact('Signed by', 'nobody yet')
        : factOf(
            'Signed by',
            reviews.map(([id, { at }]) => [...person(state, id), ', ', time(at)]),
          ),
      fact('Root cause', emergency.reviewed?.rootCause ?? '—'),
      ...findings(emergency, texts),
      emergency.closed === undefined
        ? fact('Closed', 'not yet')
        : fact('Closed', ...person(state, emergency.closed.by), ', ', time(emergency.closed.at)),
    ]),
  );
}

function judged(name: (typeof REVIEW_POINTS)[number], { reviews }: Emergency, texts: Texts): Fact {
  const all = Object.entries(reviews).flatMap(([by, { points }]) =>
    points.filter(({ point }) => point === name).map((point) => ({ by, ...point })),
  );
  const held = all.length > 0 && all.every((point) => point.held);
  // All sign one document: what it found is said once.
  const found = [
    ...new Set(all.flatMap(({ finding }) => (finding === undefined ? [] : [finding]))),
  ];
  return fact(
    POINTS[name],
    { type: 'verdict', good: held, text: held ? 'yes' : 'no' },
    ...found.flatMap((one) => [': ', ...quoted(texts, one)]),
  );
}
