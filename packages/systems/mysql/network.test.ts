import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { assertSilent, refuses } from '../contract.ts';
import { freePort } from '../free-port.ts';
import { harmfulRelay, listening } from '../harmful-relay.fixture.ts';
import { generatePassword, startMariadb } from '../index.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('mariadb', (folder) => startMariadb({ folder }));
const server = started.running;
const { driverWith, rotator } = driversOf(server);

const account = 'breakglass-admin';

/** Bytes of the server's after which a line breaks: in the greeting, in TLS, in the sign-in, in the answer. */
const CUTS = [0, 3, 50, 120, 500, 900, 1000, 1050, 1100, 1150, 1200, 1250, 1300, 1500, 2000];

describe('MariaDB over a bad line', started, () => {
  let current: Uint8Array;
  beforeEach(async () => {
    current = generatePassword();
    await rotator().setPassword(account, current);
  });

  test('wherever it is cut, a sign-in is never called rejected', async (t) => {
    let whole = 0;
    for (const cutAfter of CUTS) {
      const port = await harmfulRelay(t, server().port, { cutAfter });
      try {
        assert.equal(await driverWith({ port }).prove(account, current), 'accepted');
        whole += 1;
      } catch (error) {
        assert.ok(error instanceof HalliganError, `${cutAfter}: ${error}`);
        assert.match(error.code, /^systems\.(connection-lost|tls)$/, `${cutAfter}`);
        assertSilent(error, current);
      }
    }
    assert.ok(whole < CUTS.length - 3, 'these cuts hit something');
  });

  test('wherever it is cut, one of the two passwords works, and which is told by proving', async (t) => {
    for (const cutAfter of CUTS) {
      const port = await harmfulRelay(t, server().port, { cutAfter });
      const fresh = generatePassword();
      const said = await rotator({ port })
        .setPassword(account, fresh)
        .then(
          () => 'done',
          (error) => (error instanceof HalliganError ? error.code : `${error}`),
        );
      assert.match(said, /^(done|systems\.(connection-lost|tls))$/, `${cutAfter}`);
      const proofs = [
        await driverWith().prove(account, fresh),
        await driverWith().prove(account, current),
      ];
      assert.deepEqual(proofs.toSorted(), ['accepted', 'rejected'], `${cutAfter}`);
      if (said === 'done') assert.equal(proofs[0], 'accepted', `${cutAfter}`);
      if (proofs[0] === 'accepted') current = fresh;
    }
  });

  test('a silence is a time-out, at whatever point it begins', async (t) => {
    for (const silentAfter of [0, 50, 500, 1000]) {
      const port = await harmfulRelay(t, server().port, { silentAfter });
      await refuses('systems.timeout', () =>
        driverWith({ port, timeout: 1000 }).prove(account, current),
      );
    }
  });

  test('nobody, somebody else, and something else there get nothing', async (t) => {
    const prove = (changes: object) => () => driverWith(changes).prove(account, current);
    await refuses('systems.unreachable', prove({ port: await freePort() }));
    const other = await makeCertificate(await elsewhere(), 'Somebody else');
    await refuses('systems.tls', prove({ ca: other }));
    const port = await harmfulRelay(t, server().port, { host: '127.0.0.2' });
    await refuses('systems.tls', prove({ host: '127.0.0.2', port }));
    const closed = await listening(t, undefined, (socket) => socket.destroy());
    await refuses('systems.connection-lost', prove({ port: closed }));
    const web = await listening(t, undefined, (socket) => socket.write('HTTP/1.1 400 \r\n\r\n'));
    await refuses('systems.protocol', prove({ port: web }));
    // A greeting without TLS, then one with TLS and an OK behind it in the clear, as if the sign-in had been taken.
    const greeting = (capabilities: string) =>
      `0a352e352e350000000000313233343536373800${capabilities}2d0200ff811500000000000000000000${'61'.repeat(12)}00`;
    const packet = (payload: string, sequence: number) =>
      Buffer.concat([
        Buffer.from([payload.length / 2, 0, 0, sequence]),
        Buffer.from(payload, 'hex'),
      ]);
    const plain = await listening(t, undefined, (socket) =>
      socket.write(packet(greeting('fef7'), 0)),
    );
    await refuses('systems.plaintext', prove({ port: plain }));
    const early = await listening(t, undefined, (socket) =>
      socket.write(Buffer.concat([packet(greeting('feff'), 0), packet('00000002000000', 1)])),
    );
    await refuses('systems.protocol', prove({ port: early }));
  });
});

async function elsewhere(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'halligan-certificate-'));
  after(() => rmSync(path, { recursive: true }));
  return path;
}
