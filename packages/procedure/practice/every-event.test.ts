import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_TYPES } from './event-types.fixture.ts';
import { everyEvent } from './every-event.fixture.ts';
import { founded } from './practice-organisation.fixture.ts';

/** Takes a log of its own: `evidence/log-key.test.ts` goes that way. */
const ELSEWHERE = ['LogKeyReplaced'];

test('an organisation of some years goes through everything that can happen', async () => {
  const org = await founded();
  await everyEvent(org);
  const happened = new Set(org.history.flatMap(({ events }) => events.map(({ type }) => type)));
  assert.deepEqual(
    EVENT_TYPES.filter((type) => !(happened as ReadonlySet<string>).has(type)),
    ELSEWHERE,
  );
});
