import assert from 'node:assert/strict';
import { test } from 'node:test';
import { droppedStreams } from './dropped-streams.fixture.ts';

test('hundreds of streams, dropped at once: others are answered meanwhile, and nothing of them stays', async () => {
  const { wrong, before, open } = await droppedStreams(400);
  assert.deepEqual(wrong, []);
  assert.ok(open.descriptors >= before.descriptors + 400, 'they were open');
});
