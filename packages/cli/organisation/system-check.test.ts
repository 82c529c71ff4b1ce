import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createPracticeSystem, generatePassword } from '@halligan/systems';
import { EXIT } from '../exit-codes.ts';
import { recorded } from '../tree/recorded.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'halligan-check-'));
after(() => rmSync(folder, { recursive: true }));

test('system check names what is missing, and its exit code says that something is', async () => {
  const system = join(folder, 'system');
  const accounts = [
    { name: 'ready', password: generatePassword() },
    { name: 'shut', password: generatePassword(), locked: true },
  ];
  await createPracticeSystem(system, accounts);
  const settings = join(folder, 'practice.json');
  writeFileSync(settings, JSON.stringify({ driver: 'practice', folder: system }));
  const check = (...more: readonly string[]) =>
    recorded(['system', 'check', '--driver-config', settings, '--account', ...more], {});
  const well = await check('ready');
  assert.equal(well.code, EXIT.ok);
  assert.match(well.out.join(), /^OK {3}ready: /);
  const ill = await check('ready', 'shut', 'nobody', 'a\nb', '--json');
  assert.equal(ill.code, EXIT.failed);
  const { ok, checks } = JSON.parse(ill.out.join());
  assert.equal(ok, false);
  assert.deepEqual(
    checks.map(({ level }: { level: string }) => level),
    ['ok', 'fail', 'fail', 'fail'],
  );
  assert.match(checks[3].found, /systems\.account-name/);
});

test('settings that are none are refused before anything is asked', async () => {
  const settings = join(folder, 'wrong.json');
  writeFileSync(settings, '{"driver":"practice"}');
  const refused = await recorded(
    ['system', 'check', '--driver-config', settings, '--account', 'ready'],
    {},
  );
  assert.equal(refused.code, EXIT.failed);
  assert.match(refused.said, /systems\.config/);
});

test('a dry run shows the steps of declared settings, and says where there are none', async () => {
  const yaml = join(folder, 'portal.yaml');
  writeFileSync(
    yaml,
    `driver: command
set: { run: { program: /bin/set, arguments: ["{account}"], descriptors: [password] }, answers: [{ exit: [0], means: done }] }
prove: { run: { program: /bin/try, input: "{account}:{password}" },
         answers: [{ exit: [0], means: accepted }, { exit: [1], means: rejected }] }
`,
  );
  const dry = (file: string) =>
    recorded(['system', 'dry-run', '--driver-config', file, '--account', 'bg\u001b[2J'], {});
  assert.equal((await dry(yaml)).code, EXIT.failed);
  const shown = await recorded(
    ['system', 'dry-run', '--driver-config', yaml, '--account', 'bg-1'],
    {},
  );
  assert.equal(shown.code, EXIT.ok);
  assert.deepEqual(shown.out.join('\n').split('\n'), [
    'set',
    '  "/bin/set" "bg-1"',
    '  descriptor 3: ‹password›',
    'prove',
    '  "/bin/try"',
    '  standard input: bg-1:‹password›',
  ]);
  writeFileSync(join(folder, 'own.json'), JSON.stringify({ driver: 'practice', folder }));
  assert.match((await dry(join(folder, 'own.json'))).said, /systems\./);
});
