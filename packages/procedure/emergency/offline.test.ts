import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { dueEffects, lastKitAttestation, obligations } from '../index.ts';
import {
  APPROVER,
  declare,
  emergencyOf,
  open,
  REQUESTER,
  release,
  request,
  SECOND,
  said,
  WITNESS,
} from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  plain,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses } from '../practice/refusals.fixture.ts';

const OFFLINE = { offline: { after: [] } };

/** Minutes after the practice organisation's clock, for what was signed before the server was back. */
function earlier(org: Organisation, minutes: number): string {
  return new Date(Date.parse(org.now) - minutes * 60_000).toISOString();
}

/** An emergency of two hours ago, taken in now. */
async function takenIn(): Promise<{ readonly org: Organisation; readonly id: string }> {
  const { org } = await at('armed');
  org.wait(120);
  const id = await declare(org, { ...OFFLINE, at: earlier(org, 60) });
  const say = async (by: string, kind: 'approve' | 'take-part', minutes: number, fields: object) =>
    org.done(
      said(await org.sign(by, kind, id, { ...OFFLINE, at: earlier(org, minutes), ...fields })),
    );
  await say(APPROVER, 'approve', 58, { method: 'app' });
  await say(SECOND, 'take-part', 57, { role: 'second', together: 'video' });
  await say(WITNESS, 'take-part', 57, { role: 'witness', together: 'video' });
  return { org, id };
}

test('what was done without the server is judged at its own time, and says so', async () => {
  const { org, id } = await takenIn();
  await open(org, id, {
    ...OFFLINE,
    path: 'offline',
    at: earlier(org, 50),
    expires: earlier(org, 25),
  });
  // Its window has long passed by the server's clock: its releases come after it all the same.
  await org.tick();
  for (const [holder, minutes] of [
    ['ana', 49],
    ['ben', 48],
    ['eli', 47],
  ] as const)
    await org.done(said(await release(org, id, holder, { ...OFFLINE, at: earlier(org, minutes) })));
  const one = emergencyOf(org, id);
  assert.equal(one.at, earlier(org, 60));
  assert.equal(one.openings[0]?.quorumAt, earlier(org, 47));
  assert.deepEqual(one.offline, { until: earlier(org, 47) });
  const account = org.state.accounts[ACCOUNT];
  assert.equal(account?.state, 'in use');
  assert.equal(account?.since, org.now);
  for (const { events } of org.history.slice(-3))
    for (const event of events)
      assert.equal(event.said !== undefined, !/^(Version|Account)/.test(event.type), event.type);
  await org.done(
    said(
      await org.sign(REQUESTER, 'end', id, {
        ...OFFLINE,
        at: earlier(org, 30),
        loggedOut: earlier(org, 30),
      }),
    ),
  );
  assert.deepEqual(dueEffects(org.state), [{ do: 'rotate', account: ACCOUNT }]);
  assert.ok(
    obligations(org.state, org.now).some(({ what, late }) => what === 'sign-record' && !late),
  );
});

test('times within it do not go back, and none lies ahead', async () => {
  const { org, id } = await takenIn();
  await org.done(
    said(
      await org.sign(SECOND, 'note', id, {
        ...OFFLINE,
        at: earlier(org, 59),
        about: 'observation',
        occurred: earlier(org, 59),
        text: textOf('saw it'),
      }),
    ),
  );
  assert.deepEqual(emergencyOf(org, id).offline, { until: earlier(org, 57) });
  const ahead = await request(org, id, { ...OFFLINE, path: 'offline', at: earlier(org, -6) });
  await refuses(org, said(ahead), 'offline.future');
});

test('a window that has passed makes room for another request', async () => {
  const { org, id } = await takenIn();
  const ask = (minutes: number) => ({
    ...OFFLINE,
    path: 'offline',
    at: earlier(org, minutes),
    expires: earlier(org, minutes - 20),
  });
  await open(org, id, ask(50));
  await refuses(org, said(await request(org, id, ask(40))), 'opening.live');
  await open(org, id, ask(29));
  assert.deepEqual(
    emergencyOf(org, id).openings.map(({ expired }) => expired),
    [true, false],
  );
});

test('an opening whose releases never come does not stay open for ever', async () => {
  const { org, id } = await takenIn();
  await open(org, id, {
    ...OFFLINE,
    path: 'offline',
    at: earlier(org, 50),
    expires: earlier(org, 25),
  });
  assert.deepEqual(await org.tick(), []);
  assert.deepEqual(await org.wait(61).tick(), ['OpeningExpired']);
});

test('the path that needs the server is refused, with the way on', async () => {
  const { org, id } = await takenIn();
  const asked = await request(org, id, {
    ...OFFLINE,
    at: earlier(org, 50),
    expires: earlier(org, 30),
  });
  const { next } = await refuses(org, said(asked), 'opening.offline');
  assert.match(next, /offline/);
});

test('an executive who holds a share may approve without the server, and only then', async () => {
  const { org } = await at('armed');
  const id = await declare(org, OFFLINE);
  await refuses(
    org,
    said(await org.sign('cleo', 'approve', id, { ...OFFLINE, method: 'app' })),
    'authorisation.not-approver',
  );
  await org.done(said(await org.sign('eli', 'approve', id, { ...OFFLINE, method: 'app' })));
  const online = await at('declared');
  await refuses(
    online.org,
    said(await online.org.sign('eli', 'approve', online.id, { method: 'app' })),
    'authorisation.not-approver',
  );
});

test('what is signed without the server counts in no emergency that has one', async () => {
  const { org, id } = await at('declared');
  const approve = (fields: object) =>
    org.sign(APPROVER, 'approve', id, { method: 'app', ...fields });
  await refuses(org, said(await approve(OFFLINE)), 'offline.mixed');
  await org.done(said(await approve({})));
});

test('the rest waits for the server', async () => {
  const { org, id } = await takenIn();
  for (const kind of ['close', 'convert'] as const)
    await refuses(
      org,
      said(
        await org.sign('raj', kind, id, {
          ...OFFLINE,
          ...(kind === 'convert' ? { reason: textOf('why') } : {}),
        }),
      ),
      'offline.kind',
    );
});

test('an older request with the server keeps nobody from taking in what was done without it', async () => {
  const { org } = await at('declared');
  await refuses(
    org,
    said(await request(org, await declare(org, { ...OFFLINE, nonce: 'f'.repeat(32) }), OFFLINE)),
    'opening.not-approved',
  );
});

test('a use that the record cannot take in is reported, and the account rotated', async () => {
  const { org } = await at('armed');
  const report = async (changes: object = {}, by = 'cleo', fields: object = {}) => {
    const document = plain({
      v: 'halligan/offline-use/v1',
      account: ACCOUNT,
      version: 1,
      emergency: textOf('declared'),
      rule: 'input.roster',
      ...changes,
    });
    const signed = await org.sign(by, 'attest', subjectOf('account', ACCOUNT), {
      what: 'offline-use',
      digest: digestOf(document),
      ...fields,
    });
    return said(signed, document);
  };
  await refuses(org, report({ version: 9 }), 'rotation.account');
  await refuses(org, report({}, 'rotator'), 'rotation.person');
  await refuses(org, report({}, 'cleo', { digest: textOf('other') }), 'rotation.report');
  await refuses(org, report({}, 'cleo', { purpose: 'drill' }), 'input.purpose');
  assert.deepEqual(dueEffects(org.state), []);
  await org.done(await report());
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'suspect');
  assert.deepEqual(dueEffects(org.state), [{ do: 'rotate', account: ACCOUNT }]);
  await refuses(org, report({}, 'ana'), 'rotation.reported');
});

test('a person attests the kit that their device verified, once, and never an older one after it', async () => {
  const { org } = await at('armed');
  const attest = async (changes: object = {}, by = 'ana', fields: object = {}) => {
    const document = plain({
      v: 'halligan/kit-attestation/v1',
      kit: textOf('kit'),
      created: org.now,
      size: 6,
      shares: 2,
      ...changes,
    });
    const signed = await org.sign(by, 'attest', subjectOf('kit', 'contoso'), {
      what: 'kit',
      digest: digestOf(document),
      ...fields,
    });
    return said(signed, document);
  };
  await refuses(org, attest({ size: 8 }), 'kit.ahead');
  await refuses(org, attest({ created: earlier(org, -1) }), 'kit.ahead');
  await refuses(org, attest({}, 'releaser'), 'kit.person');
  await refuses(
    org,
    attest({}, 'ana', { subject: subjectOf('kit', 'another') }),
    'kit.attestation',
  );
  await refuses(org, attest({ more: 1 }), 'kit.attestation');
  assert.equal(lastKitAttestation(org.state, 'ana'), undefined);
  assert.deepEqual(await org.done(await attest()), ['KitAttested']);
  assert.equal(lastKitAttestation(org.state, 'ana')?.at, org.now);
  await refuses(org, attest(), 'kit.again');
  await refuses(org, attest({ kit: textOf('older'), size: 5 }), 'kit.again');
});
