import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { type Driver, generatePassword, openDriver, parseSystemConfig } from '@halligan/systems';
import { startTarget } from '../practice/targets.ts';
import { type Lie, startLyingLine } from './lying-line.ts';
import { tongueOf } from './tongue.ts';

/** What a rotation hears of each lie: of setting, and of a sign-in with the new password; and what is true. */
const HEARD: Readonly<Record<Lie, readonly [string, string, string]>> = {
  kept: ['done', 'rejected', 'rejected'],
  refused: ['systems.constraint', 'accepted', 'accepted'],
  rejected: ['done', 'rejected', 'accepted'],
};

for (const kind of ['openldap', 'ad', 'postgres'])
  test(`${kind}: whoever stands in for the system lies about one account, and about nothing else`, async (t) => {
    const scene = await standIn(t, kind);
    if (scene === undefined) return t.skip('the system is not installed');
    const { tell, through, truth, names } = scene;
    const [account = '', other = ''] = names;
    for (const lie of ['kept', 'refused', 'rejected'] as const) {
      tell(lie);
      const fresh = generatePassword();
      const [told, heard, really] = HEARD[lie];
      assert.equal(await setting(through, account, fresh), told, lie);
      assert.equal(await through.prove(account, fresh), heard, lie);
      assert.equal(await truth.prove(account, fresh), really, lie);
    }
    const fresh = generatePassword();
    await through.setPassword(other, fresh);
    assert.equal(await through.prove(other, fresh), 'accepted');
  });

async function standIn(t: TestContext, kind: string) {
  const root = await mkdtemp(join(tmpdir(), 'halligan-lies-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const running = await startTarget(root, kind).catch((error: unknown) => {
    if (error instanceof HalliganError && error.code === 'systems.component-missing') return;
    throw error;
  });
  if (running?.line === undefined || running.inside === undefined) return undefined;
  const { target, line, inside, stop } = running;
  t.after(stop);
  const names = target.accounts.map(({ name }) => name);
  const liar = await startLyingLine({
    host: line.host,
    port: line.port,
    certificate: await readFile(join(inside.server.folder, 'tls.crt'), 'utf8'),
    key: await readFile(join(inside.server.folder, 'tls.key'), 'utf8'),
    tongue: tongueOf(inside.kind),
    account: names[0] ?? '',
  });
  t.after(liar.close);
  const open = async (config: unknown) => {
    const driver = await openDriver(parseSystemConfig(config), target.secret);
    t.after(() => driver.close());
    return driver;
  };
  return {
    tell: liar.tell,
    through: await open(line.by(liar.port)),
    truth: await open(target.config),
    names,
  };
}

async function setting(driver: Driver, account: string, password: Uint8Array): Promise<string> {
  try {
    await driver.setPassword(account, password);
    return 'done';
  } catch (error) {
    return error instanceof HalliganError ? error.code : 'another error';
  }
}
