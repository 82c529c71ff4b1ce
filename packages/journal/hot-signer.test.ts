import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256, utf8 } from '@halligan/format';
import {
  formatCheckpoint,
  formatNote,
  generateNoteKey,
  parseCheckpoint,
  parseNote,
  verifyNote,
} from '@halligan/tlog';
import { HotSigner } from './hot-signer.ts';

test('a checkpoint is written as every other note is, and its log has signed it', async () => {
  const { signer, verifier } = await generateNoteKey('emergency.example/journal');
  const hot = await HotSigner.open(signer);
  for (const size of [0, 1, 999, 2 ** 40]) {
    const root = sha256(utf8(String(size)));
    const { note } = hot.sign(size, root);
    const { text, signatures } = parseNote(note);
    assert.equal(text, formatCheckpoint({ origin: 'emergency.example/journal', size, root }));
    assert.equal(note, formatNote({ text, signatures }));
    assert.deepEqual(parseCheckpoint((await verifyNote(note, [verifier])).text).root, root);
  }
});
