/**
 * Every route × every kind of caller × every state of an emergency, as docs/formats/authorisation.md says: nobody gets in
 * where they do not belong, what is refused changes nothing, and tells nobody what there is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emergencyById } from '../../packages/procedure/index.ts';
import { said } from '../../packages/procedure/practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  keyOf,
  type Organisation,
  recipientOf,
  SYSTEM,
  textOf,
} from '../../packages/procedure/practice/practice-organisation.fixture.ts';
import { at, STAGES } from '../../packages/procedure/practice/practice-stages.fixture.ts';
import {
  ALLOWED,
  type Allowance,
  CALLERS,
} from '../../packages/server/http/authorisation.fixture.ts';
import { ROLES, signRecipient } from '../../packages/statement/index.ts';
import { AUDITOR, REKEYED, REMOVED, type Staged, staged } from './staged.fixture.ts';

const NOTHING = 'ab'.repeat(32);
const HOURS = 3_600_000;

/** Who is tried for a role. */
const PEOPLE: Readonly<Record<string, string>> = {
  'without a role': 'ivan',
  admin: 'ada',
  custodian: 'ben',
  approver: 'dana',
  deputy: 'dora',
  executive: 'eli',
  witness: 'wanda',
  security: 'raj',
  auditor: AUDITOR,
  'system-owner': 'mei',
};

/** The states: how far an emergency is, the ways on which it does not get there, and what else may be the case. */
const STATES: ReadonlyMap<string, () => Promise<{ org: Organisation; id: string }>> = new Map([
  ...STAGES.map((stage): [string, () => ReturnType<typeof at>] => [stage, () => at(stage)]),
  ['a drill, opened', () => at('opened', { drill: true })],
  [
    'refused',
    () => then('declared', (org, id) => org.sign('dana', 'refuse', id, { reason: textOf('no') })),
  ],
  ['given up before anything was released', () => then('joined', aborted)],
  ['given up after it was opened', () => then('opened', aborted)],
  [
    'expired',
    async () => {
      const { org, id } = await at('touched');
      await org.wait(31).tick();
      return { org, id };
    },
  ],
  [
    'late in everything',
    async () => {
      const { org, id } = await at('ended');
      await org.wait(60 * 24 * 30).tick();
      return { org, id };
    },
  ],
]);

async function then(
  stage: (typeof STAGES)[number],
  act: (org: Organisation, id: string) => ReturnType<Organisation['sign']>,
) {
  const { org, id } = await at(stage);
  await org.done(said(await act(org.wait(1), id)));
  return { org, id };
}

function aborted(org: Organisation, id: string) {
  return org.sign('ana', 'abort', id, { reason: textOf('enough') });
}

/** One caller of a kind: what they show, and who they are where the server knows them. */
interface Caller {
  readonly name: string;
  readonly person: string | undefined;
  readonly roles: readonly string[];
  readonly shows: { readonly token?: string; readonly authorization?: string };
}

async function callersOf(scene: Staged): Promise<Caller[]> {
  const token = await scene.signIn('ada');
  const out = await scene.signIn('ada');
  await scene.ask({ method: 'POST', url: '/v1/sign-out', token: out });
  const late = await scene.signedInBefore('ada', 12 * HOURS + 1000);
  const removed = await scene.signIn(REMOVED);
  const rekeyed = await scene.signIn(REKEYED);
  for (const session of [token, out, late, removed, rekeyed]) assert.match(session, /^[\w-]{43}$/);
  await scene.change({ do: 'remove', person: REMOVED });
  await scene.change({ do: 'rekey', ...(await newKeys()) });
  const forms = [
    `Basic ${token}`,
    token,
    `bearer ${token}`,
    `Bearer  ${token}`,
    `Bearer ${token}=`,
  ];
  const shows: readonly (readonly [string, readonly Caller['shows'][]])[] = [
    ['without a session', [{}]],
    [
      'with an invented session',
      ['a'.repeat(43), '', 'constructor'].map((one) => ({ token: one })),
    ],
    ['with a session in another form', forms.map((authorization) => ({ authorization }))],
    ['with a session that was signed out', [{ token: out }]],
    ['with a session of more than twelve hours', [{ token: late }]],
    ['who was taken off the roster', [{ token: removed }]],
    ['whose keys were replaced since', [{ token: rekeyed }]],
  ];
  const nobodies = shows.flatMap(([name, ways]) =>
    ways.map((one): Caller => ({ name, person: undefined, roles: [], shows: one })),
  );
  const people: Caller[] = [];
  for (const [name, person] of [...Object.entries(PEOPLE), ['custodian', 'dirk'] as const]) {
    const roles = scene.leader.state.roster?.members.find(({ id }) => id === person)?.roles ?? [];
    assert.ok(
      name === 'without a role'
        ? roles.length === 0
        : ROLES.some((role) => role === name && roles.includes(role)),
    );
    people.push({ name, person, roles, shows: { token: await scene.signIn(person) } });
  }
  return [...nobodies, ...people];
}

/** New keys of the one whose old ones were stolen; both admins sign. */
async function newKeys() {
  const key = await keyOf('the new key of a person');
  const recipient = recipientOf('another');
  return {
    ...{ person: REKEYED, signing: [key.publicKey], recipient },
    recipientSignature: await signRecipient(REKEYED, recipient, key),
  };
}

/** What the table says of a caller: that they are let in, or why not. */
function expected(
  { who }: Allowance,
  { name, roles }: Caller,
): 'in' | 'server.session' | 'server.forbidden' | 'reports.signature' {
  if (who === 'anybody') return 'in';
  if (who === 'machine') return 'reports.signature';
  if (CALLERS.get(name) !== 'a person') return 'server.session';
  return who === 'people' || who.some((role) => roles.some((own) => own === role))
    ? 'in'
    : 'server.forbidden';
}

/** Of those who are let in, whether what there is is for them. */
function isFor(of: string, scene: Staged, { person = '', roles }: Caller, whose: string): boolean {
  switch (of) {
    case '':
      return true;
    case 'the person, admins':
      return person === whose || roles.includes('admin');
    case 'holders of its seal': {
      const account = scene.leader.state.accounts[ACCOUNT];
      const shares = account?.versions[account.current]?.header.shares ?? [];
      return shares.some(({ holder }) => holder === person);
    }
    default:
      throw new Error(`nobody knows who “${of}” are`);
  }
}

/** The ids that are there, and others that are nobody's. */
function namesIn(scene: Staged, id: string) {
  const one = emergencyById(scene.leader.state, id);
  return {
    there: {
      ...{ emergency: one?.id ?? NOTHING, request: one?.openings[0]?.request ?? NOTHING },
      ...{ digest: one?.reason ?? NOTHING, account: ACCOUNT, system: SYSTEM, person: 'ben' },
      path: 'entries/000.p/5',
    },
    nowhere: {
      ...{ emergency: NOTHING, request: NOTHING, digest: NOTHING },
      ...{ account: 'none', system: 'none', person: 'none', path: 'entries/999' },
    },
  };
}

function urlOf(path: string, names: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => names[name] ?? 'none');
}

/** What a refusal says, but for which request it was. */
function words(text: string): unknown {
  const { instance: _, ...rest } = JSON.parse(text);
  return rest;
}

/** The prover is a process: nobody is let to it but where nothing is reset, which it is told before. */
const SLOW = '/v1/emergencies/{emergency}/prover';

/** Who has called it has no session any more. */
const ONCE = '/v1/sign-out';

for (const [state, reach] of STATES)
  test(`where the emergency is: ${state}`, async () => {
    const { org, id } = await reach();
    const scene = await staged(org);
    try {
      await holds(scene, id);
    } finally {
      await scene.end();
    }
  });

test('where the record was not verified since the start', async () => {
  const { org, id } = await at('opened');
  const scene = await staged(org, false);
  try {
    await holds(scene, id);
  } finally {
    await scene.end();
  }
});

/** Every route by every caller, by what is there and by what is not. */
async function holds(scene: Staged, id: string): Promise<void> {
  const callers = await callersOf(scene);
  assert.deepEqual(new Set(callers.map(({ name }) => name)), new Set(CALLERS.keys()));
  const { there, nowhere } = namesIn(scene, id);
  const { size } = scene.leader.checkpoint();
  const secrets = callers
    .flatMap(({ shows }) => shows.token ?? [])
    .filter((one) => one.length === 43);
  for (const route of ALLOWED)
    for (const caller of callers) {
      const what = `${route.method} ${route.path}, by one ${caller.name} (${caller.person ?? 'nobody'})`;
      const ask = async (names: Readonly<Record<string, string>>) => {
        const body = route.method === 'PUT' && route.path.endsWith('contacts') ? {} : undefined;
        const asked = { method: route.method, url: urlOf(route.path, names), ...caller.shows };
        return scene.ask(body === undefined ? asked : { ...asked, body });
      };
      const says = expected(route, caller);
      if (says !== 'in') {
        const refused = await ask(there);
        assert.equal(refused.status, says === 'server.session' ? 401 : 403, what);
        assert.equal(Object(words(refused.text)).code, says, what);
        assert.deepEqual(words((await ask(nowhere)).text), words(refused.text), what);
        for (const name of [...Object.values(there), ...secrets])
          assert.ok(name === NOTHING || !refused.text.includes(name), `${what}: tells of ${name}`);
        continue;
      }
      const answers = route.path === ONCE ? [] : [await ask(nowhere)];
      if (route.path !== SLOW) answers.push(await ask(there));
      const isTheirs = isFor(route.of, scene, caller, there.person);
      for (const { status, text } of answers) {
        assert.notEqual(status, 401, what);
        assert.ok(status < 500 || status === 503, `${what}: ${status} ${text}`);
        if (status >= 400)
          for (const secret of secrets)
            assert.ok(!text.includes(secret), `${what}: tells a session`);
      }
      const own = answers.at(-1)?.status;
      if (isTheirs || route.path === SLOW) assert.notEqual(own, 403, what);
      // Where nothing is sealed yet, there is nothing to keep from anybody.
      else assert.ok(own === 403 || (own === 404 && /seal$/.test(route.path)), `${what}: ${own}`);
      if (route.path === ONCE && caller.person !== undefined)
        Object.assign(caller.shows, { token: await scene.signIn(caller.person) });
    }
  assert.equal(scene.leader.checkpoint().size, size, 'something was recorded');
}

test('metrics are for programs on this machine, too, unless a proxy speaks for somebody else', async () => {
  const { org } = await at('armed');
  const scene = await staged(org);
  try {
    const metrics = { method: 'GET', url: '/metrics' };
    assert.equal((await scene.ask({ ...metrics, from: '127.0.0.1' })).status, 200);
    assert.equal((await scene.ask(metrics)).status, 401);
    for (const { method, path, who, here } of ALLOWED) {
      if (who === 'anybody' || who === 'machine') continue;
      const names = namesIn(scene, '').nowhere;
      const { status } = await scene.ask({ method, url: urlOf(path, names), from: '127.0.0.1' });
      assert.equal(status === 401, !here, `${method} ${path}`);
    }
  } finally {
    await scene.end();
  }
});

test('no session for programs, for who waits, for another organisation, with another key: in the same words', async () => {
  const { org } = await at('armed');
  const scene = await staged(org);
  try {
    await scene.change({ do: 'rekey', ...(await newKeys()) });
    const answers = [
      await scene.signIn('releaser'),
      await scene.signIn('rotator'),
      await scene.signIn('joiner'),
      await scene.signIn('ada', 'ada', 'halligan.example/fabrikam'),
      await scene.signIn('ada', 'bob'),
      await scene.signIn(REKEYED),
    ];
    const said = answers.map((text) => Object(words(text)));
    for (const { code, detail } of said)
      assert.deepEqual([code, detail], ['server.sign-in', said[0]?.detail]);
  } finally {
    await scene.end();
  }
});
