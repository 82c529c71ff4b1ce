/** What a server must not take, over HTTP: each is told what is wrong and what to do, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { digestOf, hex, type Json, sha256 } from '@halligan/format';
import type { StoredInput } from '@halligan/procedure';
import { makeStatement, signStatement, subjectOf, textAttachment } from '@halligan/statement';
import { z } from 'zod';
import {
  addSystem,
  changeRoster,
  type Person,
  person,
  type Upon,
  upon,
} from '../contoso.fixture.ts';
import { type Call, type Talking, talking } from './talking.fixture.ts';

let scene: Talking;
let eve: Person;
let dana = '';
before(async () => {
  eve = await person('eve', ['custodian']);
  scene = await talking([eve]);
  dana = await scene.token(scene.contoso.people.dana);
});
after(() => scene.end());

const problem = z.object({ code: z.string(), status: z.int(), hint: z.string().min(5) });

/** The record, and whatever lies beside it. */
function traces() {
  const { leader, home } = scene.server.parts;
  const files = [home.blobs, home.subjects, home.seals, home.systems, home.outbox].flatMap(
    (folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }),
  );
  const { roster, systems, emergencies } = leader.state;
  const state = digestOf([roster?.digest ?? null, Object.keys(systems), Object.keys(emergencies)]);
  return { size: leader.checkpoint().size, files: files.sort(), state };
}

async function refused(status: number, code: RegExp, call: Call, path = '/v1/statements') {
  await scene.server.settled();
  const earlier = traces();
  const response = await scene.send('POST', path, { token: dana, ...call });
  const text = await response.text();
  assert.equal(response.status, status, text);
  const told = problem.parse(JSON.parse(text));
  assert.match(told.code, code);
  await scene.server.settled();
  assert.deepEqual(traces(), earlier);
}

/** What a device sends of an input. */
function bodyOf(stored: StoredInput) {
  assert.ok(stored.type === 'statements');
  const { signed, document } = stored;
  return document === undefined ? { signed } : { signed, document };
}

const now = () => upon(scene.server.parts.leader);

/** A statement of dana's about an emergency that is none, or is another's. */
async function noteOf(subject: string, on: Upon = now()) {
  const { card, signing } = scene.contoso.people.dana;
  const text = textAttachment('Seen.');
  const statement = makeStatement('note', {
    ...on,
    policy: null,
    origin: 'localhost/contoso',
    subject,
    by: card.id,
    at: new Date().toISOString(),
    purpose: 'drill',
    about: 'observation',
    occurred: new Date().toISOString(),
    text: text.digest,
  });
  return { signed: [await signStatement(statement, signing)], attachments: [text] };
}

test('the name of a member that every object has is no account, system or person', async () => {
  for (const path of [
    'accounts/constructor/seal',
    'systems/constructor',
    'people/constructor/contacts',
  ]) {
    const response = await scene.send('GET', `/v1/${path}`, { token: dana });
    assert.equal(response.status, 400, path);
    assert.equal(problem.parse(await response.json()).code, 'server.request');
  }
});

test('settings that nobody signed for take along nothing that was signed beside them', async () => {
  const stored = await addSystem(scene.contoso.people.dana, 'router', now());
  const body = {
    submissions: [bodyOf(stored)],
    config: { driver: 'manual', platform: 'other', address: '192.0.2.1' },
  };
  await refused(400, /^server\.driver$/, { body }, '/v1/systems/router');
});

test('what never reaches a route is answered as everything else is: by a problem that nobody keeps', async () => {
  const { port } = new URL(scene.server.url);
  const asked: readonly (readonly [string, string, number])[] = [
    ['/v1/systems/%ff', '', 400],
    [`/v1/systems/${'a'.repeat(2000)}`, '', 404],
    ['/v1/view', 'expect: nothing\r\n', 417],
    ['/v1/view', 'x-long: '.concat('a'.repeat(20_000), '\r\n'), 431],
  ];
  for (const [path, header, status] of asked) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${header}\r\n`);
    const answer = await text(socket);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /^content-type: application\/problem\+json/im);
    assert.match(answer, /^cache-control: no-store\r$/im);
    assert.match(answer, /^x-content-type-options: nosniff\r$/im);
    problem.parse(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))));
  }
});

test('a body of more than 32 MiB is refused by its announced length, before it is read', async () => {
  await refused(413, /^server\.too-large$/, { body: { signed: ['a'.repeat(33 << 20)] } });
});

test('a body just below its route’s limit is read, and judged by what is in it', async () => {
  const envelope = JSON.stringify({ signed: [''] }).length;
  const full = (32 << 20) - envelope;
  await refused(400, /^(server|statement|procedure)\./, { body: { signed: ['a'.repeat(full)] } });
  await refused(413, /^server\.too-large$/, { body: { signed: ['a'.repeat(full + 1)] } });
});

test('an attachment that is too large, too many of them, and one whose content is another’s', async () => {
  const note = await noteOf('ab'.repeat(32));
  const [text] = note.attachments;
  const large = { ...text, content: Buffer.alloc(9 << 20).toString('base64') };
  const many = Array.from({ length: 65 }, () => text);
  const other = { ...text, content: textAttachment('Other.').content };
  for (const attachments of [[large], many, [other]])
    await refused(400, /^(server\.submission|statement\.attachment)$/, {
      body: { ...note, attachments },
    });
});

const HOSTILE: readonly (readonly [string, string])[] = [
  ['turned around', 'direc\u202eyrot'],
  ['with a hidden mark', 'dir\u200bectory'],
  ['with a terminal’s escape', 'directory\u001b[2J'],
  ['of Cyrillic letters', 'd\u0456rectory'],
  ['with a line end', 'directory\n03:04:05 info forged'],
  ['with half a character', 'directory\ud800'],
  ['a path', '../../keys/log.key'],
  ['a member that every object has', '__proto__'],
];
const STATUS_OF_NAME: Readonly<Record<string, number>> = { 'with half a character': 400 };
for (const [what, name] of HOSTILE) {
  test(`a name that is ${what}`, async () => {
    const stored = await hostileSystem(name);
    await refused(STATUS_OF_NAME[what] ?? 409, /^(inventory|procedure|format|server|statement)\./, {
      body: stored,
    });
    const { card } = await person('mallory');
    await refused(400, /^server\.(join|json)$/, { body: { ...card, id: name } }, '/v1/join');
    assert.equal(scene.log.join('\n').includes(name), false);
  });
}

/** As a device that does not check would send it. */
async function hostileSystem(id: string): Promise<Json> {
  const { card, signing } = scene.contoso.people.dana;
  const document = {
    v: 'halligan/inventory/v1',
    add: 'system',
    id,
    purpose: 'directory',
    owner: 'dana',
    address: 'ldaps://a.example',
  };
  const statement = makeStatement('attest', {
    ...now(),
    policy: null,
    origin: 'localhost/contoso',
    subject: subjectOf('system', 'directory'),
    by: card.id,
    at: new Date().toISOString(),
    purpose: 'real',
    what: 'inventory',
    digest: digestAsSent(document),
  });
  const signed = await signStatement(statement, signing);
  return { signed: [JSON.parse(JSON.stringify(signed))], document };
}

/** Of what has no canonical form, half a character for one, any digest will do: it is refused before that. */
function digestAsSent(document: Json): string {
  try {
    return digestOf(document);
  } catch {
    return hex(sha256(Buffer.from(JSON.stringify(document))));
  }
}

test('a statement is taken once: replayed it is refused, and so is one from before a restart', async () => {
  const body = bodyOf(await addSystem(scene.contoso.people.dana, 'replayed', now()));
  assert.equal((await scene.send('POST', '/v1/statements', { token: dana, body })).status, 201);
  await refused(409, /\./, { body });
  await scene.restart();
  dana = await scene.token(scene.contoso.people.dana);
  await refused(409, /\./, { body });
});

test('changes out of their order: a link of the roster that skips one, or rests on another', async () => {
  const { dana: one, raj: other } = scene.contoso.people;
  const { card } = await person('mallory', ['custodian']);
  const add = { do: 'admit', member: card } as const;
  const skipping = await changeRoster(add, [one, other], now(), 2);
  await refused(409, /^(roster|input)\./, { body: bodyOf(skipping.stored) });
  const elsewhere = await changeRoster(add, [one, other], { ...now(), roster: 'ab'.repeat(32) });
  await refused(409, /^(roster|input)\./, { body: bodyOf(elsewhere.stored) });
});

test('a statement upon entries that are not there yet, or upon another history', async () => {
  const { size } = scene.server.parts.leader.checkpoint();
  for (const journal of [
    { size: size + 1, root: 'ab'.repeat(32) },
    { size, root: 'ab'.repeat(32) },
  ]) {
    const stored = await addSystem(scene.contoso.people.dana, 'elsewhere', { ...now(), journal });
    await refused(400, /^server\.other-history$/, { body: bodyOf(stored) });
  }
});

test('a statement about an emergency that is not here', async () => {
  await refused(409, /^(emergency|input)\./, { body: await noteOf('ab'.repeat(32)) });
});

test('who is removed is out at once: their session, what they signed, and a way back by an old statement', async () => {
  const token = await scene.token(eve);
  const { dana: one, raj: other } = scene.contoso.people;
  const before = await addSystem(eve, 'by-eve', now());
  const removal = await changeRoster({ do: 'remove', person: 'eve' }, [one, other], now());
  const removed = { token: dana, body: bodyOf(removal.stored) };
  assert.equal((await scene.send('POST', '/v1/statements', removed)).status, 201);
  await refused(401, /^server\.session$/, { token, body: bodyOf(before) });
  await refused(400, /^statement\./, { body: bodyOf(before) });
  await refused(409, /^(roster|input)\./, { body: bodyOf(removal.stored) });
  const { token: _, ...answer } = { token, body: bodyOf(await addSystem(one, 'after-eve', now())) };
  const goesOn = await scene.send('POST', '/v1/statements', { ...answer, token: dana });
  assert.equal(goesOn.status, 201);
});

/** What dana signs on a device whose clock is hours off. */
async function signedAt(hours: number, id: string) {
  const { card, signing } = scene.contoso.people.dana;
  const document = {
    v: 'halligan/inventory/v1',
    add: 'system',
    id,
    purpose: 'directory',
    address: 'ldaps://a.example',
    owner: 'dana',
  };
  const statement = makeStatement('attest', {
    ...now(),
    policy: null,
    origin: 'localhost/contoso',
    subject: subjectOf('system', id),
    by: card.id,
    at: new Date(Date.now() + hours * 3_600_000).toISOString(),
    purpose: 'real',
    what: 'inventory',
    digest: digestOf(document),
  });
  return { signed: [await signStatement(statement, signing)], document };
}

for (const [hours, way] of [
  [5, 'ahead of'],
  [-5, 'behind'],
] as const) {
  test(`a device ${way} the server by hours: what can be taken is, with a warning that names the clocks`, async () => {
    const body = await signedAt(hours, `clock-${way.slice(0, 5)}`);
    const response = await scene.send('POST', '/v1/statements', { token: dana, body });
    const answer = z
      .object({ warning: z.object({ code: z.string(), detail: z.string(), hint: z.string() }) })
      .parse(await response.json());
    assert.equal(response.status, 201);
    assert.equal(answer.warning.code, 'server.clock');
    assert.match(answer.warning.detail, new RegExp(`^Your clock is 5 h ${way} the server’s`));
    assert.match(answer.warning.hint, /Compare both/);
    assert.ok(scene.log.some((line) => JSON.parse(line).seconds === hours * 3600));
  });
}
