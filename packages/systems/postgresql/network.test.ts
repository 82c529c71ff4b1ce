import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { HalliganError } from '@halligan/format';
import { badLineContract } from '../bad-line-contract.fixture.ts';
import { refuses } from '../contract.ts';
import { freePort } from '../free-port.ts';
import { harmfulRelay, listening } from '../harmful-relay.fixture.ts';
import { generatePassword, parseSystemConfig, startPostgresql } from '../index.ts';
import { makeCertificate } from '../loopback-certificate.ts';
import { openDriver } from '../open.ts';
import { driversOf, startedComponent } from '../started-component.fixture.ts';

const started = await startedComponent('postgresql', (folder) => startPostgresql({ folder }));
const server = started.running;
const { driverWith, rotator } = driversOf(server);

const account = 'breakglass-admin';

/** Bytes of the server's after which a line breaks: before TLS, in its handshake, in SCRAM, in the answer. */
const CUTS = [0, 1, 2, 100, 700, 1000, 1100, 1200, 1300, 1400, 1500, 1700, 2000, 2300];

describe('PostgreSQL over a bad line', started, () => {
  const current = badLineContract({
    ...{ account, driverWith, rotator, cuts: CUTS, silences: [0, 1, 500, 1400] },
    port: () => server().port,
  });

  test('nobody there, no TLS there, and something else there are told apart', async (t) => {
    const harmless = await harmfulRelay(t, server().port, {});
    const closed = await listening(t, undefined, (socket) => socket.destroy());
    const plain = await listening(t, undefined, (socket) => {
      socket.once('data', () => socket.write('N'));
    });
    const nobody = await freePort();
    await refuses('systems.unreachable', () =>
      driverWith({ port: nobody }).prove(account, current()),
    );
    await refuses('systems.connection-lost', () =>
      driverWith({ port: closed }).prove(account, current()),
    );
    await refuses('systems.plaintext', () => driverWith({ port: plain }).prove(account, current()));
    assert.equal(await driverWith({ port: harmless }).prove(account, current()), 'accepted');
  });

  test('what came in front of the handshake is not taken for an answer', async (t) => {
    // An adversary on the way adds AuthenticationOk and ReadyForQuery in the clear (CVE-2021-23222).
    const port = await listening(t, undefined, (socket) => {
      socket.once('data', () => socket.write(Buffer.from('53520000000800000000', 'hex')));
    });
    await refuses('systems.plaintext', () => driverWith({ port }).prove(account, current()));
  });
});

describe('PostgreSQL, whoever answers', started, () => {
  test('another certificate, or one for another name, gets nothing', async (t) => {
    const ca = await makeCertificate(await open('stranger'), 'Somebody else');
    const anybody = generatePassword();
    await refuses('systems.tls', () => driverWith({ ca }).prove(account, anybody));
    const unnamed: Record<string, unknown> = { ...server().config };
    delete unnamed.ca;
    const trusting = openDriver(parseSystemConfig(unnamed), undefined);
    await refuses('systems.tls', () => trusting.prove(account, anybody));
    const port = await harmfulRelay(t, server().port, { host: '127.0.0.2' });
    await refuses('systems.tls', () =>
      driverWith({ host: '127.0.0.2', port }).prove(account, anybody),
    );
  });

  test('the environment opens no door', async (t) => {
    const environment = {
      PGSSLMODE: 'disable',
      PGOPTIONS: '-c search_path=public',
      PGUSER: 'postgres',
      PGHOST: '127.0.0.9',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    };
    const before = { ...process.env };
    t.after(() => {
      process.env = before;
    });
    process.env = { ...before, ...environment };
    const ca = await makeCertificate(await open('env'), 'Somebody else');
    await refuses('systems.tls', () => driverWith({ ca }).prove(account, generatePassword()));
    const fresh = generatePassword();
    await rotator().setPassword(account, fresh);
    assert.equal(await driverWith().prove(account, fresh), 'accepted');
    const plain = await listening(t, undefined, (socket) => {
      socket.once('data', () => socket.write('N'));
    });
    await refuses('systems.plaintext', () => driverWith({ port: plain }).prove(account, fresh));
  });

  test('a sign-in is bound to its certificate: one that is trusted but another’s cannot pass it on', async (t) => {
    const fresh = generatePassword();
    await rotator().setPassword(account, fresh);
    const own = await open('between');
    const certificate = await makeCertificate(own, 'In between');
    const key = readFileSync(join(own, 'tls.key'));
    const { port: real, ca } = server();
    const port = await listening(t, undefined, (socket) => {
      socket.once('data', () => {
        socket.write('S');
        const near = new TLSSocket(socket, { isServer: true, key, cert: certificate });
        const raw = connectTcp({ host: '127.0.0.1', port: real });
        raw.on('error', () => socket.destroy());
        raw.once('connect', () => raw.write(Buffer.from('0000000804d2162f', 'hex')));
        raw.once('data', () => {
          const far = connectTls({ socket: raw, ca: ca ?? '', host: '127.0.0.1', servername: '' });
          for (const one of [near, far]) one.on('error', () => socket.destroy());
          near.pipe(far).pipe(near);
        });
      });
    });
    const trusting = driverWith({ port, ca: `${ca}${certificate}` });
    const outcome = await trusting.prove(account, fresh).then(
      (proof) => proof,
      (error) => (error instanceof HalliganError ? error.code : `${error}`),
    );
    assert.match(outcome, /^(rejected|systems\..+)$/);
    assert.match(readFileSync(server().log, 'utf8'), /SCRAM channel binding check failed/);
  });
});

async function open(name: string): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), `halligan-${name}-`));
  await mkdir(path, { recursive: true });
  after(() => rmSync(path, { recursive: true }));
  return path;
}
