import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { badLineContract } from '../bad-line-contract.fixture.ts';
import { refuses } from '../contract.ts';
import { freePort } from '../free-port.ts';
import { harmfulRelay, listening } from '../harmful-relay.fixture.ts';
import { startMariadb } from '../index.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('mariadb', (folder) => startMariadb({ folder }));
const server = started.running;
const { driverWith, rotator } = driversOf(server);

const account = 'breakglass-admin';

/** Bytes of the server's after which a line breaks: in the greeting, in TLS, in the sign-in, in the answer. */
const CUTS = [0, 3, 50, 120, 500, 900, 1000, 1050, 1100, 1150, 1200, 1250, 1300, 1500, 2000];

describe('MariaDB over a bad line', started, () => {
  const current = badLineContract({
    ...{ account, driverWith, rotator, cuts: CUTS, silences: [0, 50, 500, 1000] },
    port: () => server().port,
  });

  test('nobody, somebody else, and something else there get nothing', async (t) => {
    const prove = (changes: object) => () => driverWith(changes).prove(account, current());
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
