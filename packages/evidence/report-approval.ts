import { type Block, type Content, type Fact, soft } from '@halligan/document';
import type { Contact, Emergency, State } from '@halligan/procedure';
import { listed } from './claim.ts';
import { happenings, reasonsOf, signedAttempts, signersOfGroup } from './happenings.ts';
import {
  fact,
  factOf,
  facts,
  NONE,
  paragraph,
  person,
  quoted,
  section,
  type Texts,
  time,
} from './report-parts.ts';
import type { Group } from './transcript.ts';

/** The method of an approval that nobody gave. */
const SILENCE = 'silence exception';

/** Who approved, by which means, who vouches for it, and who was told of it. */
export function approvalFacts(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
  texts: Texts,
): readonly Fact[] {
  const { approval, contacts } = emergency;
  return [
    fact(
      'Approver',
      ...(approval === undefined
        ? NONE
        : approval.method === SILENCE
          ? [`nobody: ${approval.by} invoked the silence exception, `, time(approval.at)]
          : [...person(state, approval.by), ', ', time(approval.given ?? approval.at)]),
    ),
    fact('Approval method', approval?.method ?? '—'),
    ...heard(emergency, groups),
    fact('Conditions imposed', ...quoted(texts, approval?.conditions)),
    ...toldOf(
      'Written summary sent to',
      contacts.filter(({ what }) => what === 'summary'),
    ),
    ...toldOf(
      'Told of the decision',
      contacts.filter(({ what }) => what === 'notice'),
    ),
  ];
}

function heard({ id, approval }: Emergency, groups: readonly Group[]): readonly Fact[] {
  if (approval?.given === undefined) return [];
  const entry = happenings(groups, `emergency:${id}`, 'EmergencyApproved').at(-1);
  const signers = listed(entry === undefined ? [] : signersOfGroup(entry.group));
  return [
    approval.code === undefined
      ? fact('Heard by', `${listed(approval.heardBy ?? [])}; both signed the same words`)
      : fact('Spoken code', `a one-time code of ${approval.by}’s sheet, given by ${signers}`),
    fact('On the record since', time(approval.at)),
  ];
}

function toldOf(label: string, contacts: readonly Contact[]): readonly Fact[] {
  return contacts.length === 0
    ? []
    : [
        factOf(
          label,
          contacts.map(
            ({ person: who, channel, contacted, by }): Content => [
              `${who}, ${channel}, `,
              time(contacted),
              ' ',
              soft(by === undefined ? '(sent by the server)' : `(${by}’s word)`),
            ],
          ),
        ),
      ];
}

/** Whom the server asked and whom people tried, side by side, a row a person: what the silence exception rests on. */
export function attempts(
  { id, approval, contacts }: Emergency,
  groups: readonly Group[],
  texts: Texts,
): readonly Block[] {
  const silent = approval?.method === SILENCE;
  const { by, attempts: tried } = silent ? signedAttempts(groups, id) : { by: [], attempts: [] };
  const asked = contacts.filter(({ what }) => what === 'approval-request');
  const people = [...new Set([...asked, ...tried].map((one) => one.person))].sort();
  if (people.length === 0) return [];
  const [requester = '', second = ''] = by;
  const cell = (lines: readonly (readonly [string, string])[]): Content =>
    lines.length === 0
      ? NONE
      : [...lines]
          .sort(([, a], [, b]) => Date.parse(a) - Date.parse(b))
          .flatMap(([channel, at], index) => [`${index === 0 ? '' : '; '}${channel} `, time(at)]);
  return section(
    'Attempts to reach approvers',
    {
      type: 'table',
      columns: [
        'Approver',
        'Sent by the server',
        ...(silent ? [`Tried by ${requester}, co-signed by ${second}`] : []),
      ],
      rows: people.map((who) => [
        [who],
        cell(asked.filter((one) => one.person === who).map((one) => [one.channel, one.contacted])),
        ...(silent
          ? [cell(tried.filter((one) => one.person === who).map((one) => [one.channel, one.at]))]
          : []),
      ]),
    },
    ...(silent
      ? [
          paragraph('Nobody answered: by the policy’s waiting time that stood for an approval.'),
          facts(
            reasonsOf(groups, id).exception.map((reason) =>
              fact('Why without an approver', ...quoted(texts, reason)),
            ),
          ),
        ]
      : []),
  );
}
