/**
 * A vault's own emergency, whole, against a real OpenBao: its unseal key's shares are sealed, each is opened in an emergency
 * of its own, and two people who never see each other's share unseal it and make a root token.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { HalliganError, utf8Text } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { type RunningServer, startServer } from '@halligan/server';
import {
  keepEntry,
  type Openbao,
  parseVaultStore,
  readerPolicy,
  rescuerPolicy,
  startOpenbao,
  writerPolicy,
} from '@halligan/systems';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { foundPractice, furnish, practicePolicy } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { filesBelow } from '../practice-home.fixture.ts';

const desk = mkdtempSync(join(tmpdir(), 'halligan-unseal-'));
const root = mkdtempSync(join(tmpdir(), 'halligan-unseal-home-'));
const started = await start();
after(async () => {
  await started.vault?.stop();
  for (const folder of [desk, root]) rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<{ readonly vault?: Openbao; readonly skip: string | false }> {
  try {
    return { vault: await startOpenbao({ folder: join(desk, 'openbao') }), skip: false };
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return { skip: error.message };
    throw error;
  }
}

suite('a vault’s own emergency, by the program that people use', started, () => {
  const vault = () => started.vault ?? assert.fail('OpenBao is missing');
  const settings = join(desk, 'vault.json');
  const emergencies = new Map<string, string>();
  let server: RunningServer;
  let people: People;

  before(async () => {
    await foundPractice(root, 'x25519');
    server = await startServer(root, () => undefined);
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
    people = new People(root);
    const { url, ca } = vault();
    writeFileSync(settings, JSON.stringify({ url, ca, timeout: 60_000 }));
    const target = {
      id: 'vault-unseal',
      purpose: 'opens the vault',
      address: url,
      config: { driver: 'manual', platform: 'other', address: url },
      accounts: [],
    };
    await furnish(root, people, target, practicePolicy('x25519'));
  });
  after(async () => {
    await people.end();
    await server.stop();
  });

  const ask = (who: string, ...argv: readonly string[]) => people.run(who, ...argv);

  test('a share that the vault made is sealed, and shown to nobody', async () => {
    for (const [at, id] of ['unseal-1', 'unseal-2'].entries()) {
      const share = join(desk, `${id}.share`);
      writeFileSync(share, `${utf8Text(vault().unsealKeys[at] ?? assert.fail('no share'))}\n`);
      await ask(
        'raj',
        ...['account', 'add', id, '--system', 'vault-unseal', '--name', id, '--quorum', 'tier-0'],
        ...['--privilege', 'a share of the unseal key', '--justification', 'opens the vault'],
      );
      const draft = join(desk, `${id}.json`);
      await ask(
        at === 0 ? 'ana' : 'mei',
        ...['account', 'rotate-by-hand', id, '--second', 'ben', '--out', draft],
        ...['--secret-file', share, '--accepted', '--old', 'none'],
      );
      await ask('ben', 'account', 'sign-by-hand', draft);
      assert.equal(server.parts.leader.state.accounts[id]?.state, 'armed');
      rmSync(share);
    }
  });

  test('each is opened in an emergency of its own, by other people', async () => {
    for (const [who, id] of [
      ['ana', 'unseal-1'],
      ['mei', 'unseal-2'],
    ] as const) {
      const { emergency } = z
        .object({ emergency: z.string() })
        .parse(
          await ask(
            who,
            ...['emergency', 'declare', '--account', id, '--cause', 'lockout', '--second', 'ben'],
            ...['--approver', 'dana', '--incident', 'INC-9', '--evidence', 'status: sealed'],
            ...['--reason', 'The vault was restarted, and nobody unseals it.'],
          ),
        );
      emergencies.set(who, emergency);
      await ask('dana', 'emergency', 'approve', emergency);
      await ask('ben', 'emergency', 'take-part', emergency, '--together', 'video');
      const { checkWords } = z
        .object({ checkWords: z.array(z.string()) })
        .parse(await ask(who, 'emergency', 'open', emergency));
      for (const holder of [who, 'ben'])
        await ask(
          holder,
          ...['emergency', 'release', emergency, '--check-words', checkWords.join(' ')],
        );
    }
  });

  test('two give their shares, and the vault is open; an attempt that began anew gets nothing', async () => {
    await vault().asRoot('PUT', 'sys/seal');
    const unseal = (who: string, ...more: readonly string[]) => [
      ...['vault', 'unseal', '--vault', settings, '--emergency', emergencies.get(who) ?? ''],
      ...more,
    ];
    const first = sealed.parse(await ask('ana', ...unseal('ana')));
    assert.deepEqual([first.sealed, first.given, first.need], [true, 1, 2]);
    const elsewhere = await people.attempt('mei', unseal('mei', '--attempt', 'another-one'));
    assert.match(elsewhere.said, /\[vault\.other-attempt\]/);
    const last = sealed.parse(await ask('mei', ...unseal('mei', '--attempt', first.attempt)));
    assert.equal(last.sealed, false);
    const status = await ask('dana', 'vault', 'status', '--vault', settings);
    assert.equal(sealed.parse(status).sealed, false);
    const { notes = [] } =
      emergencyById(server.parts.leader.state, emergencies.get('ana') ?? '') ?? {};
    assert.deepEqual(
      notes.map(({ by, about }) => [by, about]),
      [['ana', 'access']],
    );
  });

  test('a root token: the beginner’s pad, and the shares of two others', async () => {
    const token = join(desk, 'rescuer.token');
    await becomesActive(vault());
    await vault().asRoot('PUT', 'sys/policies/acl/rescuer', { policy: rescuerPolicy() });
    writeFileSync(token, await vault().tokenFor(['rescuer']));
    const pad = join(desk, 'pad');
    const as = ['--vault', settings, '--token-file', token];
    const begun = sealed
      .omit({ sealed: true })
      .parse(await ask('raj', 'vault', 'root-token', 'begin', ...as, '--pad-out', pad));
    const give = (who: string) => [
      ...['vault', 'root-token', 'give', ...as, '--attempt', begun.attempt],
      ...['--emergency', emergencies.get(who) ?? ''],
    ];
    await ask('ana', ...give('ana'));
    const { encoded } = z.object({ encoded: z.string() }).parse(await ask('mei', ...give('mei')));
    const out = join(desk, 'root.token');
    await ask(
      'raj',
      ...['vault', 'root-token', 'finish', '--pad', pad, '--encoded', encoded, '--out', out],
    );
    assert.match(readFileSync(out, 'utf8'), /^s\.[A-Za-z0-9]{24}$/);
    const wrong = join(desk, 'wrong.pad');
    writeFileSync(wrong, 'x');
    const refused = await people.attempt('raj', [
      ...[
        'vault',
        'root-token',
        'finish',
        '--pad',
        wrong,
        '--encoded',
        encoded,
        '--out',
        `${out}2`,
      ],
    ]);
    assert.match(refused.said, /\[vault\.pad\]/);
  });

  test('what was fetched from the vault stands on the record, and so does an alarm', async () => {
    const writer = await vault().appRole('halligan-writer', writerPolicy('secret', 'break-glass'));
    await vault().appRole('halligan-reader', readerPolicy('secret', 'break-glass'));
    const { url, ca } = vault();
    const settled = { url, ca, writer: { role: writer.role }, timeout: 60_000 };
    const kept = await keepEntry(parseVaultStore(settled), writer.secret, {
      v: 'halligan/vault-entry/v1',
      organisation: 'practice',
      system: 'dc',
      accounts: {},
    });
    const [store, reader, carried] = ['store.json', 'reader.token', 'carried.token'].map((name) =>
      join(desk, name),
    );
    writeFileSync(store ?? '', JSON.stringify(settled));
    writeFileSync(reader ?? '', await vault().tokenFor(['halligan-reader']));
    const from = ['dc', '--store', store ?? ''];
    const { token } = z
      .object({ token: z.string() })
      .parse(await ask('ben', 'vault', 'wrap', ...from, '--token-file', reader ?? ''));
    writeFileSync(carried ?? '', token);
    const emergency = emergencies.get('ana') ?? '';
    const unwrap = [
      ...['vault', 'unwrap', ...from, '--token-file', carried ?? '', '--unproven'],
      ...['--out', join(desk, 'seals'), '--emergency', emergency],
    ];
    const opened = z.object({ version: z.int() }).parse(await ask('ana', ...unwrap));
    assert.equal(opened.version, kept.version);
    const again = await people.attempt('ana', unwrap);
    assert.equal(again.exit, 5);
    assert.match(again.said, /ALARM.*\[vault\.token-used\]/);
    const { notes = [] } = emergencyById(server.parts.leader.state, emergency) ?? {};
    assert.deepEqual(
      notes.slice(-2).map(({ by, about }) => [by, about]),
      [
        ['ana', 'reveal'],
        ['ana', 'observation'],
      ],
    );
  });

  test('no share is in any file of the organisation', () => {
    const shares = vault().unsealKeys.map((one) => utf8Text(one));
    for (const path of filesBelow(root)) {
      const bytes = readFileSync(path);
      for (const share of shares) assert.ok(!bytes.includes(share), path);
    }
  });
});

/** After the unsealing a server of one needs a moment. */
async function becomesActive({ asRoot }: Openbao): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  for (;;) {
    try {
      await asRoot('GET', 'sys/audit');
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HalliganError)) throw error;
    }
  }
}

const sealed = z.looseObject({
  sealed: z.boolean(),
  need: z.int(),
  given: z.int(),
  attempt: z.string(),
});
