import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfWords, parseShare, split } from '@halligan/slip39';
import {
  generateIdentity,
  identityFromRecoveryWords,
  recoveryWords,
  requireShareWords,
} from './index.ts';
import { refused } from './refused.ts';

test('recovery words give the key back, on another paper each time', () => {
  for (const kind of ['hybrid', 'x25519'] as const) {
    const identity = generateIdentity(kind);
    const words = recoveryWords(identity);
    assert.equal(words.split(' ').length, 33);
    assert.equal(kindOfWords(parseShare(words)), 'key');
    assert.equal(identityFromRecoveryWords(words, kind), identity);
    assert.equal(
      identityFromRecoveryWords(`  ${words.toUpperCase().replaceAll(' ', '\n')} `, kind),
      identity,
    );
  }
});

test('the words of a share are refused where a key is asked for', () => {
  const secret = new Uint8Array(32);
  const shares = [
    ...split({ secret, groupThreshold: 1, groups: [{ threshold: 2, count: 3 }] }).flat(),
    ...split({
      secret,
      groupThreshold: 2,
      groups: [
        { threshold: 1, count: 1 },
        { threshold: 2, count: 2 },
      ],
    }).flat(),
    ...split({
      secret,
      groupThreshold: 1,
      groups: [
        { threshold: 1, count: 1 },
        { threshold: 1, count: 1 },
      ],
    }).flat(),
  ];
  for (const share of shares) {
    assert.throws(() => identityFromRecoveryWords(share, 'hybrid'), refused('seal.share-not-key'));
    requireShareWords(share);
  }
});

test('recovery words are refused where a share is asked for', () => {
  const words = recoveryWords(generateIdentity('hybrid'));
  assert.throws(() => requireShareWords(words), refused('seal.key-not-share', /whole key/));
});

test('mistyped words, and a key of another size, are refused', () => {
  const words = recoveryWords(generateIdentity('hybrid')).split(' ');
  const other = words[9] === 'academic' ? 'acid' : 'academic';
  assert.throws(
    () => identityFromRecoveryWords(words.with(9, other).join(' '), 'hybrid'),
    refused('slip39.checksum', /word 10/),
  );
  assert.throws(
    () => identityFromRecoveryWords(words.slice(1).join(' '), 'hybrid'),
    refused('slip39.length'),
  );
  const short = split({
    secret: new Uint8Array(16),
    groupThreshold: 1,
    groups: [{ threshold: 1, count: 1 }],
  });
  assert.throws(
    () => identityFromRecoveryWords(short.flat().join(), 'hybrid'),
    refused('seal.recovery-words', /16 bytes/),
  );
});
