import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LATEST_RULES } from '@halligan/procedure';
import { contoso } from './contoso.fixture.ts';
import { declare } from './emergency.fixture.ts';
import { forgePack, indexOf, verdictOf, withEvents } from './forge.fixture.ts';

test('by rules that this program does not know nothing is judged, and it says what is needed', async () => {
  const record = await contoso();
  const emergency = await declare(record);
  const at = indexOf(record, 'EmergencyDeclared');
  const later = record.rewritten((entry, index) =>
    index === at
      ? withEvents(entry, (event) => ({
          ...event,
          data: { ...Object(event.data), rules: LATEST_RULES + 1 },
        }))
      : entry,
  );
  assert.match(
    await verdictOf(await forgePack(later.refolded(), emergency)),
    new RegExp(
      `^5 evidence.rules-version: Entry \\d+ is judged by version ${LATEST_RULES + 1} of the rules; this program knows 1 to ${LATEST_RULES}\\.$`,
    ),
  );
});
