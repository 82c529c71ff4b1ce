import {
  type Block,
  type Content,
  code,
  type Fact,
  soft,
  type TimedLine,
  written,
} from '@halligan/document';
import {
  durationSeconds,
  type Emergency,
  type Note,
  type Opening,
  SERVER_GROUP,
  type State,
} from '@halligan/procedure';
import { reasonsOf, stoodInFor } from './happenings.ts';
import { approvalFacts } from './report-approval.ts';
import { drillFacts } from './report-drill.ts';
import { envelopes } from './report-envelopes.ts';
import {
  clock,
  duration,
  fact,
  factOf,
  facts,
  paragraph,
  person,
  quoted,
  section,
  type Texts,
  time,
} from './report-parts.ts';
import type { Group } from './transcript.ts';

/** The procedure's own form, label by label. */
export function invocation(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
  texts: Texts,
): readonly Block[] {
  const { attestation, evidence, second, titles } = emergency;
  const system = state.systems[emergency.system];
  const account = state.accounts[emergency.account]?.document;
  const text = (digest: string | undefined): Content => quoted(texts, digest);
  const stood = stoodInFor(groups, emergency.id);
  return section(
    'Break-glass invocation record',
    facts([
      fact('Date/Time', time(emergency.at)),
      ...drillFacts(emergency.scenario),
      ...(emergency.offline === undefined
        ? []
        : [
            fact(
              'Without the server',
              time(emergency.offline.until),
              ', from a kit until then; times and order are the signers’ word',
            ),
          ]),
      fact('Declared by', ...person(state, emergency.requester)),
      second === undefined
        ? fact(
            'Second authorised person',
            `nobody: ${emergency.requester} was alone, with an executive`,
          )
        : fact('Second authorised person', ...person(state, second)),
      fact('Witness (if applicable)', ...person(state, emergency.witness)),
      ...(titles === undefined ? [] : [fact('Titles, as declared', ...text(titles))]),
      fact(
        'System requiring access',
        emergency.system,
        ...(system === undefined ? [] : [': ', written(system.purpose)]),
      ),
      fact(
        'Account',
        ...(account === undefined
          ? [emergency.account]
          : [
              written(account.name),
              ' ',
              soft(`(${emergency.account}; `, written(account.privilege), ')'),
            ]),
      ),
      fact('Cause', emergency.cause),
      fact('Reason for invocation', ...text(emergency.reason)),
      factOf(
        'Normal access failure evidence',
        [...evidence, ...(attestation === undefined ? [] : [attestation])].map(text),
      ),
      fact('Incident', ...text(emergency.incident)),
      ...approvalFacts(state, emergency, groups, texts),
      ...emergency.refusals.map(
        ({ by, reason, at }): Fact => ({
          label: 'Refused by',
          value: [[...person(state, by), ', ', time(at)], text(reason)],
        }),
      ),
      factOf(
        'Acknowledged by',
        Object.entries(emergency.parts).map(([id, part]) => [
          `${id}, ${part.role}, ${part.together}, `,
          time(part.at),
          ...(stood.has(id) ? [`, in the place of ${stood.get(id)}, who had left`] : []),
          ...(part.title === undefined ? [] : [': ', ...text(part.title)]),
        ]),
      ),
    ]),
  );
}

/** Every opening by which a share left its holder, complete or not, and every envelope that people went to. */
export function retrieval(state: State, emergency: Emergency, texts: Texts): readonly Block[] {
  const openings = emergency.openings.filter(
    (one) => !one.exercise && (one.releases.length > 0 || one.quorumAt !== undefined),
  );
  const shown = [
    ...openings.map((one) => openingFacts(state, emergency, one)),
    ...envelopes(state, emergency, texts),
  ];
  return section(
    'Credential retrieval',
    ...(shown.length === 0
      ? [paragraph('No share left its holder, and no envelope was opened.')]
      : shown),
  );
}

function openingFacts(state: State, { account }: Emergency, opening: Opening): Block {
  const seal = state.accounts[account]?.versions[opening.version]?.digest;
  return facts([
    fact('Seal', `version ${opening.version}, `, code(seal ?? '')),
    fact(
      'Path',
      opening.path,
      ...(opening.rehearsed === true ? ['; in the drill, before it became real'] : []),
    ),
    fact('Requested by', ...person(state, opening.by), ', ', time(opening.at)),
    fact('Audit log reference', 'request ', code(opening.request)),
    factOf(
      'Shares released by',
      opening.releases.map(({ holder, group, at, statement }) => [
        ...(group === SERVER_GROUP ? ['the server'] : person(state, holder)),
        `, ${group}, `,
        time(at),
        ' ',
        soft('(statement ', code(statement.slice(0, 12)), ')'),
      ]),
    ),
    fact(
      'Quorum complete',
      opening.quorumAt === undefined ? 'no: not opened' : time(opening.quorumAt),
    ),
  ]);
}

/** Which part of the session a note tells of, in the procedure's order. */
const PARTS = [
  { heading: 'Before any change', about: ['baseline'], none: 'No baseline was captured.' },
  {
    heading: 'Actions performed',
    about: ['reveal', 'action', 'observation'],
    none: 'No actions were noted.',
  },
  { heading: 'After the change', about: ['post-change'], none: 'No configuration was captured.' },
] as const;

/** Access, baseline, actions, configuration after them, log-out: `15:12 UTC - Reset password for user …`. */
export function session(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
  texts: Texts,
): readonly Block[] {
  const { notes, ended, aborted } = emergency;
  const access = notes.find(({ about }) => about === 'access');
  const seconds = durationSeconds(emergency);
  const day = (access ?? notes[0])?.occurred ?? emergency.at;
  const linesOf = (some: readonly Note[]): Block => ({
    type: 'lines',
    lines: some.map((note) => line(note, emergency, day, texts)),
  });
  const accesses = notes.filter(({ about }) => about === 'access');
  return [
    ...section(
      'System access',
      ...(access === undefined
        ? [paragraph('No access was noted.')]
        : [facts(established(state, emergency, access)), linesOf(accesses)]),
    ),
    ...PARTS.flatMap(({ heading, about, none }) => {
      const some = notes.filter((note) => about.some((one) => one === note.about));
      return section(heading, some.length === 0 ? paragraph(none) : linesOf(some));
    }),
    ...section(
      'End of the session',
      facts([
        ended === undefined
          ? fact('Session terminated', 'not yet')
          : fact('Session terminated', time(ended.loggedOut)),
        ...(seconds === null ? [] : [fact('Total session duration', duration(seconds))]),
        ...(aborted === undefined
          ? []
          : [
              {
                label: 'Aborted by',
                value: [
                  [...person(state, aborted.by), ', ', time(aborted.at)],
                  ...reasonsOf(groups, emergency.id).abort.map((reason) => quoted(texts, reason)),
                ],
              },
            ]),
      ]),
    ),
  ];
}

function established(state: State, emergency: Emergency, access: Note): readonly Fact[] {
  const account = state.accounts[emergency.account]?.document.name;
  const address = state.systems[emergency.system]?.address;
  return [
    fact('System access established', time(access.occurred)),
    fact('Account used', account === undefined ? emergency.account : written(account)),
    fact(
      'System',
      emergency.system,
      ...(address === undefined ? [] : [' (', written(address), ')']),
    ),
  ];
}

/** A note, with what corrects it under it, in order: nothing on the record is changed, only added to. */
function line(note: Note, emergency: Emergency, day: string, texts: Texts): TimedLine {
  const below: readonly Content[] = [
    ...(note.outOfScope === undefined
      ? []
      : [
          [
            { type: 'verdict', good: false, text: 'Out of scope:' },
            ' ',
            ...quoted(texts, note.outOfScope),
          ] as const,
        ]),
    ...emergency.addenda
      .filter(({ to }) => to === note.statement)
      .map((one) => addendum(one, texts)),
  ];
  return {
    content: [
      clock(note.occurred, day),
      ' - ',
      ...quoted(texts, note.text),
      ' ',
      soft(`(${note.about}, ${note.by})`),
    ],
    ...(below.length === 0 ? {} : { below }),
  };
}

export function addendum({ at, by, text }: Emergency['addenda'][number], texts: Texts): Content {
  return ['Addendum, ', time(at), `, ${by}: `, ...quoted(texts, text)];
}
