import assert from 'node:assert/strict';
import { test } from 'node:test';
import { code, firstRoster, JOURNAL, keyOf, NOW, ORIGIN } from './cast.fixture.ts';
import {
  makeStatement,
  signSignIn,
  signStatement,
  statementBytes,
  verifySignIn,
  verifySsh,
  verifyStatement,
} from './index.ts';

const roster = await firstRoster();
const challenge = 'c4'.repeat(32);
const who = { origin: ORIGIN, person: 'carol' };

test('who answers a challenge is signed in', async () => {
  const key = await keyOf('carol');
  const signature = await signSignIn(challenge, who, key);
  const member = await verifySignIn(challenge, { person: 'carol', signature }, roster);
  assert.equal(member.id, 'carol');
  await verifySsh({
    message: new TextEncoder().encode(
      `halligan/sign-in/v1\n{"challenge":"${challenge}","origin":"${ORIGIN}","person":"carol"}`,
    ),
    namespace: 'halligan/sign-in/v1',
    signature: Uint8Array.fromBase64(signature),
    publicKey: key.publicKey,
  });
});

test('another challenge, person, log or key is refused', async () => {
  const signature = await signSignIn(challenge, who, await keyOf('carol'));
  await assert.rejects(
    verifySignIn('d5'.repeat(32), { person: 'carol', signature }, roster),
    code('statement.signature'),
  );
  await assert.rejects(
    verifySignIn(challenge, { person: 'dave', signature }, roster),
    code('statement.signature'),
  );
  await assert.rejects(
    verifySignIn(challenge, { person: 'carol', signature }, { ...roster, origin: 'other' }),
    code('statement.signature'),
  );
  await assert.rejects(
    verifySignIn(challenge, { person: 'mallory', signature }, roster),
    code('statement.unknown-person'),
  );
});

test('programs do not sign in', async () => {
  const key = await keyOf('releaser');
  const signature = await signSignIn(challenge, { origin: ORIGIN, person: 'releaser' }, key);
  await assert.rejects(
    verifySignIn(challenge, { person: 'releaser', signature }, roster),
    code('statement.unknown-person'),
  );
});

test('a sign-in is no statement, and no statement is a sign-in', async () => {
  const key = await keyOf('carol');
  const statement = makeStatement('close', {
    origin: ORIGIN,
    subject: challenge,
    by: 'carol',
    at: NOW,
    purpose: 'real',
    policy: null,
    roster: null,
    journal: JOURNAL,
  });
  const signature = await signSignIn(challenge, who, key);
  await assert.rejects(
    verifyStatement({ statement, signature }, roster),
    code('statement.namespace'),
  );
  const signed = await signStatement(statement, key);
  await assert.rejects(
    verifySignIn(challenge, { person: 'carol', signature: signed.signature }, roster),
    code('statement.namespace'),
  );
});

test('a server cannot have other bytes signed', async () => {
  const key = await keyOf('carol');
  const bytes = new TextDecoder().decode(
    statementBytes(
      makeStatement('close', {
        origin: ORIGIN,
        subject: challenge,
        by: 'carol',
        at: NOW,
        purpose: 'real',
        policy: null,
        roster: null,
        journal: JOURNAL,
      }),
    ),
  );
  for (const bad of [bytes, '', 'short', `${challenge}\n`, 'x'.repeat(129), 'a"}'.repeat(10)]) {
    await assert.rejects(signSignIn(bad, who, key), code('statement.sign-in'));
  }
  await assert.rejects(
    signSignIn(challenge, { origin: 'a b', person: 'carol' }, key),
    code('statement.sign-in'),
  );
});
