import assert from 'node:assert/strict';
import { digestOf, type Json, sha256, utf8 } from '@halligan/format';
import {
  linkDigest,
  type Member,
  type Role,
  type RosterChange,
  type RosterLink,
  type SignedStatement,
  type SigningKey,
  STATEMENT_VERSION,
  type Statement,
  type StatementKind,
  signingKeyOf,
  signRecipient,
  signStatement,
  statementOf,
  subjectOf,
} from '@halligan/statement';
import {
  type Decision,
  decide,
  EMPTY,
  type EventBody,
  emergencyById,
  evolve,
  type HalliganEvent,
  type Input,
  type Policy,
  policyDigest,
  policyOf,
  type State,
  type StoredInput,
  verifyInput,
} from '../index.ts';

/** An organisation of real signed statements. Keys are generated once; nothing here encrypts to a recipient. */

export const ORIGIN = 'halligan.example/contoso';
/** A Monday. */
export const BEGIN = '2026-03-02T09:00:00.000Z';
export const ACCOUNT = 'root-1';
export const SPARE = 'root-2';
export const SYSTEM = 'directory';

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const VERIFIER_KEY = 'halligan.example/contoso+0123abcd+AQIDBA==';

/**
 * ada and bob keep the roster; ana, ben and cleo hold keys; dana and dirk approve, and dora in their place; eli and ana
 * are executives; wanda watches; raj is security; mei owns the system; ivan is nobody in particular.
 */
const PEOPLE: Readonly<Record<string, readonly Role[]>> = {
  ada: ['admin'],
  bob: ['admin'],
  ana: ['custodian', 'executive'],
  ben: ['custodian'],
  cleo: ['custodian'],
  dana: ['approver'],
  dirk: ['approver', 'custodian'],
  dora: ['deputy'],
  eli: ['executive'],
  wanda: ['witness'],
  raj: ['security'],
  mei: ['system-owner'],
  ivan: [],
};
export const EVERYBODY: readonly string[] = Object.keys(PEOPLE);

const GROUPS = {
  keyholders: ['ana', 'ben', 'cleo'],
  executives: ['eli', 'ana'],
  server: ['releaser'],
} as const;

export const POLICY = {
  v: 'halligan/policy/v1',
  organisation: 'contoso',
  owner: 'raj',
  approvers: { 'tier-0': ['dana', 'dirk'], deputies: ['dora'] },
  recipients: 'x25519',
  quorums: {
    'tier-0': {
      standard: ['2 of keyholders', '1 of server'],
      offline: ['2 of keyholders', '1 of executives'],
    },
  },
} as const;

const keys = new Map<string, Promise<SigningKey>>();

/** The key of a person, always the same; `name` may be anybody's, so that a test can forge. */
export function keyOf(name: string): Promise<SigningKey> {
  const key = keys.get(name) ?? signingKeyOf(sha256(utf8(`a practice key of ${name}`)));
  keys.set(name, key);
  return key;
}

/** Of the right form. */
export function recipientOf(name: string): string {
  const letters = Array.from(
    { length: 58 },
    (_, at) => BECH32[(name.charCodeAt(at % name.length) + at) % 32],
  );
  return `age1${letters.join('')}`;
}

export async function memberOf(
  id: string,
  roles: readonly Role[],
  kind: Member['kind'] = 'person',
): Promise<Member> {
  const key = await keyOf(id);
  const recipient = recipientOf(id);
  const recipientSignature = await signRecipient(id, recipient, key);
  return { id, kind, signing: [key.publicKey], recipient, recipientSignature, roles };
}

/** A text's digest, as statements name attachments. */
export function textOf(text: string): string {
  return digestOf(text);
}

/** What signs, and what believes signatures. */
export interface Pen {
  sign(statement: Statement, by: string): Promise<SignedStatement>;
  verify(state: State, stored: StoredInput): Promise<Input>;
  /** What a signer's device has seen of the record so far; without it every statement quotes the same place. */
  seen?(history: Organisation['history']): { readonly size: number; readonly root: string };
}

/** Keys and signatures as they are everywhere else. */
export const REAL_PEN: Pen = {
  sign: async (statement, by) => signStatement(statement, await keyOf(by)),
  verify: verifyInput,
};

/** One record and its clock. `fork` makes another that goes its own way. */
export class Organisation {
  readonly #pen: Pen;
  /** Counted by each record for itself: what happens in one does not depend on what others did before. */
  #nonces: number;
  state: State;
  now: string;
  /** Everything that was accepted, to be decided again. */
  readonly history: {
    readonly stored: StoredInput;
    readonly at: string;
    readonly events: readonly HalliganEvent[];
  }[];

  constructor(
    state: State = EMPTY,
    now: string = BEGIN,
    history: Organisation['history'] = [],
    pen: Pen = REAL_PEN,
    nonces = 0,
  ) {
    this.#nonces = nonces;
    this.#pen = pen;
    this.state = state;
    this.now = now;
    this.history = [...history];
  }

  fork(pen: Pen = this.#pen): Organisation {
    return new Organisation(this.state, this.now, this.history, pen, this.#nonces);
  }

  /** @param minutes may be a fraction */
  wait(minutes: number): this {
    this.now = new Date(Date.parse(this.now) + minutes * 60_000).toISOString();
    return this;
  }

  /** Signs with the key of `by`. `fields` may replace anything, to lie, and leave out what is undefined. */
  async sign(
    by: string,
    kind: StatementKind,
    subject: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SignedStatement> {
    this.#nonces += 1;
    const statement = statementOf(
      plain({
        v: STATEMENT_VERSION,
        kind,
        origin: ORIGIN,
        subject,
        by,
        at: this.now,
        nonce: this.#nonces.toString(16).padStart(32, '0'),
        purpose: emergencyById(this.state, subject)?.drill === true ? 'drill' : 'real',
        policy: emergencyById(this.state, subject)?.policy ?? this.state.policy ?? null,
        roster: this.state.roster?.digest ?? null,
        journal: this.#pen.seen?.(this.history) ?? { size: 7, root: 'ab'.repeat(32) },
        ...fields,
      }),
    );
    return this.#pen.sign(statement, by);
  }

  /** Verified, or thrown for. */
  verify(stored: StoredInput): Promise<Input> {
    return this.#pen.verify(this.state, stored);
  }

  /** What the rules say, without anything happening. */
  async ask(stored: StoredInput): Promise<Decision> {
    return decide(this.state, await this.verify(stored), this.now);
  }

  /** Decides and, where the rules agree, folds. */
  async submit(stored: StoredInput): Promise<Decision> {
    const decision = await this.ask(stored);
    if ('refusal' in decision) return decision;
    const events = stamped(decision.events, this.now);
    this.state = events.reduce(evolve, this.state);
    this.history.push({ stored, at: this.now, events });
    return decision;
  }

  /** As {@link submit}, for what must be accepted. @returns the types of what happened */
  async done(stored: StoredInput): Promise<readonly string[]> {
    const decision = await this.submit(stored);
    assert.ok('events' in decision, `refused: ${JSON.stringify(decision)}`);
    return decision.events.map(({ type }) => type);
  }

  tick(): Promise<readonly string[]> {
    return this.done({ type: 'tick' });
  }

  async changeRoster(change: RosterChange, signers: readonly string[]): Promise<Decision> {
    return this.submit(await this.rosterChange(change, signers));
  }

  async rosterChange(change: RosterChange, signers: readonly string[]): Promise<StoredInput> {
    const { roster } = this.state;
    const link: RosterLink = {
      v: 'halligan/roster/v1',
      number: roster === undefined ? 0 : roster.number + 1,
      previous: roster?.digest ?? null,
      change,
    };
    const signed = await Promise.all(
      signers.map((by) => this.sign(by, 'roster.change', linkDigest(link))),
    );
    return { type: 'statements', signed, document: plain(link) };
  }

  async adoption(document: Policy, signers: readonly string[]): Promise<StoredInput> {
    const signed = await Promise.all(
      signers.map((by) => this.sign(by, 'policy.adopt', policyDigest(document))),
    );
    return { type: 'statements', signed, document: plain(document) };
  }

  async entry(
    by: string,
    document: { readonly add: string; readonly id: string },
  ): Promise<StoredInput> {
    const signed = await this.sign(by, 'attest', subjectOf(document.add, document.id), {
      what: 'inventory',
      digest: digestOf(plain(document)),
    });
    return { type: 'statements', signed: [signed], document: plain(document) };
  }
}

export function stamped(bodies: readonly EventBody[], at: string): readonly HalliganEvent[] {
  return bodies.map((body, index) => ({
    ...body,
    v: 'halligan/event/v1',
    id: `${at}-${index}`,
    at,
    actor: 'test',
  }));
}

/** Plain JSON of anything that is. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

export function policyWith(changes: object = {}): Policy {
  return policyOf({ ...POLICY, ...changes });
}

const made = new Map<string, Promise<Organisation>>();

/** An organisation with people and a policy, a system and two accounts that nothing was sealed for yet. */
export async function found(changes: object = {}): Promise<Organisation> {
  const name = JSON.stringify(changes);
  const known = made.get(name) ?? foundNew(policyWith(changes));
  made.set(name, known);
  return (await known).fork();
}

export async function genesisChange(rotator: Member['kind'] = 'program'): Promise<RosterChange> {
  return genesisOf(
    await Promise.all([
      ...Object.entries(PEOPLE).map(([id, roles]) => memberOf(id, roles)),
      memberOf('releaser', [], 'program'),
      memberOf('rotator', [], rotator),
    ]),
  );
}

export function genesisOf(members: readonly Member[]): RosterChange {
  return {
    do: 'genesis',
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: VERIFIER_KEY,
    evidenceKey: VERIFIER_KEY,
    recipients: 'x25519',
    members,
  };
}

/** People and their groups, and nothing else yet. */
export async function founded(genesis?: RosterChange, pen: Pen = REAL_PEN): Promise<Organisation> {
  const made = new Organisation(EMPTY, BEGIN, [], pen);
  await made.done(await made.rosterChange(genesis ?? (await genesisChange()), ['ada', 'bob']));
  for (const [name, members] of Object.entries(GROUPS))
    await made.done(await made.rosterChange({ do: 'group', name, members }, ['ada']));
  return made;
}

/** @param rotator to see what becomes of a person by that name */
export async function foundNew(
  policy: Policy,
  rotator: Member['kind'] = 'program',
): Promise<Organisation> {
  const made = await founded(await genesisChange(rotator));
  await made.done(await made.adoption(policy, ['ada', 'bob']));
  await made.done(await made.entry('ada', systemEntry()));
  for (const id of [ACCOUNT, SPARE]) await made.done(await made.entry('ada', accountEntry(id)));
  return made;
}

export function systemEntry(changes: object = {}) {
  return {
    v: 'halligan/inventory/v1',
    add: 'system',
    id: SYSTEM,
    purpose: 'people and their groups',
    address: 'ldaps://directory.example',
    owner: 'mei',
    ...changes,
  };
}

export function accountEntry(id: string, changes: object = {}) {
  return {
    v: 'halligan/inventory/v1',
    add: 'account',
    id,
    system: SYSTEM,
    name: `cn=${id}`,
    privilege: 'everything',
    justification: 'the way in when nothing else works',
    quorum: 'tier-0',
    ...changes,
  };
}
