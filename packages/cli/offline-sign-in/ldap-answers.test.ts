/** What a directory may answer to a bind, and what a sign-in makes of it: told by one that says what it is told to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { ldapProvider, NO_CONVERSATION } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { makeCertificate } from '@halligan/server';

const { key, cert } = await makeCertificate('localhost');

const BIND = 0x61;
const SEARCH_DONE = 0x65;

/** LDAPResult in BER (RFC 4511 sections 4.1.9, 4.2.2 and 4.5.2). */
function result(tag: number, id: number, code: number, text: string): Uint8Array {
  const words = Buffer.from(text);
  const parts = [0x0a, 1, code, 0x04, 0, 0x04, words.length, ...words];
  const message = [0x02, 1, id, tag, parts.length, ...parts];
  return Uint8Array.of(0x30, message.length, ...message);
}

/** @param after result code of whatever is asked after the bind */
async function answerTo(
  password: Uint8Array,
  code: number,
  text = '',
  after: number | 'hangs up' = 50,
) {
  let connections = 0;
  const directory = createServer({ key, cert }, (socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    // A short request has its message's id there.
    socket.once('data', (request: Buffer) => {
      socket.write(result(BIND, request[4] ?? 0, code, text));
      socket.on('data', (next: Buffer) => {
        const id = next[next[1] === 0x81 ? 5 : 4] ?? 0;
        if (after === 'hangs up') socket.destroy();
        else socket.write(result(SEARCH_DONE, id, after, ''));
      });
    });
  });
  directory.listen(0, '127.0.0.1');
  await once(directory, 'listening');
  const address = directory.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const people = ldapProvider({
    ...{ url: `ldaps://localhost:${port}`, ca: cert, bind: 'uid={user},dc=example', kind: 'mfa' },
  });
  const signal = AbortSignal.timeout(30_000);
  const answer = await people.signIn('ana', password, NO_CONVERSATION, signal);
  directory.close();
  return { answer, connections };
}

test('a result code is an answer: none but busy and unavailable is an outage', async () => {
  const means: readonly (readonly [object, number, string?])[] = [
    [{ answer: 'signed-in', subject: 'ana', kind: 'mfa', keep: true }, 0],
    [{ answer: 'wrong' }, 49],
    [{ answer: 'disabled' }, 49, '80090308: LdapErr: DSID-0C09030B, data 533, v893'],
    [{ answer: 'disabled' }, 53, 'Account inactivated. Contact system administrator.'],
    [{ answer: 'fault', what: 'LDAP result 53' }, 53],
    [{ answer: 'held-up' }, 19, 'Exceed password retry limit. Please try later.'],
    [{ answer: 'fault', what: 'LDAP result 13' }, 13, 'confidentiality required'],
    [{ answer: 'unreachable' }, 51],
    [{ answer: 'unreachable' }, 52],
  ];
  for (const [expected, code, text] of means) {
    const { answer } = await answerTo(utf8('secret'), code, text);
    assert.deepEqual(answer, expected, `${code} ${text}`);
  }
});

test('a directory that shows nobody their entry has names alone; one that goes before it is asked is an outage', async () => {
  const named = { answer: 'signed-in', subject: 'ana', kind: 'mfa', keep: true };
  for (const code of [0, 1, 32, 50])
    assert.deepEqual((await answerTo(utf8('secret'), 0, '', code)).answer, named, String(code));
  const { answer } = await answerTo(utf8('secret'), 0, '', 'hangs up');
  assert.deepEqual(answer, { answer: 'unreachable' });
});

test('bytes that are no text are nobody’s password, and no outage', async () => {
  const { answer, connections } = await answerTo(Uint8Array.of(0x61, 0xff), 0);
  assert.deepEqual({ answer, connections }, { answer: { answer: 'wrong' }, connections: 0 });
});
