import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import { code } from './cast.fixture.ts';
import { ATTACHMENT_LIMIT, checkAttachment, makeAttachment, textAttachment } from './index.ts';

test('an attachment gives back its content', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('image/png', 'text/csv; charset=utf-8', 'application/vnd.a+json'),
      (content, mediaType) => {
        const attachment = makeAttachment(content, mediaType);
        const json: unknown = JSON.parse(JSON.stringify(attachment));
        const { digest, bytes } = checkAttachment(json);
        assert.deepEqual(bytes, content);
        assert.equal(
          digest,
          createHash('sha256')
            .update('halligan/attachment/v1\n')
            .update(Uint8Array.fromHex(attachment.salt))
            .update(`${mediaType}\n`)
            .update(content)
            .digest('hex'),
        );
      },
    ),
  );
});

test('the salt hides equal texts', () => {
  const [one, other] = [textAttachment('yes — ja'), textAttachment('yes — ja')];
  assert.notEqual(one.digest, other.digest);
  assert.equal(utf8Text(checkAttachment(one).bytes), 'yes — ja');
  assert.equal(one.mediaType, 'text/plain; charset=utf-8');
});

test('what was altered is refused', () => {
  const good = makeAttachment(utf8('shot'), 'image/png');
  for (const bad of [
    null,
    {},
    { ...good, extra: 1 },
    { ...good, digest: 'ab'.repeat(32) },
    { ...good, salt: 'ab'.repeat(32) },
    { ...good, salt: 'ab' },
    { ...good, mediaType: 'image/gif' },
    { ...good, mediaType: 'image/png\nx' },
    { ...good, content: utf8('shop').toBase64() },
    { ...good, content: 'c2hvdA' },
    { ...good, content: 'c2hvdB==' },
    { ...good, content: '!' },
  ]) {
    assert.throws(() => checkAttachment(bad), code('statement.attachment'), JSON.stringify(bad));
  }
});

test('nothing larger than 8 MiB, of no media type, or of no Unicode is wrapped', () => {
  const largest = makeAttachment(new Uint8Array(ATTACHMENT_LIMIT), 'application/octet-stream');
  assert.equal(checkAttachment(largest).bytes.length, ATTACHMENT_LIMIT);
  const large = new Uint8Array(ATTACHMENT_LIMIT + 1);
  assert.throws(() => makeAttachment(large, 'image/png'), code('statement.attachment'));
  const digest = createHash('sha256')
    .update('halligan/attachment/v1\n')
    .update(Uint8Array.fromHex(largest.salt))
    .update('application/octet-stream\n')
    .update(large)
    .digest('hex');
  const smuggled = { ...largest, digest, content: large.toBase64() };
  assert.throws(() => checkAttachment(smuggled), code('statement.attachment'));
  for (const mediaType of ['', 'text', 'Text/plain', 'text/plain\n', 'text/plain; x=y']) {
    assert.throws(() => makeAttachment(utf8('x'), mediaType), code('statement.attachment'));
  }
  assert.throws(() => textAttachment('\ud800'), code('statement.attachment'));
});
