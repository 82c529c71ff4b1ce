import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { markdownOf, saidBy, textOf } from '@halligan/document';
import { HalliganError } from '@halligan/format';
import { pdfOf } from '@halligan/paper';
import {
  type Account,
  type AccountDocument,
  EMPTY,
  type Envelope,
  parsePolicy,
  policyDigest,
  type State,
} from '@halligan/procedure';
import type { Member, Role } from '@halligan/statement';
import { routinesOf } from './routines.ts';

const POLICY = `organisation: contoso
owner: raj
governance: gina
time_zone: Europe/Oslo
channels:
  out_of_band: the radio
  alert_on: [siem]
approvers:
  tier-0: [dana]
  deputies: [dora]
timers:
  approver_wait: 16m
  approver_notice: 61m
  solo_sign_off: 62m
  opening_window: 31m
  session: 5h
  documentation: 3h
  reset: 63m
  review: 6 business days
  credential_rotation: 361d
  drill_every: 91d
  envelope_inspection: 92d
  pin_rotation: 362d
  policy_review: 363d
  access_review: 181d
  retention: 8y
  loosening: 49h
  kit_check: 93d
  staff_drill: 29d
  completion: 28d
quorums:
  tier-0:
    standard: [2 of keyholders, 1 of server]
    offline: [2 of keyholders, 1 of chiefs]
`;

const PEOPLE: Readonly<Record<string, readonly Role[]>> = {
  ...{ raj: ['admin'], gina: [], dana: ['approver'], dora: ['deputy'] },
  ...{ ana: ['custodian'], ben: ['custodian'], chris: ['executive'] },
};

function member([id, roles]: readonly [string, readonly Role[]]): Member {
  return { id, kind: 'person', signing: [], recipient: '', recipientSignature: '', roles };
}

const V = { v: 'halligan/inventory/v1' } as const;

function account(id: string, system: string, more: Partial<AccountDocument>): Account {
  const document: AccountDocument = {
    ...{ ...V, add: 'account', id, system, name: id, privilege: `all of ${system}` },
    ...{ justification: 'Repairs it.', quorum: 'tier-0', ...more },
  };
  const envelope: Envelope = {
    ...{ serial: 'E-014', version: 1, contains: [], tamperEvident: 'bag 77', signed: [] },
    ...{ state: 'sealed', place: 'safe-b', registered: '', handled: '', inspected: '', since: '' },
  };
  return {
    ...{ document, state: 'armed', since: '2026-03-02T09:00:00.000Z', current: 1, versions: {} },
    envelopes: id === 'glass-cloud' ? { 'E-014': envelope } : {},
  };
}

function organisation(text = POLICY): State {
  const policy = parsePolicy(text);
  const digest = policyDigest(policy);
  const system = (id: string, more: object) => ({
    ...({
      ...V,
      add: 'system',
      id,
      purpose: `work of ${id}`,
      address: `${id}.example.org`,
    } as const),
    ...{ owner: 'raj', ...more },
  });
  const roster = {
    ...{ organisation: 'contoso', origin: 'h/contoso', logKey: '', evidenceKey: '' },
    ...({ recipients: 'x25519', number: 0, digest: '', former: [], pending: [] } as const),
    members: Object.entries(PEOPLE).map(member),
    groups: { keyholders: ['ana', 'ben'], chiefs: ['chris'] },
  };
  const key = { serial: 'K-7', presence: 'touch', pin: true, key_place: 'safe-b' } as const;
  return {
    ...EMPTY,
    roster,
    policy: digest,
    policies: { [digest]: policy },
    standing: { ...EMPTY.standing, policySince: '2026-03-02T09:00:00.000Z' },
    systems: {
      entra: system('entra', { support: 'desk 555' }),
      directory: system('directory', { depends_on: ['entra'] }),
      press: system('press', {}),
    },
    accounts: {
      'glass-cloud': account('glass-cloud', 'entra', {
        ...{ kind: 'cloud-only', sign_in: 'https://entra.example.org/sign-in' },
        ...{ keys: [key], pin_copy: 'bank-a' },
      }),
      'glass-dc': account('glass-dc', 'directory', { kind: 'on-premises' }),
      'glass-press': account('glass-press', 'press', { kind: 'local' }),
    },
    places: {
      'safe-b': {
        ...{ digest: '', at: '', knownBy: [] },
        document: {
          ...({ v: 'halligan/custody/v1', do: 'place', id: 'safe-b', kind: 'rated-safe' } as const),
          ...{ name: 'Safe of site B', address: '2 High Street', access: ['ana', 'ben'] },
          ...{ changed: '2026-03-02T09:00:00.000Z', previous: null },
        },
      },
    },
  };
}

/** What each section must name. */
const MUST: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'emergency-access': {
    Who: ['raj', 'gina', 'dana, dora', 'ana, ben', 'chris', '2 of keyholders', 'the server'],
    'When it is an emergency': ['idp-outage', 'credential-loss'],
    How: ['16m', '61m', '31m', '5h', '3h', '63m', '6 business days'],
    'By when': [
      ...['16m', '61m', '62m', '31m', '5h', '3h', '63m', '6 business days', '8y', '49h'],
      'Europe/Oslo',
    ],
    'Where it is told': ['the radio', 'siem'],
  },
  'break-glass': {
    Cloud: ['glass-cloud', 'entra', 'https://entra.example.org/sign-in', 'desk 555', 'tier-0'],
    'On premises': ['glass-dc', 'directory.example.org', 'raj'],
    Hybrid: ['directory: does not sign in without entra', 'entra: others depend on it'],
    'Local and operational technology (OT)': ['glass-press', 'work of press'],
    'Kind not said': ['no such account'],
    Where: ['safe-b', 'Safe of site B', '2 High Street', 'ana, ben', 'E-014'],
    'Who opens': ['2 of keyholders (ana, ben) and 1 of chiefs (chris)'],
    How: ['31m', '5h', '63m'],
    'By when': ['31m', '5h', '63m', '92d', '361d'],
  },
  'pin-rotation': {
    Who: ['entra', 'directory', 'press', 'raj'],
    'Which keys': ['glass-cloud', 'K-7', 'safe-b', 'bank-a'],
    How: ['362d'],
    When: ['362d', '361d', '92d'],
    Where: ['safe-b', '2 High Street'],
  },
  testing: {
    Who: ['raj', 'ana, ben', 'dana, dora', 'chris'],
    'What is tested': ['glass-cloud', 'glass-dc', 'glass-press'],
    How: ['63m'],
    When: ['91d', '29d', '93d', '92d', '363d', '181d', '28d', 'Europe/Oslo'],
  },
};

/** The text of one section: from its heading to the next. */
function sectionOf(state: State, routine: string, heading: string): string {
  const document = routinesOf(state).find(({ name }) => name === routine)?.document;
  assert.ok(document !== undefined, routine);
  const at = document.blocks.findIndex((one) => one.type === 'heading' && one.text === heading);
  assert.ok(at >= 0, heading);
  const end = document.blocks.findIndex((one, index) => index > at && one.type === 'heading');
  const blocks = document.blocks.slice(at, end < 0 ? undefined : end);
  return textOf({ ...document, subtitle: [], blocks }, 400);
}

describe('a routine names what the policy and the inventory name', () => {
  for (const [routine, sections] of Object.entries(MUST))
    for (const [heading, named] of Object.entries(sections))
      test(`${routine}: ${heading}`, () => {
        const text = sectionOf(organisation(), routine, heading);
        for (const one of named) assert.ok(text.includes(one), `${one} in:\n${text}`);
      });
});

test('every timer of the policy stands in some routine, and another figure makes another text', () => {
  const all = (text: string) =>
    routinesOf(organisation(text))
      .map(({ document }) => textOf(document))
      .join('\n');
  const before = all(POLICY);
  for (const [line, figure] of POLICY.matchAll(
    /^ {2}[a-z_]+: (\d+(?:[smhdy]| business days))$/gm,
  )) {
    assert.ok(figure !== undefined && before.includes(figure), line);
    const changed = POLICY.replace(line, line.replace(figure, '77d'));
    assert.notEqual(all(changed), before, line);
    assert.ok(all(changed).includes('77d'), line);
  }
});

test('one document makes Markdown, text and PDF that say the same', async () => {
  for (const { document } of routinesOf(organisation())) {
    const markdown = markdownOf(document);
    assert.match(markdown, /^# /);
    for (const block of document.blocks)
      if (block.type === 'heading')
        assert.ok(markdown.includes(`\n## ${block.text.replace(/[()]/g, '$&')}\n`), block.text);
      else if (block.type === 'facts')
        for (const { label } of block.rows) assert.ok(markdown.includes(label), label);
    assert.ok(textOf(document).includes(saidBy(document.title)));
    const pdf = await pdfOf(document);
    assert.equal(Buffer.from(pdf.subarray(0, 5)).toString('latin1'), '%PDF-');
    assert.deepEqual(pdf, await pdfOf(document), 'the same bytes for the same policy');
  }
});

test('without a policy there is nothing to write', () => {
  assert.throws(
    () => routinesOf(EMPTY),
    (error) => error instanceof HalliganError && error.code === 'cli.no-policy',
  );
});
