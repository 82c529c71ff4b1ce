/** The one test that guards the log: what is a secret, in whatever wrapping, is in no line of it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateIdentity } from '@halligan/seal';
import { wordlist } from '@halligan/slip39';
import { generateNoteKey } from '@halligan/tlog';
import fc from 'fast-check';
import { logTo } from './log.ts';
import { REDACTED } from './redaction.ts';

const words = Array.from({ length: 20 }, (_, at) => wordlist[(at * 37) % 1024] ?? '');
const token = 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZkdISUo';
const pem = `-----BEGIN PRIVATE KEY-----\n${randomBytes(48).toString('base64')}\n-----END PRIVATE KEY-----`;

/** Secrets that are known by how they are written, wherever they stand. */
const WRITTEN: Readonly<Record<string, string>> = {
  'an age identity': generateIdentity('x25519'),
  'a hybrid age identity': generateIdentity('hybrid'),
  'a share in words': words.join(' '),
  'a share in capitals, with numbers': words
    .map((word, at) => `${at + 1}. ${word.toUpperCase()}`)
    .join('\n'),
  'a log key': (await generateNoteKey('log.example')).signer,
  'a private key': pem,
  'an OpenSSH key': pem.replaceAll('PRIVATE KEY', 'OPENSSH PRIVATE KEY'),
  'a session’s token': token,
  'an Authorization header': `Bearer ${token}`,
  'a password in a header': `Basic ${Buffer.from('dana:correct horse').toString('base64')}`,
  'a webhook’s key': `whsec_${randomBytes(24).toString('base64')}`,
};

/** Names under which anything is a secret. */
const NAMED = [
  'password',
  'newPassword',
  'passphrase',
  'token',
  'access_token',
  'authorization',
  'Cookie',
  'identity',
  'privateKey',
  'private_key',
  'secret',
  'words',
  'share',
  'credential',
  'seed',
];

/** The same thing in many wrappings. */
const WRAPPINGS: Readonly<Record<string, (value: unknown) => Readonly<Record<string, unknown>>>> = {
  'by itself': (value) => ({ value }),
  'in a list': (value) => ({ values: [1, [value]] }),
  'four members deep': (value) => ({ a: { b: { c: { d: value } } } }),
  'in a map': (value) => ({ map: new Map([['key', value]]) }),
  'in a set': (value) => ({ set: new Set([value]) }),
  'in an error': (value) => ({ error: new Error(String(value), { cause: value }) }),
  'in the name of a member': (value) => ({ [String(value)]: true }),
  'in JSON in a text': (value) => ({ text: JSON.stringify({ value }) }),
};

/** The lines that a log writes, for machines and for people. */
function written(say: (log: ReturnType<typeof logTo>) => void): string {
  const lines: string[] = [];
  for (const human of [false, true])
    say(logTo((line) => lines.push(line), { level: 'debug', human }));
  return lines.join('\n');
}

/** Parts of a secret that must not be there: its longest runs of letters and digits. */
function partsOf(secret: string): readonly string[] {
  const runs = secret.match(/[A-Za-z0-9]{12,}/g);
  return secret.includes(' ') && runs === null ? [secret] : (runs ?? [secret]);
}

function leaks(secret: string, text: string): boolean {
  return text.includes(secret) || partsOf(secret).some((part) => text.includes(part));
}

for (const [what, secret] of Object.entries(WRITTEN)) {
  test(`${what} is in no line, whatever it is wrapped in`, () => {
    for (const [how, wrap] of Object.entries(WRAPPINGS)) {
      const text = written((log) => log('error', 'test', 'failed', wrap(secret)));
      assert.equal(leaks(secret, text), false, `${how}: ${text}`);
    }
    const said = written((log) => log('error', 'test', `it choked on ${secret}, as before`));
    assert.equal(leaks(secret, said), false, said);
    assert.match(said, /it choked on /);
    assert.ok(said.includes(REDACTED), said);
  });
}

test('what is called a secret is one, whatever it looks like', () => {
  for (const name of NAMED)
    for (const wrap of Object.values(WRAPPINGS).slice(0, 3)) {
      const text = written((log) => log('info', 'test', 'said', wrap({ [name]: 'hunter 2' })));
      assert.equal(text.includes('hunter'), false, `${name}: ${text}`);
    }
  const headers = new Headers({ authorization: 'hunter 2', accept: 'text/plain' });
  const text = written((log) => log('info', 'test', 'said', { headers }));
  assert.equal(text.includes('hunter'), false, text);
  assert.match(text, /text\/plain/);
});

test('bytes are counted and never shown; a query and a password in an address are left out', () => {
  const text = written((log) =>
    log('info', 'test', 'GET https://dana:hunter2@example.org/a?code=hunter2#x', {
      bytes: Buffer.from('hunter2'),
      path: '/v1/view?since=hunter2',
    }),
  );
  assert.equal(text.includes('hunter2'), false, text);
  assert.match(text, /\[7 bytes\]/);
});

test('this test can fail: a canary that is no secret of a known kind is seen', () => {
  const canary = 'canary of no known kind';
  const text = written((log) => log('info', 'test', 'said', { canary }));
  assert.equal(leaks(canary, text), true);
});

test('what an operator needs is not taken for a secret', () => {
  const about = {
    emergency: 'ab12'.repeat(16),
    id: '0b3f4e7a-6c1d-4f43-9c53-2b5a0d9b7f10',
    route: '/v1/emergencies/{emergency}/openings/{request}',
    file: '/var/lib/halligan/backups/before-data-4',
    code: 'seal.share-mismatch',
  };
  const lines: string[] = [];
  logTo((line) => lines.push(line))('info', 'kit', 'a kit was written to the place vault', about);
  const { time: _, ...entry } = JSON.parse(lines[0] ?? '');
  const message = 'a kit was written to the place vault';
  assert.deepEqual(entry, { level: 'info', part: 'kit', message, ...about });
});

test('whatever is logged is one line, of printable characters, and JSON', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.anything({ withBigInt: true, withNullPrototype: true }),
      (text, value) => {
        const lines: string[] = [];
        logTo((line) => lines.push(line))('info', 'test', text, { value, [text]: value });
        const line = lines[0] ?? '';
        assert.equal(lines.length, 1);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        assert.deepEqual([JSON.parse(line).level, JSON.parse(line).part], ['info', 'test']);
      },
    ),
  );
});
