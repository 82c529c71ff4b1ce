import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { parseAuditLog } from '../index.ts';

const ENTRY = {
  number: 1,
  at: '2026-03-02T15:12:00.000Z',
  actor: 'emergency-admin-01',
  action: 'Reset password, jsmith',
  outcome: 'success',
};

test('the same entry in each form that systems export', () => {
  const forms = [
    'time,actor,action,outcome\n2026-03-02T15:12:00Z,emergency-admin-01,"Reset password, jsmith",success\n',
    'Activity DateTime;User;Activity;Result\r\n2026-03-02T16:12:00+01:00;emergency-admin-01;Reset password, jsmith;success\r\n',
    '{"createdDateTime":"2026-03-02T15:12:00Z","userPrincipalName":"emergency-admin-01","operation":"Reset password, jsmith","status":"success"}',
    '[{"timestamp":"2026-03-02 15:12:00Z","user":"emergency-admin-01","eventName":"Reset password, jsmith","result":"success"}]',
  ];
  for (const form of forms) assert.deepEqual(parseAuditLog(form), [ENTRY], form);
  assert.deepEqual(
    parseAuditLog('time,action\n2026-03-02T15:12:00Z,"said ""no"""\n')[0]?.action,
    'said "no"',
  );
});

test('what is no audit log is refused, and the entry is named', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    ['time,action\n', /no entries/],
    ['time,action\n2026-03-02T15:12:00Z,\n', /entry 1 has no action/],
    ['time,action\n2026-03-02T15:12:00Z,a\nyesterday,b\n', /entry 2 has no time/],
    ['time,action\n2026-03-02T15:12:00,a\n', /no time with a zone/],
    ['time,action\n2026-03-02T15:12:00Z,"a\n', /never closed/],
    ['{"time":"2026-03-02T15:12:00Z","action":"a"}\n{"time"', /entry 2 is no JSON/],
    ['{"time":1}\n', /no time with a zone/],
    ['[1]', /entry 1 is no object/],
    [`time,action\n${'2026-03-02T15:12:00Z,a\n'.repeat(10_001)}`, /10001 entries/],
  ];
  for (const [text, why] of rows)
    assert.throws(
      () => parseAuditLog(text),
      (error) =>
        error instanceof HalliganError &&
        error.code === 'procedure.audit-log' &&
        why.test(error.message),
      text.slice(0, 60),
    );
});

test('any text gives entries, or a refusal that says why', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        for (const entry of parseAuditLog(text)) assert.ok(entry.action !== '');
      } catch (error) {
        assert.ok(error instanceof HalliganError && error.code === 'procedure.audit-log');
      }
    }),
  );
});

test('fields that are quoted as CSV asks come back as they were', () => {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (actor, action) => {
      const csv = `time,actor,action\n2026-03-02T15:12:00Z,${quoted(actor)},${quoted(action)}\n`;
      const [entry] = parseAuditLog(csv);
      assert.deepEqual([entry?.actor, entry?.action], [actor, action]);
    }),
  );
});
