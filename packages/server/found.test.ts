import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HalliganError, hex } from '@halligan/format';
import { generateIdentity, recipientOf } from '@halligan/seal';
import {
  generateSigningKey,
  linkDigest,
  type Member,
  makeStatement,
  type RosterLink,
  type SignedStatement,
  type SigningKey,
  signRecipient,
  signStatement,
} from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { makeCertificate } from './certificate.ts';
import { completeGenesis, type Founding, prepareGenesis, readFounding } from './found.ts';
import { startServer } from './start.ts';

interface Admin {
  readonly card: Member;
  readonly signing: SigningKey;
}

async function admin(id: string): Promise<Admin> {
  const signing = await generateSigningKey();
  const recipient = await recipientOf(generateIdentity('x25519'));
  const recipientSignature = await signRecipient(id, recipient, signing);
  const keys = { signing: [signing.publicKey], recipient, recipientSignature };
  return { card: { id, kind: 'person', ...keys, roles: ['admin'] }, signing };
}

const dana = await admin('dana');
const raj = await admin('raj');
const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-found-'));
  folders.push(folder);
  return join(folder, 'home');
}

function founding(changes: Partial<Founding> = {}): Founding {
  return {
    settings: {
      organisation: 'contoso',
      name: 'localhost',
      host: '127.0.0.1',
      port: 0,
      tls: true,
      practice: false,
      kitPlaces: [],
    },
    recipients: 'x25519',
    admins: [dana.card, raj.card],
    ...changes,
  };
}

async function signed(link: RosterLink, ...admins: readonly Admin[]): Promise<SignedStatement[]> {
  const origin = link.change.do === 'genesis' ? link.change.origin : '';
  return Promise.all(
    admins.map(({ card, signing }) =>
      signStatement(
        makeStatement('roster.change', {
          origin,
          subject: linkDigest(link),
          by: card.id,
          at: new Date().toISOString(),
          purpose: 'real',
          policy: null,
          roster: null,
          journal: { size: 0, root: hex(emptyRoot()) },
        }),
        signing,
      ),
    ),
  );
}

/** That a call fails with a code and says what to do next. */
async function fails(call: Promise<unknown>, code: string, hint: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof HalliganError, String(error));
    assert.deepEqual(error.code, code);
    assert.match(error.hint, hint);
    return true;
  });
}

test('what cannot become an organisation writes nothing', async () => {
  const root = await emptyFolder();
  const { settings } = founding();
  const forged = { ...raj.card, recipientSignature: dana.card.recipientSignature };
  const program = { ...raj.card, kind: 'program' as const, roles: [] };
  const hybrid = 'hybrid' as const;
  const tls = await makeCertificate('localhost');
  const foreign = { key: tls.key, cert: (await makeCertificate('localhost')).cert };
  const cases: readonly [Partial<Founding>, string, RegExp][] = [
    [{ admins: [dana.card] }, 'roster.last-admins', /another person admin/],
    [{ admins: [dana.card, dana.card] }, 'roster.known', /another id/],
    [
      { admins: [dana.card, { ...raj.card, roles: [] }] },
      'roster.last-admins',
      /another person admin/,
    ],
    [{ admins: [dana.card, forged] }, 'statement.signature', /./],
    [{ admins: [dana.card, program] }, 'roster.program', /person card/],
    [{ recipients: hybrid }, 'roster.recipient-kind', /of that kind/],
    [{ settings: { ...settings, name: 'https://x' } }, 'server.name', /without https/],
    [{ settings: { ...settings, port: 70_000 } }, 'server.settings', /./],
    [{ tls: foreign }, 'server.certificate', /--tls-key/],
  ];
  for (const [changes, code, hint] of cases)
    await fails(prepareGenesis(root, founding(changes)), code, hint);
  assert.ok(!existsSync(root));
  await fails(completeGenesis(root, []), 'server.no-founding', /halligan init first/);
});

test('signatures that make no genesis begin nothing, and the right ones still do', async () => {
  const root = await emptyFolder();
  const link = await prepareGenesis(root, founding());
  const other = await prepareGenesis(await emptyFolder(), founding());
  const mallory = { ...raj, signing: await generateSigningKey() };
  const both = await signed(link, dana, raj);
  for (const [statements, code] of [
    [await signed(link, dana), 'roster.admin'],
    [await signed(link, dana, dana), 'roster.admin'],
    [await signed(link, dana, mallory), 'statement.signature'],
    [await signed(other, dana, raj), 'statement.origin|roster.statement'],
    [[], 'procedure.input'],
  ] as const) {
    await assert.rejects(completeGenesis(root, statements), (error) => {
      assert.ok(error instanceof HalliganError, String(error));
      assert.ok(code.split('|').includes(error.code), error.code);
      return true;
    });
    assert.ok(!existsSync(join(root, 'journal')), code);
    assert.ok(!existsSync(join(root, 'server.json')), code);
  }
  await fails(
    startServer(root, () => undefined),
    'server.not-set-up',
    /halligan init/,
  );
  assert.equal(await completeGenesis(root, both), linkDigest(link));
  const server = await startServer(root, () => undefined);
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  await server.stop();
});

test('a first half that waits is kept, until somebody says to start over', async () => {
  const root = await emptyFolder();
  const link = await prepareGenesis(root, founding());
  await fails(prepareGenesis(root, founding()), 'server.founding', /--finish.*--start-over/);
  assert.deepEqual((await readFounding(root)).link, link);
  const again = await prepareGenesis(root, founding({ startOver: true }));
  assert.notEqual(linkDigest(again), linkDigest(link));
  await assert.rejects(completeGenesis(root, await signed(link, dana, raj)), HalliganError);
  await completeGenesis(root, await signed(again, dana, raj));
});

test('a first half that was interrupted is simply run again', async () => {
  const root = await emptyFolder();
  await prepareGenesis(root, founding());
  // founding.json comes last: without it nobody was told of a genesis.
  await rm(join(root, 'founding.json'));
  const link = await prepareGenesis(root, founding());
  await completeGenesis(root, await signed(link, dana, raj));
});

test('a second half that was interrupted goes on with the same signatures', async () => {
  const root = await emptyFolder();
  const link = await prepareGenesis(root, founding());
  const both = await signed(link, dana, raj);
  await completeGenesis(root, both);
  // As a crash leaves it after the journal's first entry: not pinned, not set up.
  await rm(join(root, 'server.json'));
  await rm(join(root, 'keys', 'rotator', 'pins.json'));
  for (const startOver of [false, true])
    await fails(
      prepareGenesis(root, founding({ startOver })),
      'server.founding-signed',
      /--finish once more/,
    );
  assert.equal(await completeGenesis(root, both), linkDigest(link));
  assert.ok(existsSync(join(root, 'keys', 'rotator', 'pins.json')));
  assert.equal((await readFounding(root)).done, true);
});

test('an organisation that exists is founded once, and keeps its settings', async () => {
  const root = await emptyFolder();
  const link = await prepareGenesis(root, founding());
  const both = await signed(link, dana, raj);
  await completeGenesis(root, both);
  const path = join(root, 'server.json');
  const edited = (await readFile(path, 'utf8')).replace('"port":0', '"port":8471');
  await writeFile(path, edited);
  assert.equal(await completeGenesis(root, both), linkDigest(link));
  assert.equal(await readFile(path, 'utf8'), edited);
  for (const startOver of [false, true])
    await fails(prepareGenesis(root, founding({ startOver })), 'server.exists', /HALLIGAN_HOME/);
});

test('a founding that was damaged is refused by name', async () => {
  const root = await emptyFolder();
  await prepareGenesis(root, founding());
  for (const text of ['', '{}', '{"v":"halligan/founding/v1","settings":{},"link":{}}']) {
    await writeFile(join(root, 'founding.json'), text);
    await fails(completeGenesis(root, []), 'server.founding-damaged', /--start-over/);
  }
});

test('a certificate that is brought is the one that is shown', async () => {
  const root = await emptyFolder();
  const tls = await makeCertificate('halligan.example');
  await prepareGenesis(root, founding({ tls }));
  assert.equal(await readFile(join(root, 'keys', 'tls.crt'), 'utf8'), tls.cert);
  assert.equal(await readFile(join(root, 'keys', 'tls.key'), 'utf8'), tls.key);
});

test('any address but loopback needs TLS', async () => {
  const root = await emptyFolder();
  const { settings } = founding();
  const link = await prepareGenesis(
    root,
    founding({ settings: { ...settings, host: '0.0.0.0', tls: false } }),
  );
  await completeGenesis(root, await signed(link, dana, raj));
  await fails(
    startServer(root, () => undefined),
    'server.tls',
    /keys\/tls\.key/,
  );
});
