/** The machine's key and the age of its state in a TPM: swtpm, through the tools that a machine has. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { machineKey, openStore, requireLatest, type Tpm, tpmOf } from '../index.ts';

const has = (program: string) => spawnSync('which', [program]).status === 0;
const skip = has('swtpm') && has('tpm2_create') ? false : 'swtpm or tpm2-tools are not installed';
const random = (size: number) => new Uint8Array(size).fill(7);

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-tpm-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function freePorts(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** How often other ports are tried: swtpm takes two, and somebody else may take one of them first. */
const TRIES = 20;

/** A TPM whose state lies in a folder. */
async function tpmIn(context: TestContext, folder: string): Promise<Tpm> {
  mkdirSync(folder, { recursive: true });
  for (let tried = 0; tried < TRIES; tried += 1) {
    const environment = await startedTpm(context, folder);
    if (environment !== undefined) return tpmOf(environment, folder) ?? assert.fail('no TPM');
  }
  assert.fail('swtpm ended');
}

/** @returns how it is reached; undefined where it ended */
async function startedTpm(context: TestContext, folder: string) {
  const port = await freePorts();
  const child = spawn(
    'swtpm',
    [
      ...['socket', '--tpm2', '--tpmstate', `dir=${folder}`],
      ...['--server', `type=tcp,port=${port},bindaddr=127.0.0.1`],
      ...['--ctrl', `type=tcp,port=${port + 1},bindaddr=127.0.0.1`],
      ...['--flags', 'not-need-init,startup-clear'],
    ],
    { stdio: 'ignore' },
  );
  context.after(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
  });
  const environment = {
    PATH: process.env.PATH,
    TPM2TOOLS_TCTI: `swtpm:host=127.0.0.1,port=${port}`,
  };
  while (spawnSync('tpm2_getcap', ['handles-transient'], { env: environment }).status !== 0) {
    if (child.exitCode !== null) return undefined;
    await pause(50);
  }
  return environment;
}

test('a key lies in the TPM where there is one, and is of use on no other machine', {
  skip,
}, async (context) => {
  const folder = folderOf(context);
  const tpm = await tpmIn(context, join(folder, 'tpm'));
  const made = await machineKey(folder, 'auto', tpm, random);
  assert.deepEqual(made, { key: random(32), where: 'tpm' });
  assert.ok(!existsSync(join(folder, 'machine.key')));
  assert.ok(!readFileSync(join(folder, 'machine.sealed')).includes(Buffer.from(random(32))));
  const again = await machineKey(folder, 'required', tpm, () => assert.fail('another key'));
  assert.deepEqual(again, made);
  const elsewhere = await tpmIn(context, join(folder, 'other'));
  await assert.rejects(machineKey(folder, 'auto', elsewhere, random), { code: 'device.tpm' });
  await assert.rejects(machineKey(folder, 'auto', undefined, random), { code: 'device.key' });
});

test('a state that was put back is refused; one that a blow left ahead is not', {
  skip,
}, async (context) => {
  const folder = folderOf(context);
  const tpm = await tpmIn(context, join(folder, 'tpm'));
  const start = async (counted: Pick<Tpm, 'counter' | 'increment'> = tpm) => {
    const store = openStore(folder);
    try {
      await requireLatest(store, counted);
      store.put({ clock: '5' });
    } finally {
      store.close();
    }
  };
  await start();
  await start();
  copyFileSync(join(folder, 'device.db'), join(folder, 'image'));
  const blow = { counter: tpm.counter, increment: () => Promise.reject(new Error('killed')) };
  await assert.rejects(start(blow), /killed/);
  await start();
  copyFileSync(join(folder, 'image'), join(folder, 'device.db'));
  await assert.rejects(start(), { code: 'device.restored' });
  rmSync(join(folder, 'device.db'));
  await start();
});

test('without a TPM the key lies in a file, and tpm = required says that it does', async (context) => {
  const folder = folderOf(context);
  assert.equal(tpmOf({ PATH: process.env.PATH }, folder) === undefined, !existsSync('/dev/tpmrm0'));
  await assert.rejects(machineKey(folder, 'required', undefined, random), { code: 'device.key' });
  assert.deepEqual(await machineKey(folder, 'auto', undefined, random), {
    ...{ key: random(32), where: 'file' },
  });
  await assert.rejects(machineKey(folder, 'required', undefined, random), { code: 'device.key' });
});
