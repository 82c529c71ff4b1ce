import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { agentKills } from './agent-kills.fixture.ts';

test('an agent that is killed during sign-ins forgets nothing that it told, no guess, and no end of a window', {
  skip: existsSync('/usr/sbin/slapd') ? false : 'slapd is not installed',
}, async () => {
  const { acknowledged, wrong } = await agentKills(4, () => undefined);
  assert.deepEqual(wrong, []);
  assert.ok(acknowledged > 0);
});
