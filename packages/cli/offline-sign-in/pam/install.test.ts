/** PAM is changed only as it was tried out, on a machine of its own; this machine's PAM is not touched. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { compiled, linesByHand, profileText } from '@halligan/device';
import { LOCAL, Machine, missing, PROGRAM } from './machine.fixture.ts';

const skip = missing();

async function machineFor(context: TestContext): Promise<Machine> {
  const machine = await Machine.start();
  context.after(() => machine.stop());
  return machine;
}

async function stacks(machine: Machine): Promise<string> {
  const { out } = await machine.run(['sh', '-c', 'cat /etc/pam.d/common-* /var/lib/pam/*']);
  return out;
}

const rootSignsIn = (machine: Machine) =>
  machine.as('bob', ['su', 'root', '-c', 'id -un'], `${LOCAL.root}\n`);

test('the module is compiled without a warning', { skip }, () => {
  assert.ok(compiled('-Werror', '-Wsign-compare', '-Wstrict-prototypes', '-Wshadow').length > 0);
});

test('a profile lets a success end the stack, and passes over whatever else happens', () => {
  const path = '/usr/lib/security/halligan/helper.pl';
  const module = profileText({ by: 'module' });
  assert.match(module, /^Auth:\n\t\[success=end default=ignore\]\tpam_halligan\.so$/m);
  assert.match(module, /^Account:\n\t\[success=ok perm_denied=bad default=ignore\]\tpam_halligan/m);
  const helper = profileText({ by: 'helper', path });
  assert.match(helper, /pam_exec\.so expose_authtok seteuid stdout quiet \/usr\/lib\/security/);
  assert.doesNotMatch(helper, /Account/);
  assert.deepEqual(linesByHand({ by: 'module' }), [
    'auth     sufficient   pam_halligan.so',
    'account  [success=ok perm_denied=bad default=ignore]   pam_halligan.so',
  ]);
});

for (const by of ['module', 'helper'] as const)
  test(`a ${by} is tried out, installed, shown and removed, and nothing is left`, {
    skip,
  }, async (context) => {
    const machine = await machineFor(context);
    const before = await stacks(machine);
    const tried = await machine.halligan('pam', 'install', '--dry-run', '--by', by, '--json');
    assert.equal(tried.code, 0, tried.out);
    assert.equal(await stacks(machine), before);
    const installed = await machine.halligan('pam', 'install', '--by', by, '--json');
    assert.equal(installed.code, 0, installed.out);
    const shown = await machine.halligan('pam', 'show', '--json');
    assert.deepEqual(JSON.parse(shown.out), JSON.parse(tried.out));
    assert.equal(JSON.parse(shown.out).by, by);
    const removed = await machine.halligan('pam', 'remove');
    assert.equal(removed.code, 0, removed.out);
    assert.equal((await machine.halligan('pam', 'show', '--json')).out, '{"lines":[]}\n');
    const left = await machine.run(['sh', '-c', 'ls /usr/share/pam-configs /usr/lib/*/security']);
    assert.doesNotMatch(left.out, /halligan/);
    const stack = await machine.run(['sh', '-c', 'cat /etc/pam.d/common-*']);
    assert.equal(before.startsWith(stack.out), true);
  });

test('where the files came out different from what was tried, all is as it was', {
  skip,
}, async (context) => {
  const machine = await machineFor(context);
  const before = await stacks(machine);
  // Something else of the machine changes the file, the second time that it is written.
  const wrapped = await machine.run(['sh', '-c', WRAP]);
  assert.equal(wrapped.code, 0, wrapped.out);
  const { code, out } = await machine.halligan('pam', 'install', '--by', 'module');
  assert.notEqual(code, 0);
  assert.match(out, /device\.pam-rolled-back/);
  assert.equal(await stacks(machine), before);
  const left = await machine.run(['sh', '-c', 'ls /usr/share/pam-configs /usr/lib/*/security']);
  assert.doesNotMatch(left.out, /halligan/);
});

const WRAP = `set -eu
cp /usr/sbin/pam-auth-update /run/real
cat > /run/wrapper <<'END'
#!/bin/sh
/run/real "$@"
[ ! -e /run/tried ] || echo '# more' >> /etc/pam.d/common-auth
touch /run/tried
END
chmod 755 /run/wrapper
mount --bind /run/wrapper /usr/sbin/pam-auth-update
`;

test('files that were edited by hand are left alone, and the lines to add are told', {
  skip,
}, async (context) => {
  const machine = await machineFor(context);
  await machine.run([
    'sh',
    '-c',
    'sed -i "/pam_unix/i auth optional pam_warn.so" /etc/pam.d/common-auth',
  ]);
  const before = await stacks(machine);
  const { code, out } = await machine.halligan('pam', 'install');
  assert.notEqual(code, 0);
  assert.match(out, /device\.pam-edited/);
  assert.match(out, /auth {5}sufficient {3}pam_halligan\.so/);
  assert.equal(await stacks(machine), before);
});

test('a missing module, and an agent that is dead, keep out nobody of this machine itself', {
  skip,
}, async (context) => {
  const machine = await machineFor(context);
  const installed = await machine.halligan('pam', 'install', '--by', 'module');
  assert.equal(installed.code, 0, installed.out);
  const doctor = await machine.halligan('doctor');
  const files = String.raw`/etc/pam\.d/common-auth, /etc/pam\.d/common-account`;
  assert.match(doctor.out, new RegExp(`asks the agent by a module: ${files}`));
  assert.match((await rootSignsIn(machine)).out, /^root$/m);
  const other = await machine.as('bob', ['su', 'ana', '-c', 'id -un'], 'right\n');
  assert.equal(other.code, 1);
  assert.match(other.out, /Offline sign-in is not running here/);
  await machine.run(['sh', '-c', 'rm /usr/lib/*/security/pam_halligan.so']);
  assert.match((await rootSignsIn(machine)).out, /^root$/m);
  assert.equal((await machine.as('bob', ['su', 'ana', '-c', 'true'], 'right\n')).code, 1);
});

test('only root may', { skip }, async (context) => {
  const machine = await machineFor(context);
  const { code, out } = await machine.as('bob', [
    ...[process.execPath, PROGRAM, 'device', 'pam', 'install'],
  ]);
  assert.equal(code, 1, out);
  assert.match(out, /device\.root/);
});
