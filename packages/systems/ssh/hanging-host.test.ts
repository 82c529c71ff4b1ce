/** A host that is the right one, lets in, and then hangs, breaks off or never ends: each command ends in its time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { utf8 } from '@halligan/format';
import ssh2, { type Connection, type Session } from 'ssh2';
import { parseSystemConfig } from '../config.ts';
import { failure, refuses } from '../contract.ts';
import { openDriver } from '../open.ts';

const { Server, utils } = ssh2;
const key = utils.generateKeyPairSync('ed25519');
const PASSWORD = utf8('the-Secret-0f-the-Account-31');

/** What the host does once somebody is signed in. */
type Manners = (host: Connection, wire: Socket) => void;

const inSession =
  (meet: (session: Session, wire: Socket) => void): Manners =>
  (host, wire) =>
    void host.on('session', (accept) => meet(accept(), wire));

const HANGS: Readonly<Record<string, Manners>> = {
  'never opens a session': (host) => void host.on('session', () => undefined),
  'never begins a command': inSession((session) => session.on('exec', () => undefined)),
  'never ends a command': inSession((session) => session.on('exec', (accept) => void accept())),
  'writes without end': inSession((session) =>
    session.on('exec', (accept) => {
      const channel = accept();
      const pour = () => {
        while (channel.writable && channel.write(Buffer.alloc(16 << 10, 'a')));
      };
      channel.on('drain', pour);
      channel.on('error', () => undefined);
      pour();
    }),
  ),
};

const BREAKS: Readonly<Record<string, Manners>> = {
  'resets once it let in': (_host, wire) => void wire.resetAndDestroy(),
  'resets when a session is asked for': (host, wire) =>
    void host.on('session', () => void wire.resetAndDestroy()),
  'resets when a command is to be run': inSession((session, wire) =>
    session.on('exec', () => void wire.resetAndDestroy()),
  ),
  'resets while a command runs': inSession((session, wire) =>
    session.on('exec', (accept) => {
      accept().write('halligan');
      setImmediate(() => wire.resetAndDestroy());
    }),
  ),
};

describe('a host that lets in and then', () => {
  let manners: Manners = () => undefined;
  const wires = new Set<Socket>();
  const server = new Server({ hostKeys: [key.private] });
  const listener = createServer((wire) => {
    wires.add(wire);
    wire.on('error', () => undefined);
    wire.on('close', () => wires.delete(wire));
    server.once('connection', (host: Connection) => {
      host.on('error', () => undefined);
      host.on('authentication', (context) =>
        context.method === 'password' ? context.accept() : context.reject(['password']),
      );
      host.on('ready', () => manners(host, wire));
    });
    server.injectSocket(wire);
  });
  before(async () => {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
  });
  after(() => {
    for (const wire of wires) wire.destroy();
    listener.close();
  });

  const prove = (timeout: number) => async () => {
    const { port } = listener.address() as AddressInfo;
    const settings = {
      driver: 'ssh',
      host: '127.0.0.1',
      port,
      hostKeys: [key.public],
      timeout,
    };
    const driver = openDriver(parseSystemConfig(settings), undefined);
    try {
      await driver.prove('admin-1', PASSWORD);
    } finally {
      await driver.close();
    }
  };
  const allLeft = async () => {
    while (wires.size > 0) await Promise.all([...wires].map((wire) => once(wire, 'close')));
  };

  for (const [what, how] of Object.entries(HANGS))
    test(what, async () => {
      manners = how;
      await refuses('systems.timeout', prove(500));
      await allLeft();
    });

  for (const [what, how] of Object.entries(BREAKS))
    test(what, async () => {
      manners = how;
      const error = await failure(prove(60_000));
      assert.match(String(Object(error).code), /^systems\.(unreachable|connection-lost)$/);
      await allLeft();
    });
});
