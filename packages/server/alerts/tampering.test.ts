import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, type HalliganEvent, happened } from '@halligan/procedure';
import { alertsOf } from './from-events.ts';

test('signs of tampering are told whatever the policy says, without a word of who held what', () => {
  const at = '2026-03-02T09:00:00.000Z';
  const event: HalliganEvent = {
    ...happened('EnvelopeTampered', {
      account: 'root-1',
      serial: 'a-001',
      inspected: at,
      checks: {
        sealUnbroken: true,
        signaturesUndisturbed: true,
        noTears: false,
        noHoles: true,
        noSteaming: true,
      },
      photos: [],
      returned: at,
      by: ['ana', 'ben'],
    }),
    v: 'halligan/event/v1',
    id: '1',
    at,
    actor: 'ana',
  };
  const [alert, ...more] = alertsOf(event, EMPTY);
  assert.deepEqual(more, []);
  assert.equal(alert?.type, 'organisation.tampered');
  assert.equal(alert?.severity, 'critical');
  assert.match(alert?.title ?? '', /a-001 of root-1/);
  assert.deepEqual(alert?.data, { account: 'root-1', serial: 'a-001' });
});
