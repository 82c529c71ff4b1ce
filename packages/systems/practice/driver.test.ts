import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import { driverContract, refuses } from '../contract.ts';
import {
  createPracticeSystem,
  generatePassword,
  parseSystemConfig,
  readPracticeAudit,
} from '../index.ts';
import { openDriver } from '../open.ts';

const noon = () => Temporal.Instant.from('2026-03-01T12:00:00Z');

async function makeFolder(t?: { after: (done: () => Promise<void>) => void }) {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-practice-'));
  t?.after(() => rm(folder, { recursive: true }));
  return folder;
}

driverContract('practice', async () => {
  const folder = await makeFolder();
  await createPracticeSystem(folder, [{ name: 'breakglass-admin', password: generatePassword() }]);
  const config = parseSystemConfig({ driver: 'practice', folder });
  return {
    driver: openDriver(config, undefined),
    prover: openDriver(config, undefined),
    account: 'breakglass-admin',
    stranger: '__proto__',
    stop: () => rm(folder, { recursive: true }),
  };
});

test('inspecting tells what the account was made with', async (t) => {
  const folder = await makeFolder(t);
  const account = { name: 'root', password: generatePassword(), groups: ['wheel', 'adm'] };
  await createPracticeSystem(folder, [account], noon);
  const driver = openDriver({ driver: 'practice', folder }, undefined);
  assert.deepEqual(await driver.inspect('root'), {
    exists: true,
    name: 'root',
    locked: false,
    mustChangePassword: false,
    groups: ['adm', 'wheel'],
    passwordChangedAt: '2026-03-01T12:00:00Z',
    access: { methods: 'unknown', keys: 'unknown', sessions: 'unknown', grants: 'unknown' },
  });
});

test('the audit log holds sign-ins and changes in order, and no secret is on disk', async (t) => {
  const folder = await makeFolder(t);
  const [first, second] = [generatePassword(), generatePassword()];
  await createPracticeSystem(folder, [{ name: 'root', password: first }], noon);
  const driver = openDriver({ driver: 'practice', folder }, undefined, { now: noon });
  await driver.prove('root', first);
  await driver.setPassword('root', second);
  await driver.prove('root', first);
  const at = '2026-03-01T12:00:00Z';
  assert.deepEqual(await readPracticeAudit(folder), [
    { at, account: 'root', event: 'sign-in', outcome: 'accepted' },
    { at, account: 'root', event: 'sign-out', outcome: 'accepted' },
    { at, account: 'root', event: 'password-change', outcome: 'accepted' },
    { at, account: 'root', event: 'sign-in', outcome: 'rejected' },
  ]);
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    for (const password of [first, second]) {
      assert.equal(bytes.indexOf(password), -1, name);
      assert.equal(bytes.indexOf(password.toBase64()), -1, name);
    }
    if (name !== 'lock.db') assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
  }
});

test('a line that a power cut left unfinished does not hide the others', async (t) => {
  const folder = await makeFolder(t);
  const password = generatePassword();
  await createPracticeSystem(folder, [{ name: 'root', password }], noon);
  await writeFile(join(folder, 'audit.jsonl'), '{"at":"2026-03-');
  const driver = openDriver({ driver: 'practice', folder }, undefined, { now: noon });
  await driver.prove('root', password);
  await driver.prove('root', password);
  assert.ok((await readPracticeAudit(folder)).length >= 2);
});

test('a locked account gives no answer about its password', async (t) => {
  const folder = await makeFolder(t);
  const password = generatePassword();
  await createPracticeSystem(folder, [{ name: 'root', password, locked: true }]);
  const driver = openDriver({ driver: 'practice', folder }, undefined);
  await refuses('systems.account-locked', () => driver.prove('root', password));
});

test('a practice system is never overwritten, and a missing or damaged one is said', async (t) => {
  const folder = await makeFolder(t);
  const password = utf8('a password of practice');
  await createPracticeSystem(folder, [{ name: 'root', password }]);
  await refuses('systems.practice-exists', () => createPracticeSystem(folder, []));
  const twins = [
    { name: 'root', password },
    { name: 'root', password },
  ];
  await refuses('systems.account-name', () => createPracticeSystem(join(folder, 'b'), twins));

  const nowhere = openDriver({ driver: 'practice', folder: join(folder, 'nowhere') }, undefined);
  await refuses('systems.practice-missing', () => nowhere.inspect('root'));
  await refuses('systems.practice-missing', () => nowhere.prove('root', password));
  await refuses('systems.practice-missing', () => nowhere.setPassword('root', password));

  await writeFile(join(folder, 'accounts.json'), '{"v":"halligan/practice-system/v9"}');
  const damaged = openDriver({ driver: 'practice', folder }, undefined);
  await refuses('systems.practice-damaged', () => damaged.prove('root', password));
});

test('several processes change passwords at once and none is lost', async (t) => {
  const folder = await makeFolder(t);
  const names = ['one', 'two', 'three', 'four'];
  await createPracticeSystem(
    folder,
    names.map((name) => ({ name, password: generatePassword() })),
  );
  const fresh = new Map(names.map((name) => [name, generatePassword()]));
  const program = `
    import { text } from 'node:stream/consumers';
    import { openDriver } from ${JSON.stringify(import.meta.resolve('../index.ts'))};
    const { folder, name, password } = JSON.parse(await text(process.stdin));
    const driver = await openDriver({ driver: 'practice', folder }, undefined);
    for (let round = 0; round < 3; round += 1) {
      await driver.setPassword(name, new TextEncoder().encode(password));
    }
  `;
  await Promise.all(
    [...fresh].map(async ([name, password]) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      child.stdin.end(JSON.stringify({ folder, name, password: utf8Text(password) }));
      const [status] = await once(child, 'exit');
      assert.equal(status, 0);
    }),
  );
  const driver = openDriver({ driver: 'practice', folder }, undefined);
  for (const [name, password] of fresh) {
    assert.equal(await driver.prove(name, password), 'accepted', name);
  }
  const changes = (await readPracticeAudit(folder)).filter((l) => l.event === 'password-change');
  assert.equal(changes.length, 12);
  assert.deepEqual((await readdir(folder)).toSorted(), ['accounts.json', 'audit.jsonl', 'lock.db']);
});
