import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { type Roster, rosterOfGenesis, rosterWith, signSignIn } from '@halligan/statement';
import { type Person, person } from '../contoso.fixture.ts';
import { Sessions } from './sessions.ts';

const NOW = 1_900_000_000_000;
const MINUTE = 60_000;
const ORIGIN = 'localhost/contoso';

let dana: Person;
let raj: Person;
let roster: Roster;
let sessions: Sessions;

before(async () => {
  dana = await person('dana');
  raj = await person('raj');
  const keys = { logKey: '', evidenceKey: '', recipients: 'x25519' } as const;
  const members = [dana.card, raj.card];
  roster = rosterOfGenesis(
    { do: 'genesis', organisation: 'contoso', origin: ORIGIN, members, ...keys },
    '',
  );
});
beforeEach(() => {
  sessions = new Sessions();
});

async function answer(challenge: string, as: Person, claimed = as.card.id) {
  const signature = await signSignIn(challenge, { origin: ORIGIN, person: claimed }, as.signing);
  return { person: claimed, challenge, signature };
}

const REFUSED = { code: 'server.sign-in', message: 'This sign-in is not valid.' };

test('a challenge that its person signed opens a session, once', async () => {
  const answered = await answer(sessions.challenge(NOW), dana);
  const token = await sessions.open(answered, roster, NOW);
  assert.equal(sessions.person(`Bearer ${token}`, roster, NOW).id, 'dana');
  await assert.rejects(sessions.open(answered, roster, NOW), REFUSED);
});

test('a wrong answer to a challenge does not spend it: nobody is kept out by what others send', async () => {
  const challenge = sessions.challenge(NOW);
  const wrong = { ...(await answer(challenge, raj)), person: 'dana' };
  await assert.rejects(sessions.open(wrong, roster, NOW), REFUSED);
  await sessions.open(await answer(challenge, dana), roster, NOW);
});

test('of two right answers to one challenge at once, one opens a session', async () => {
  const answered = await answer(sessions.challenge(NOW), dana);
  const both = [1, 2].map(() => sessions.open(answered, roster, NOW));
  const settled = await Promise.allSettled(both);
  assert.deepEqual(settled.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('every other answer is refused in the same words, whoever is on the roster', async () => {
  const stranger = await person('eve');
  const answers = [
    await answer(sessions.challenge(NOW), stranger),
    await answer(sessions.challenge(NOW), stranger, 'dana'),
    await answer('not-a-challenge-of-ours', dana),
    { person: 'dana', challenge: sessions.challenge(NOW), signature: '' },
  ];
  for (const one of answers) await assert.rejects(sessions.open(one, roster, NOW), REFUSED);
});

test('only whoever was taken off the roster learns that, by the key of then', async () => {
  const link = {
    v: 'halligan/roster/v1',
    number: 1,
    previous: roster.digest,
    change: { do: 'remove', person: 'raj' },
  } as const;
  const without = rosterWith(roster, link, 'ab'.repeat(32));
  const left = { raj: { member: raj.card, at: '2030-03-17T17:46:40Z' } };
  const own = await answer(sessions.challenge(NOW), raj);
  await assert.rejects(sessions.open(own, without, NOW, left), {
    code: 'server.sign-in',
    message: 'You were taken off the roster at 2030-03-17T17:46:40Z.',
    hint: /^Ask an admin why: dana\./,
  });
  const claimed = await answer(sessions.challenge(NOW), await person('eve'), 'raj');
  await assert.rejects(sessions.open(claimed, without, NOW, left), REFUSED);
});

test('a challenge is good for two minutes, a session for twelve hours', async () => {
  const late = await answer(sessions.challenge(NOW), dana);
  await assert.rejects(sessions.open(late, roster, NOW + 2 * MINUTE + 1), REFUSED);
  const timely = await answer(sessions.challenge(NOW), dana);
  const token = await sessions.open(timely, roster, NOW + 2 * MINUTE);
  const opened = NOW + 2 * MINUTE;
  const header = `Bearer ${token}`;
  assert.equal(sessions.person(header, roster, opened + 12 * 60 * MINUTE).id, 'dana');
  const after = opened + 12 * 60 * MINUTE + 1;
  assert.throws(() => sessions.person(header, roster, after), { code: 'server.session' });
});

test('whoever left the roster is out at once, and a token of nobody lets nobody in', async () => {
  const token = await sessions.open(await answer(sessions.challenge(NOW), raj), roster, NOW);
  const change = { do: 'remove', person: 'raj' } as const;
  const link = { v: 'halligan/roster/v1', number: 1, previous: roster.digest, change } as const;
  const without = rosterWith(roster, link, 'ab'.repeat(32));
  assert.equal(sessions.person(`Bearer ${token}`, roster, NOW).id, 'raj');
  const headers = [undefined, '', 'Bearer ', token, `Basic ${token}`, `Bearer ${token}x`];
  for (const header of headers)
    assert.throws(() => sessions.person(header, roster, NOW), { code: 'server.session' });
  for (const changed of [without, undefined])
    assert.throws(() => sessions.person(`Bearer ${token}`, changed, NOW), {
      code: 'server.session',
    });
});

test('whoever is given other keys is out at once: the old ones may have been stolen', async () => {
  const token = await sessions.open(await answer(sessions.challenge(NOW), raj), roster, NOW);
  const { signing, recipient, recipientSignature } = (await person('raj')).card;
  const change = { do: 'rekey', person: 'raj', signing, recipient, recipientSignature } as const;
  const link = { v: 'halligan/roster/v1', number: 1, previous: roster.digest, change } as const;
  const changed = rosterWith(roster, link, 'ab'.repeat(32));
  assert.throws(() => sessions.person(`Bearer ${token}`, changed, NOW), { code: 'server.session' });
});

test('whoever asks for challenges without end crowds nobody out', async () => {
  const first = sessions.challenge(NOW);
  for (let asked = 0; asked < 20_000; asked += 1) sessions.challenge(NOW);
  await sessions.open(await answer(first, dana), roster, NOW);
});

test('a challenge of another process, another spelling of one, or one with a later end is none', async () => {
  const other = new Sessions().challenge(NOW);
  const own = sessions.challenge(NOW);
  const bytes = Buffer.from(own, 'base64url');
  bytes[23] = (bytes[23] ?? 0) ^ 1;
  for (const forged of [other, `${own}=`, bytes.toString('base64url'), own.slice(0, 40)])
    await assert.rejects(
      sessions.open({ ...(await answer(own, dana)), challenge: forged }, roster, NOW),
      REFUSED,
    );
});

test('whoever signs out is out, and their other sessions stay', async () => {
  const [one, other] = await Promise.all(
    [1, 2].map(async () => sessions.open(await answer(sessions.challenge(NOW), dana), roster, NOW)),
  );
  let heard = 0;
  const stop = sessions.onEnd(() => {
    heard += 1;
  });
  sessions.end(`Bearer ${one}`);
  stop();
  sessions.end(`Bearer ${one}`);
  assert.equal(heard, 1);
  assert.throws(() => sessions.person(`Bearer ${one}`, roster, NOW), { code: 'server.session' });
  assert.equal(sessions.person(`Bearer ${other}`, roster, NOW).id, 'dana');
});

test('one person has so many sessions, the oldest goes; and signs in so often', async () => {
  const tokens: string[] = [];
  const signIn = async (as: Person) =>
    sessions.open(await answer(sessions.challenge(NOW), as), roster, NOW);
  const others = await signIn(raj);
  for (let at = 0; at < 60; at += 1) tokens.push(await signIn(dana));
  const isOpen = (token: string) => {
    try {
      return sessions.person(`Bearer ${token}`, roster, NOW).id !== '';
    } catch {
      return false;
    }
  };
  assert.equal(tokens.filter(isOpen).length, 32);
  assert.deepEqual(tokens.slice(-32).map(isOpen).includes(false), false);
  assert.equal(isOpen(others), true);
  await assert.rejects(signIn(dana), { code: 'server.rate' });
  await signIn(raj);
});
