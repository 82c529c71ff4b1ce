/** Declared programs: ldap-utils against a real directory, with every secret on a descriptor. */
import assert from 'node:assert/strict';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import { findProgram } from '../component.ts';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import {
  checkAccounts,
  dryRun,
  generatePassword,
  parseSystemConfig,
  readSystemConfig,
  startSlapd,
} from '../index.ts';
import { openDriver } from '../open.ts';
import { startedComponent } from '../started-component.fixture.ts';

const account = 'breakglass-admin';
const page = await readFile(join(import.meta.dirname, '../../../docs/systems/command.md'), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

const started = await startedComponent('command', async (folder) => {
  findProgram('ldappasswd', 'ldap-utils');
  const slapd = await startSlapd({ folder: join(folder, 'slapd') });
  await writeFile(join(folder, 'ca.pem'), slapd.ca);
  return slapd;
});
const { running: directory, folder } = started;

/** The page's own example, led to the directory that runs here. */
function settings(change: object = {}) {
  const { url, base, rotatorDn } = directory();
  const text = example
    .replaceAll('ldaps://directory.example.org', url)
    .replaceAll('cn=rotator,dc=example,dc=org', rotatorDn)
    .replaceAll('dc=example,dc=org', base)
    .replaceAll('/etc/halligan/directory-ca.pem', join(folder, 'ca.pem'));
  return parseSystemConfig({ ...JSON.parse(JSON.stringify(readSystemConfig(text))), ...change });
}

function driverWith(change: object = {}, secret: Uint8Array | null = directory().rotatorSecret) {
  return openDriver(settings(change), secret ?? undefined, { runsPrograms: true });
}

driverContract(
  'Declared programs',
  async () => ({
    driver: driverWith(),
    prover: driverWith({}, null),
    account,
    stranger: 'nobody',
  }),
  started,
);

/** Steps that a small script of the test does. */
async function scripted(text: string, steps: object = {}) {
  const program = join(folder, `${Math.random().toString(36).slice(2)}.sh`);
  await writeFile(program, `#!/bin/sh\n${text}\n`);
  await chmod(program, 0o755);
  const run = { program, arguments: ['{account}'], descriptors: ['password'] };
  return {
    program,
    config: parseSystemConfig({
      driver: 'command',
      set: { run, answers: [{ exit: [0], means: 'done' }] },
      prove: {
        run,
        answers: [
          { exit: [0], prints: 'yes', means: 'accepted' },
          { exit: [0], prints: 'no', means: 'rejected' },
        ],
      },
      ...steps,
    }),
  };
}

describe('Declared programs', started, () => {
  test('what the program says of a refusal is what it is called', async () => {
    const driver = driverWith();
    await refuses('systems.constraint', () => driver.setPassword(account, utf8('abc')));
    const wrong = driverWith({}, generatePassword());
    await refuses('systems.rotator-rejected', () => wrong.setPassword(account, generatePassword()));
    await refuses('systems.secret-missing', () =>
      driverWith({}, null).setPassword(account, generatePassword()),
    );
  });

  test('no secret is in an argument, the environment or standard error', async () => {
    const out = join(folder, 'seen');
    const { config } = await scripted(
      `{ tr '\\0' '\\n' < /proc/$$/cmdline; env; ps -o args= -p $$,$PPID; } > ${out}; cat <&3 >> ${out}.secret; echo yes; cat <&3 >&2`,
    );
    const driver = openDriver(config, undefined, { runsPrograms: true });
    const secret = generatePassword();
    assert.equal(await driver.prove(account, secret), 'accepted');
    const seen = await readFile(out, 'utf8');
    assert.ok(seen.includes(account) && !seen.includes(utf8Text(secret)));
    assert.doesNotMatch(seen, /HOME=|NODE_|npm_/);
    assert.equal(await readFile(`${out}.secret`, 'utf8'), utf8Text(secret));
  });

  test('shell characters in a name are its own; a hyphen in front of it is refused', async () => {
    const { config } = await scripted(
      '[ "$1" = \'$(touch /tmp/x); `id` "*\' ] && echo yes || echo no',
    );
    const driver = openDriver(config, undefined, { runsPrograms: true });
    assert.equal(await driver.prove('$(touch /tmp/x); `id` "*', generatePassword()), 'accepted');
    await refuses('systems.account-name', () => driver.prove('-x', generatePassword()));
  });

  test('a program that hangs is killed with what it started; one that is missing or answers oddly is said so', async () => {
    const secret = generatePassword();
    const hangs = await scripted(`sleep 300 & echo $! > ${join(folder, 'pid')}; wait`, {
      timeout: 500,
    });
    const driver = openDriver(hangs.config, undefined, { runsPrograms: true });
    await refuses('systems.timeout', () => driver.prove(account, secret));
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    // Ended, and at most waiting for its parent to notice.
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '(gone) Z');
    assert.match(status, /\) [ZX]/);
    const odd = await scripted('echo maybe; exit 0');
    const oddly = openDriver(odd.config, undefined, { runsPrograms: true });
    await refuses('systems.unexplained', () => oddly.prove(account, secret));
    assertSilent(await failure(() => oddly.prove(account, secret)), secret);
    await rm(odd.program);
    await refuses('systems.unexplained', () => oddly.prove(account, secret));
    const [checked] = await checkAccounts(oddly, [account]);
    assert.match(checked?.shortcomings[0]?.found ?? '', /systems\.cannot-inspect/);
  });

  test('a check names a program that others can change', async () => {
    const { program, config } = await scripted('echo yes', {
      inspect: {
        run: { program: '/bin/true' },
        answers: [{ exit: [0], means: 'exists' }],
      },
    });
    const driver = openDriver(config, undefined, { runsPrograms: true });
    const fails = async () =>
      (await checkAccounts(driver, [account]))
        .flatMap(({ shortcomings }) => shortcomings)
        .filter(({ level }) => level === 'fail')
        .map(({ fix }) => fix);
    assert.deepEqual(await fails(), []);
    await chmod(program, 0o777);
    assert.deepEqual(await fails(), [`chmod go-w ${program}`]);
  });

  test('on a person’s device no program runs that others chose', async () => {
    await refuses('systems.by-hand', async () => openDriver(settings(), undefined));
  });

  test('a dry run shows each program and what it is handed', () => {
    const text = dryRun(settings(), account)
      .flatMap(({ step, lines }) => [step, ...lines])
      .join('\n');
    assert.match(text, /^inspect\n"\/usr\/bin\/ldapsearch"/);
    assert.match(
      text,
      /set\n"\/usr\/bin\/ldappasswd".*\ndescriptor 3: ‹password›\ndescriptor 4: ‹credential›/,
    );
  });

  test('settings that hand a step what it has not, or put a secret into an argument, are refused', () => {
    const wrong = (change: (copy: { set: { run: Record<string, unknown> } }) => void) => {
      const copy = JSON.parse(JSON.stringify(settings()));
      change(copy);
      assert.throws(() => parseSystemConfig(copy), { code: 'systems.config' });
    };
    wrong((copy) => {
      copy.set.run.arguments = ['--password', '{password}'];
    });
    wrong((copy) => {
      copy.set.run.program = 'ldappasswd';
    });
    wrong((copy) => {
      copy.set.run.descriptors = ['old', 'password'];
    });
    wrong((copy) => {
      copy.set.run.descriptors = [];
    });
  });
});

test('a name that is UTF-8 and a password of every byte reach the program whole', async () => {
  const out = join(folder, 'whole');
  const { config } = await scripted(`printf %s "$1" > ${out}; cat /dev/fd/3 >> ${out}; echo yes`);
  const driver = openDriver(config, undefined, { runsPrograms: true });
  await driver.prove('Zürich 試験', utf8('"\'\\$`–🔑'));
  assert.equal(await readFile(out, 'utf8'), 'Zürich 試験"\'\\$`–🔑');
});
