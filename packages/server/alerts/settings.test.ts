import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertSettingsOf } from './settings.ts';

const settings = (...sinks: readonly unknown[]) => ({ v: 'halligan/alerts/v1', sinks });
const mail = {
  kind: 'smtp',
  name: 'mail',
  host: 'mail.contoso.example',
  port: 587,
  tls: 'starttls',
  from: 'halligan@contoso.example',
  to: ['oncall@contoso.example'],
};
const hook = { kind: 'webhook', name: 'hook', url: 'https://hooks.contoso.example/a' };
const siem = { kind: 'syslog', name: 'siem', host: 'siem.contoso.example', port: 6514, tls: true };

test('sinks are what they say they are', () => {
  assert.equal(alertSettingsOf(settings(mail, hook, siem)).sinks.length, 3);
});

test('off this machine alerts travel under TLS', () => {
  for (const plain of [
    { ...mail, tls: 'none' },
    { ...hook, url: 'http://hooks.contoso.example/a' },
    { ...siem, tls: false },
    { ...siem, tls: false, host: '192.0.2.1' },
    { ...siem, tls: false, host: '127.0.0.1.contoso.example' },
  ])
    assert.throws(() => alertSettingsOf(settings(plain)), { code: 'alert.plaintext' });
  for (const host of ['127.0.0.1', 'localhost', '::1'])
    alertSettingsOf(settings({ ...siem, tls: false, host }));
});

test('a wrong sink is named by its place', () => {
  const wrong: readonly unknown[] = [
    { ...mail, to: [] },
    { ...mail, from: 'a@b\r\nBcc: eve@contoso.example' },
    { ...mail, password: 'hunter2' },
    { ...hook, url: 'ftp://hooks.contoso.example' },
    { ...hook, name: '../keys' },
    { ...siem, port: 0 },
    { ...siem, host: 'a b' },
  ];
  for (const one of wrong)
    assert.throws(
      () => alertSettingsOf(settings(one)),
      (error) => {
        assert.equal(Object(error).code, 'alert.settings');
        assert.match(String(error), /at sinks\.0/);
        assert.doesNotMatch(String(error), /hunter2/);
        return true;
      },
    );
  assert.throws(() => alertSettingsOf(settings(hook, hook)), { code: 'alert.settings' });
});
