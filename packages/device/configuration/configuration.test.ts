import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { type Configuration, DEFAULTS, parseSeconds, readConfiguration } from '../index.ts';

const OURS = '/etc/halligan/device.conf';
const THEIRS = '/etc/himmelblau/himmelblau.conf';

function read(text: string, path = OURS): Configuration {
  return readConfiguration([{ path, text }]);
}

function refused(text: string, path = OURS): string {
  try {
    read(text, path);
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    assert.equal(error.code, 'device.config');
    return `${error.message} ${error.hint}`;
  }
  return assert.fail('it was read');
}

test('a time to live is a whole number with or without its unit', () => {
  const means = {
    ...{ '10': 10, '10s': 10, '10S': 10, '0s': 0, '0': 0, '30M': 1800, '90m': 5400 },
    ...{ '2h': 7200, '24H': 86_400, '1d': 86_400, '30D': 2_592_000, '\t5m\n': 300 },
  };
  for (const [text, seconds] of Object.entries(means)) assert.equal(parseSeconds(text), seconds);
  for (const text of ['', ' ', '10x', '10w', 'abc', 'tenm', '-10s', '+10s', '1.5h', '1 h', '1e3'])
    assert.equal(parseSeconds(text), undefined, text);
  assert.equal(parseSeconds('9'.repeat(13)), undefined);
  assert.equal(parseSeconds('٣٠'), undefined);
});

test('without a file, or without the section, all is as it is by default', () => {
  assert.deepEqual(readConfiguration([]), DEFAULTS);
  assert.deepEqual(readConfiguration([{ path: OURS, text: undefined }]), DEFAULTS);
  assert.deepEqual(read('[global]\nx = 1\n', THEIRS), DEFAULTS);
  assert.deepEqual(
    { enabled: DEFAULTS.enabled, ttl: DEFAULTS.ttlSeconds },
    { enabled: false, ttl: 7200 },
  );
});

test('the section is read as the practice writes it, comments and cases included', () => {
  const text = `# for outages
[Offline_Breakglass]
  Enabled = TRUE   ; since May
ttl: 2H
`;
  assert.deepEqual(read(text), { ...DEFAULTS, enabled: true, ttlSeconds: 7200, file: OURS });
  assert.deepEqual(read(text.replaceAll('\n', '\r\n')), read(text));
  assert.equal(read('[offline_breakglass]\nttl = 0').ttlSeconds, 0);
});

test('another program’s file is read for our section alone, whatever else it holds', () => {
  const text = `[global]
domains = contoso.example
just a line
domains = twice
[offline_breakglass]
enabled = true
ttl = 1d
later_setting = 4
[contoso.example]
odc_provider`;
  const understood = read(text, THEIRS);
  assert.deepEqual(understood, { ...DEFAULTS, enabled: true, ttlSeconds: 86_400, file: THEIRS });
});

test('our own file wins where both are there', () => {
  const theirs = { path: THEIRS, text: '[offline_breakglass]\nenabled = true\nttl = 1d' };
  const ours = { path: OURS, text: '[offline_breakglass]\nttl = 5m' };
  assert.deepEqual(readConfiguration([ours, theirs]), {
    ...{ ...DEFAULTS, ttlSeconds: 300, file: OURS, passedOver: [THEIRS] },
  });
  assert.equal(readConfiguration([{ path: OURS, text: '' }, theirs]).file, THEIRS);
});

test('a file that does not count is named, and what is wrong in it is no matter of ours', () => {
  const ours = { path: OURS, text: '[offline_breakglass]\nttl = 5m' };
  const theirs = { path: THEIRS, text: '[offline_breakglass]\nttl = soon' };
  assert.deepEqual(readConfiguration([ours, theirs]).passedOver, [THEIRS]);
  assert.deepEqual(readConfiguration([ours, { path: THEIRS, text: '[global]' }]).passedOver, []);
});

test('our own file says who is asked, to whom the record goes, and who may sign in', () => {
  const understood = read(`[offline_breakglass]
enabled = true
justification = The provider was down for a day in May.
second_factor = Required
passwordless = yes
allow_users = ana, ben
allow_groups = wheel
allow_remote = sshd
max_sign_ins = 20
verifier_days = 7
[provider]
kind = ldap
url = ldaps://dir.example.org
bind = uid={user},dc=example
[server]
url = https://halligan.example.org
machine = web-1
[machine]
tpm = required
`);
  assert.deepEqual(understood, {
    ...DEFAULTS,
    ...{ enabled: true, justification: 'The provider was down for a day in May.' },
    ...{ secondFactor: 'required', passwordless: true, allowUsers: ['ana', 'ben'] },
    ...{ allowGroups: ['wheel'], allowRemote: ['sshd'], maxSignIns: 20, tpm: 'required' },
    verifierSeconds: 7 * 86_400,
    provider: {
      ...{ kind: 'ldap', url: 'ldaps://dir.example.org', bind: 'uid={user},dc=example' },
      users: 'mfa',
    },
    server: { url: 'https://halligan.example.org', machine: 'web-1' },
    file: OURS,
  });
  for (const [text, said] of [
    ['[offline_breakglass]\nallow_users =', /line 2: allow_users is no list/],
    ['[offline_breakglass]\nverifier_days = 0', /line 2: verifier_days is no number/],
    ['[offline_breakglass]\nsecond_factor = maybe', /line 2: .* none of none, optional/],
    ['[provider]\nkind = ldap\nurl = ldap://dir', /line 3: url is not ldaps/],
    ['[provider]\nurl = ldaps://dir', /line 2: \[provider\] has no kind/],
    ['[provider]\nkind = ldap\nurl = ldaps://dir', /line 2: \[provider\] has no bind/],
    ['[server]\nurl = http://halligan.example.org\nmachine = web-1', /line 2: url is not/],
    ['[server]\nurl = https://halligan.example.org', /line 2: \[server\] has no machine/],
    ['[other]\nx = 1', /line 2: there is no section \[other\]/],
  ] as const)
    assert.match(refused(text), said, text);
});

test('an OpenID provider and Microsoft Entra ID are configured by what tells them apart', () => {
  const openid = `[provider]
kind = openid
issuer = https://id.contoso.example/realms/a
client_id = workstations
`;
  const tokens = { users: 'mfa', claim: 'preferred_username', flow: 'password' } as const;
  assert.deepEqual(read(openid).provider, {
    ...{ ...tokens, kind: 'openid', issuer: 'https://id.contoso.example/realms/a' },
    ...{ clientId: 'workstations', login: '{user}' },
  });
  const more =
    'login = {user}@a.example\nclaim = email\nflow = device\nacr = gold\nca = /etc/ca.pem';
  assert.deepEqual(read(`${openid}${more}\nusers = sfa`).provider, {
    ...{ ...read(openid).provider, users: 'sfa', claim: 'email', flow: 'device', acr: 'gold' },
    ...{ login: '{user}@a.example', caFile: '/etc/ca.pem' },
  });
  const entra = `[provider]
kind = entra
tenant = 72f988bf-86f1-41af-91ab-2d7cd011db47
client_id = 04b07795-8ddb-461a-bbee-02f9e1bf7b46
login = {user}@contoso.com
`;
  assert.deepEqual(read(entra).provider, {
    ...{ ...tokens, kind: 'entra', tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47' },
    ...{ clientId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', login: '{user}@contoso.com' },
    base: 'https://login.microsoftonline.com',
  });
  for (const [text, said] of [
    [openid.replace('https', 'http'), /line 3: issuer is not https/],
    [openid.replace(/client.*/, ''), /line 2: \[provider\] has no client_id/],
    [`${openid}client_secret = x`, /line 5: there is no setting client_secret/],
    [`${openid}url = ldaps://dir`, /line 5: there is no setting url/],
    [`${openid}login = ana`, /line 5: login is not \{user\}@/],
    [entra.replace(/tenant =.*/, 'tenant = contoso.com'), /line 3: tenant is not the tenant’s id/],
    [entra.replace(/login =.*/, ''), /line 2: \[provider\] has no login/],
    [`${entra}base = https://login.microsoftonline.us/common`, /line 6: base is not/],
    [`${entra}flow = browser`, /line 6: flow is none of password, device/],
  ] as const)
    assert.match(refused(text), said, text);
});

test('what is not understood is refused by file and line, with what would be', () => {
  assert.match(
    refused('[offline_breakglass]\nenabled = true\nttl = soon\n'),
    /^\/etc\/halligan\/device\.conf, line 3: ttl is no time\. Write .*90m/,
  );
  assert.match(refused('[offline_breakglass]\nenabled = maybe'), /line 2: .* true or false/);
  assert.match(refused('[offline_breakglass]\nenabled ='), /line 2/);
  assert.match(
    refused('[offline_breakglass]\nenable = true'),
    /line 2: there is no setting enable /,
  );
  assert.match(refused('[offline_breakglass]\nenabled'), /line 2: this is neither/);
  assert.match(refused('enabled = true'), /line 1: enabled stands before any/);
  assert.match(refused('[offline_breakglass]\nttl=1\n\nTTL=2'), /line 4: ttl was given in line 2/);
  assert.match(refused('[offline_breakglass]\nttl = 2d\nmax_ttl = 1d'), /line 2: ttl is 172800 s/);
  assert.match(refused('[offline_breakglass]\nttl = 9999d'), /line 2: ttl is more than a year/);
  assert.match(refused('[offline_breakglass\nenabled = true'), /line 1/);
  assert.match(refused('[offline_breakglass]\nttl = 2x', THEIRS), /himmelblau\.conf, line 2/);
});

test('whatever a file holds, it is read or refused by name', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('[offline_breakglass]', 'enabled = true', 'ttl = 5m', 'ttl', '= 3', '[', ']'),
  );
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom(OURS, THEIRS), (lines, path) => {
      try {
        const { ttlSeconds } = read(lines.join('\n'), path);
        assert.ok(Number.isSafeInteger(ttlSeconds));
      } catch (error) {
        assert.ok(error instanceof HalliganError, String(error));
        assert.equal(error.code, 'device.config');
      }
    }),
  );
});
