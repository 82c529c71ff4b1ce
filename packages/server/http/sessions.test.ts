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

test('a challenge that was answered wrongly is spent too', async () => {
  const challenge = sessions.challenge(NOW);
  const wrong = { ...(await answer(challenge, raj)), person: 'dana' };
  await assert.rejects(sessions.open(wrong, roster, NOW), REFUSED);
  await assert.rejects(sessions.open(await answer(challenge, dana), roster, NOW), REFUSED);
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

test('whoever asks for challenges without end pushes out the oldest, not the newest', async () => {
  const first = sessions.challenge(NOW);
  const asked = Array.from({ length: 1000 }, () => sessions.challenge(NOW));
  const last = asked.at(-1) ?? '';
  await assert.rejects(sessions.open(await answer(first, dana), roster, NOW), REFUSED);
  await sessions.open(await answer(last, dana), roster, NOW);
});
