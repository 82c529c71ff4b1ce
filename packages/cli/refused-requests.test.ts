/** What the server is sent and must not take: each is answered with a problem that says what to do, and changes nothing. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ProvenState } from '@halligan/evidence';
import { hex, sha256 } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import {
  generateSigningKey,
  type SignedStatement,
  type StatementFields,
  signStatement,
  textAttachment,
} from '@halligan/statement';
import { z } from 'zod';
import type { Device } from './device.ts';
import { answerTo, type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { filesBelow } from './practice-home.fixture.ts';

let scene: LiveOpening;
let ana: Device;
let proven: ProvenState;
const tokens: Record<string, string> = {};
before(async () => {
  scene = await liveOpening();
  ana = await scene.device('ana');
  proven = await ana.prove({ emergency: scene.emergency, account: scene.account });
  for (const person of ['ana', 'ben', 'raj']) tokens[person] = await scene.token(person);
});
after(() => scene.end());

interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly as?: string;
  readonly token?: string;
  readonly type?: string;
  /** Sent as JSON, unless it is a text already. */
  readonly body?: unknown;
}

async function send({ path = '/v1/statements', method = 'POST', ...call }: Call) {
  const token = call.token ?? (call.as === undefined ? undefined : tokens[call.as]);
  return fetch(new URL(path, scene.server.url), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(call.body === undefined ? {} : { 'content-type': call.type ?? 'application/json' }),
    },
    ...(call.body === undefined
      ? {}
      : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
  });
}

const problem = z.object({
  type: z.string(),
  title: z.string().min(5),
  status: z.int(),
  code: z.string(),
  detail: z.string().min(5),
  hint: z.string().min(5),
});

/** What a refused request must leave as it was: the record, and everything on disk but the record's own file. */
function traces() {
  const { root, server } = scene;
  const folders = ['blobs', 'seals', 'systems', 'evidence', 'keys/subjects', 'keys/provers'];
  return {
    size: server.parts.leader.checkpoint().size,
    files: folders.flatMap((folder) => filesBelow(join(root, folder))),
  };
}

async function refuses(call: Call, status: number, code: string | RegExp): Promise<void> {
  const before = traces();
  const response = await send(call);
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const told = problem.parse(JSON.parse(text));
  assert.match(told.code, typeof code === 'string' ? new RegExp(`^${code}$`) : code);
  assert.equal(told.status, status);
  assert.equal(told.type, `urn:halligan:problem:${told.code}`);
  assert.deepEqual(traces(), before);
}

/** A note of ana's that the rules would take. */
async function note(device = ana, changes: Partial<StatementFields<'note'>> = {}) {
  const text = textAttachment('Seen.');
  const body = { about: 'observation', occurred: new Date().toISOString() } as const;
  const subject = { subject: scene.emergency, purpose: 'drill' } as const;
  const said = { ...subject, ...body, text: text.digest, ...changes };
  return { signed: await device.sign(proven, 'note', said), text };
}

const sent = (signed: unknown, rest: object = {}) => ({ signed: [signed], ...rest });

suite('a body that is none', () => {
  const large = `{"signed":["${'a'.repeat(33 << 20)}"]}`;
  const cases: readonly [string, Call, number, string][] = [
    ['is not JSON', { body: '{"signed":' }, 400, 'server.json'],
    ['is plain text', { body: '{"signed":[]}', type: 'text/plain' }, 415, 'server.media-type'],
    ['is of another type', { body: '<a/>', type: 'text/xml' }, 415, 'server.media-type'],
    ['is empty', { body: '' }, 400, 'server.json'],
    ['is too long', { body: large }, 413, 'server.too-large'],
    ['is no object', { body: [] }, 400, 'server.submission'],
    ['signs nothing', { body: { signed: [] } }, 400, 'server.submission'],
    [
      'has a field that is not known',
      { body: { signed: [{}], by: 'ana' } },
      400,
      'server.submission',
    ],
  ];
  for (const [what, call, status, code] of cases)
    test(`${what}: ${status}`, () => refuses({ as: 'ana', ...call }, status, code));
});

suite('a session', () => {
  test('is needed for everything but joining', async () => {
    const { signed, text } = await note();
    const body = sent(signed, { attachments: [text] });
    await refuses({ body }, 401, 'server.session');
    await refuses({ body, token: 'a'.repeat(43) }, 401, 'server.session');
    const { emergency, request } = scene;
    for (const path of [
      ...['/v1/view', '/v1/emergencies', '/v1/accounts', '/v1/obligations', '/v1/stream'],
      ...['/v1/systems/practice-system', `/v1/emergencies/${emergency}/evidence`, '/v1/join'],
      `/v1/emergencies/${emergency}/openings/${request}`,
    ])
      await refuses({ path, method: 'GET' }, 401, 'server.session');
  });

  test('is not opened by an answer that was given before', async () => {
    const path = '/v1/sign-in/challenge';
    const { challenge } = z
      .object({ challenge: z.string() })
      .parse(await (await send({ path })).json());
    const body = await answerTo(challenge, ana);
    const again = { path: '/v1/sign-in', body };
    assert.equal((await send(again)).status, 200);
    await refuses(again, 401, 'server.sign-in');
  });

  test('of a custodian does not do what admins do', async () => {
    await refuses({ path: '/v1/join', method: 'GET', as: 'ana' }, 403, 'server.forbidden');
    const body = { config: { driver: 'practice', folder: '/tmp' } };
    await refuses({ path: '/v1/systems/other', as: 'ana', body }, 403, 'server.forbidden');
  });

  test('hands in what another person signed: the statement speaks for itself', async () => {
    const { signed, text } = await note();
    const { size } = traces();
    const response = await send({ as: 'ben', body: sent(signed, { attachments: [text] }) });
    assert.equal(response.status, 201);
    assert.equal(traces().size, size + 1);
    const { notes } = emergencyById(scene.server.parts.leader.state, scene.emergency) ?? {};
    assert.equal(notes?.at(-1)?.by, 'ana');
    await refuses({ as: 'ana', body: sent(signed, { attachments: [text] }) }, 409, 'use.replayed');
  });
});

suite('a statement', () => {
  const tampered: Readonly<Record<string, (signed: SignedStatement) => unknown>> = {
    'with another text': ({ statement, signature }) => ({
      statement: { ...statement, subject: 'ab'.repeat(32) },
      signature,
    }),
    'with a signature that was altered': ({ statement, signature }) => ({
      statement,
      signature: String(signature).replace(/[A-Z]/, 'a'),
    }),
    'without a signature': ({ statement }) => ({ statement }),
    'in another person’s name': ({ statement, signature }) => ({
      statement: { ...statement, by: 'ben' },
      signature,
    }),
  };
  for (const [what, change] of Object.entries(tampered)) {
    test(`${what}: 400`, async () => {
      const { signed, text } = await note();
      const body = sent(change(signed), { attachments: [text] });
      await refuses({ as: 'ana', body }, 400, /^(statement|procedure)\./);
    });
  }

  test('of somebody who is not on the roster: 400', async () => {
    const { signed, text } = await note();
    const eve = await generateSigningKey();
    for (const by of ['eve', 'ana']) {
      const forged = await signStatement({ ...signed.statement, by }, eve);
      const body = sent(forged, { attachments: [text] });
      await refuses({ as: 'ana', body }, 400, /^statement\./);
    }
  });

  test('for another organisation’s record, or another emergency', async () => {
    const elsewhere = await note(ana, { origin: 'localhost/elsewhere' });
    const body = sent(elsewhere.signed, { attachments: [elsewhere.text] });
    await refuses({ as: 'ana', body }, 400, 'statement.origin');
    const other = await note(ana, { subject: 'ab'.repeat(32) });
    await refuses(
      { as: 'ana', body: sent(other.signed, { attachments: [other.text] }) },
      409,
      /^(emergency|input)\./,
    );
  });

  test('of a device that saw another history: 400', async () => {
    const { signed, text } = await note(ana, { journal: { size: 3, root: 'ab'.repeat(32) } });
    await refuses(
      { as: 'ana', body: sent(signed, { attachments: [text] }) },
      400,
      'server.other-history',
    );
  });
});

suite('what a statement names', () => {
  test('a text that it does not name, or that was altered', async () => {
    const { signed, text } = await note();
    const body = (attachment: unknown) => sent(signed, { attachments: [attachment] });
    const as = 'ana';
    await refuses({ as, body: body(textAttachment('Other.')) }, 400, 'server.submission');
    const altered = { ...text, digest: text.digest, content: textAttachment('Other.').content };
    await refuses({ as, body: body(altered) }, 400, /^(statement\.attachment|server\.submission)$/);
  });

  test('a share without its ciphertext, or with another', async () => {
    const ciphertext = new Uint8Array(200).fill(7);
    const header = proven.state.accounts[scene.account]?.versions[1]?.header;
    const share = header?.shares.find(
      ({ path, holder }) => path === 'standard' && holder === 'ana',
    );
    assert.ok(share);
    const signed = await ana.sign(proven, 'share.release', {
      subject: scene.emergency,
      purpose: 'drill',
      request: scene.request,
      path: 'standard',
      group: share.group,
      commitment: share.commitment,
      ciphertext: hex(sha256(ciphertext)),
    });
    const as = 'ana';
    await refuses({ as, body: sent(signed) }, 400, 'server.submission');
    const other = ciphertext.with(0, 8).toBase64();
    await refuses({ as, body: sent(signed, { ciphertexts: [other] }) }, 400, 'server.submission');
    const both = [ciphertext.toBase64(), other];
    await refuses({ as, body: sent(signed, { ciphertexts: both }) }, 400, 'server.submission');
    await refuses({ as, body: sent(signed, { ciphertexts: ['%'] }) }, 400, /./);
  });

  test('more than an entry of the record holds: 413', async () => {
    const { signed, text } = await note();
    const body = sent(signed, { attachments: [text], document: 'a'.repeat(70_000) });
    await refuses({ as: 'ana', body }, 413, 'journal.entry-too-large');
  });
});

suite('what is asked for', () => {
  const nothing = 'ab'.repeat(32);
  const cases: readonly [string, number, string | RegExp][] = [
    ['/v1/nothing', 404, 'server.not-found'],
    ['/v1/view?since=100000', 400, 'server.behind'],
    ['/v1/view?since=-1', 400, 'server.request'],
    ['/v1/view?from=-1', 400, 'server.request'],
    ['/v1/view?emergency=../..', 400, 'server.request'],
    ['/v1/view?all=1', 400, 'server.request'],
    ['/v1/systems/none', 404, /^server\./],
    [`/v1/emergencies/${nothing}/evidence`, 404, 'server.emergency'],
    [`/v1/emergencies/${nothing}/openings/${nothing}`, 404, 'server.emergency'],
    [`/v1/emergencies/${nothing}/attachments/${nothing}`, 404, 'server.emergency'],
    ['/v1/emergencies/x/evidence', 400, 'server.request'],
  ];
  for (const [path, status, code] of cases)
    test(`${path}: ${status}`, () => refuses({ as: 'ana', method: 'GET', path }, status, code));
});

test('what was sent is not in the server’s log', () => {
  assert.deepEqual(scene.log, []);
});
