import {
  durationSeconds,
  type Emergency,
  type Note,
  type Opening,
  SERVER_GROUP,
  type State,
} from '@halligan/procedure';
import { html, type Markup, type Part, written } from './markup.ts';
import {
  clock,
  duration,
  facts,
  NONE,
  paragraphs,
  person,
  section,
  type Texts,
  textOf,
  time,
} from './report-parts.ts';

/** The procedure's own form, label by label. */
export function invocation(state: State, emergency: Emergency, texts: Texts): Markup {
  const { approval, attestation, evidence } = emergency;
  const system = state.systems[emergency.system];
  const account = state.accounts[emergency.account]?.document;
  const text = (digest: string | undefined): Part => textOf(texts, digest);
  return section(
    'Break-glass invocation record',
    facts([
      ['Date/Time', time(emergency.at)],
      ['Declared by', person(state, emergency.requester)],
      ['Second authorised person', person(state, emergency.second)],
      ['Witness (if applicable)', person(state, emergency.witness)],
      [
        'System requiring access',
        html`${emergency.system}${system === undefined ? '' : html`: ${written(system.purpose)}`}`,
      ],
      [
        'Account',
        account === undefined
          ? emergency.account
          : html`${written(account.name)} <span class="by">(${emergency.account}; ${written(account.privilege)})</span>`,
      ],
      ['Cause', emergency.cause],
      ['Reason for invocation', html`<p>${text(emergency.reason)}</p>`],
      [
        'Normal access failure evidence',
        paragraphs([...evidence, ...(attestation === undefined ? [] : [attestation])].map(text)),
      ],
      ['Incident', text(emergency.incident)],
      [
        'Approver',
        approval === undefined ? NONE : html`${person(state, approval.by)}, ${time(approval.at)}`,
      ],
      ['Approval method', approval?.method ?? NONE],
      ['Conditions imposed', html`<p>${text(approval?.conditions)}</p>`],
      ...emergency.refusals.map(({ by, reason, at }): readonly [string, Part] => [
        'Refused by',
        html`${person(state, by)}, ${time(at)}<p>${text(reason)}</p>`,
      ]),
      [
        'Acknowledged by',
        paragraphs(
          Object.entries(emergency.parts).map(
            ([id, part]) => html`${id}, ${part.role}, ${part.together}, ${time(part.at)}`,
          ),
        ),
      ],
    ]),
  );
}

/** Every opening by which a share left its holder, complete or not. */
export function retrieval(state: State, emergency: Emergency): Markup {
  const openings = emergency.openings.filter(
    (one) => !one.exercise && (one.releases.length > 0 || one.quorumAt !== undefined),
  );
  return section(
    'Credential retrieval',
    openings.length === 0
      ? html`<p class="text">No share left its holder.</p>`
      : openings.map((one) => openingFacts(state, emergency, one)),
  );
}

function openingFacts(state: State, { account }: Emergency, opening: Opening): Markup {
  const seal = state.accounts[account]?.versions[opening.version]?.digest;
  return facts([
    ['Seal', html`version ${opening.version}, <code>${seal ?? ''}</code>`],
    ['Path', opening.path],
    ['Requested by', html`${person(state, opening.by)}, ${time(opening.at)}`],
    [
      'Shares released by',
      paragraphs(
        opening.releases.map(
          ({ holder, group, at }) =>
            html`${group === SERVER_GROUP ? 'the server' : person(state, holder)}, ${group}, ${time(at)}`,
        ),
      ),
    ],
    [
      'Quorum complete',
      opening.quorumAt === undefined ? html`no: not opened` : time(opening.quorumAt),
    ],
  ]);
}

/** Access lines as the procedure writes them: `15:12 UTC - Reset password for user …`. */
export function session(emergency: Emergency, texts: Texts): Markup {
  const { notes, ended, aborted } = emergency;
  const access = notes.find(({ about }) => about === 'access');
  const seconds = durationSeconds(emergency);
  return section(
    'System access and actions performed',
    access === undefined
      ? undefined
      : html`<p class="text">System access established: ${time(access.occurred)}</p>`,
    notes.length === 0
      ? html`<p class="text">No notes.</p>`
      : html`<ol>${notes.map((note) => line(note, (access ?? note).occurred, texts))}</ol>`,
    ended === undefined
      ? undefined
      : html`<p class="text">Session terminated: ${time(ended.loggedOut)}</p>`,
    seconds === null
      ? undefined
      : html`<p class="text">Total session duration: ${duration(seconds)}</p>`,
    aborted === undefined
      ? undefined
      : html`<p class="text">Aborted by ${aborted.by}: ${time(aborted.at)}</p>`,
  );
}

function line(note: Note, day: string, texts: Texts): Markup {
  return html`<li><span class="text">${clock(note.occurred, day)} - ${textOf(texts, note.text)}</span> <span class="by">${note.about}, ${note.by}</span>${
    note.outOfScope === undefined
      ? undefined
      : html`<p class="text"><span class="no">Out of scope:</span> ${textOf(texts, note.outOfScope)}</p>`
  }</li>`;
}
