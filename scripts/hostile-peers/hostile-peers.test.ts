/**
 * Every client of ours against peers that hang, reset, drip, speak garbage or never end: it gives up in its time by an
 * error of ours, which shows neither its own secrets nor the peer's words, has let go of the connection by then, and
 * took no more than it could keep. A client that hung, or held on, would keep its test from ending.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { HalliganError } from '../../packages/format/index.ts';
import { authority } from '../../packages/server/alerts/receivers.fixture.ts';
import { makeCertificate } from '../../packages/server/certificate.ts';
import { ANY, HANDSHAKE, HTTP, ITS_WORD, SMTP } from './behaviours.ts';
import { CLIENTS, type OutboundClient, SECRET } from './clients.ts';
import { type Behaviour, hostilePeer } from './peer.ts';

/** Most bytes that a peer gets rid of, those that lie in the kernel's buffers included. */
const MOST_TAKEN = 32 << 20;

let trusted: Awaited<ReturnType<typeof authority>>;
let other: Awaited<ReturnType<typeof makeCertificate>>;
before(async () => {
  trusted = await authority();
  other = await makeCertificate('other.example');
});
after(() => trusted.remove());

interface Setting {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly host?: string;
}

/** What came of it. */
async function against(client: OutboundClient, behave: Behaviour, { tls, host }: Setting = {}) {
  const peer = await hostilePeer(behave, tls, host);
  const at = {
    host: host ?? '127.0.0.1',
    port: peer.port,
    ca: trusted.pair.cert,
    caFile: trusted.ca,
  };
  const outcome = await client.open(at).then(
    () => undefined,
    (error: unknown) => error,
  );
  await peer.left();
  const [poured, connections] = [peer.poured(), peer.connections()];
  await peer.close();
  assert.ok(poured < MOST_TAKEN, `${poured} bytes were taken`);
  assert.ok(connections <= 1, 'it asks once');
  return outcome;
}

function assertGivenUp(client: OutboundClient, error: unknown): void {
  assert.ok(error instanceof HalliganError, inspect(error));
  assert.match(error.code, client.codes);
  assert.notEqual(error.hint, '');
  assert.ok(!`${error.message} ${error.hint}`.includes(ITS_WORD), 'it repeats the peer’s words');
  const all = inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity });
  for (const secret of [SECRET, Buffer.from(SECRET).toString('base64').slice(0, 30)])
    assert.ok(!all.includes(secret), 'it shows a secret');
}

const ofItsOwn: Readonly<Record<OutboundClient['speaks'], Readonly<Record<string, Behaviour>>>> = {
  http: HTTP,
  smtp: SMTP,
  'its own': {},
};

for (const client of CLIENTS)
  describe(`${client.name}, where its peer`, { concurrency: 8, timeout: 300_000 }, () => {
    for (const [what, behave] of Object.entries({ ...ANY, ...ofItsOwn[client.speaks] }))
      test(what, async () => {
        const tls = client.tls === 'at once' ? { tls: trusted.pair } : {};
        const outcome = await against(client, behave, tls);
        // Below TLS every peer of this test hangs up in return.
        const hangsUp = client.tls === 'at once' || what.startsWith('hangs up');
        if (outcome !== undefined || client.hangUpIsYes !== true || !hangsUp)
          assertGivenUp(client, outcome);
      });

    if (client.tls === 'at once') {
      for (const [what, behave] of Object.entries(HANDSHAKE))
        test(what, async () => assertGivenUp(client, await against(client, behave)));
      test('shows a certificate that nobody vouches for', async () =>
        assertGivenUp(client, await against(client, () => undefined, { tls: other })));
      test('shows the certificate of another host', async () => {
        const elsewhere = { tls: trusted.pair, host: '127.0.0.2' };
        assertGivenUp(client, await against(client, () => undefined, elsewhere));
      });
    }
  });
