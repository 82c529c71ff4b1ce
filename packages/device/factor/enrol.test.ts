import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64, utf8 } from '@halligan/format';
import { acceptTotp, enrol, hotp } from '../index.ts';
import { Machine } from '../sign-in/machine.fixture.ts';
import { SoftwareKey } from './software-key.fixture.ts';

const NOTHING = { totp: 'none', codes: 0, keys: [], pin: false, isRequired: false };
const none = new Uint8Array(0);

/** The seed in what an authenticator takes. */
function seedIn(answer: unknown): Uint8Array {
  const secret =
    /secret=([A-Z2-7]+)&/.exec(JSON.stringify(answer))?.[1] ?? assert.fail('no secret');
  const bits = [...secret]
    .map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

test('an authenticator counts once its code has been seen, and that code is spent', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  const added = await enrol(machine, { ask: 'add-totp', name: 'Ana', machine: 'desk' }, none);
  const seed = seedIn(added);
  assert.equal(seed.length, 20);
  const factors = () => enrol(machine, { ask: 'factors', name: 'ana' }, none);
  assert.deepEqual(await factors(), { ...NOTHING, totp: 'not confirmed' });
  const confirm = (code: string) =>
    enrol(machine, { ask: 'confirm-totp', name: 'ana', code }, none);
  await assert.rejects(confirm('000000'), { code: 'device.code' });
  const code = hotp(seed, Math.floor(machine.wall / 30));
  assert.deepEqual(await confirm(` ${code}`), { ...NOTHING, totp: 'enrolled' });
  const { totp } = machine.memory.enrolment('id-of-ana');
  assert.equal(acceptTotp(seed, code, machine.wall, totp?.lastStep), undefined);
  await assert.rejects(enrol(machine, { ask: 'confirm-totp', name: 'ben', code }, none), {
    code: 'device.nobody',
  });
});

test('printed codes are told once; new ones take the place of the old', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  await enrol(machine, { ask: 'new-codes', name: 'ana' }, none);
  const first = machine.memory.enrolment('id-of-ana').codes;
  await enrol(machine, { ask: 'new-codes', name: 'ana' }, none);
  const second = machine.memory.enrolment('id-of-ana').codes;
  assert.equal(second.length, 10);
  assert.equal(
    second.filter((one) => first.some((old) => Buffer.compare(one, old) === 0)).length,
    0,
  );
});

test('keys, what is required of one, and what is taken away again', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  const { credential, publicKey, type } = new SoftwareKey().enrolled;
  const key = { publicKey, type, credential: base64(credential) };
  const ask = { ask: 'add-key', name: 'ana', ...key } as const;
  await enrol(machine, { ...ask, label: 'blue' }, none);
  assert.deepEqual(
    await enrol(machine, { ask: 'require-factor', name: 'ana', isRequired: true }, none),
    { ...NOTHING, keys: ['blue'], isRequired: true },
  );
  const other = { ...ask, credential: base64(utf8('another')) };
  await assert.rejects(enrol(machine, { ...other, label: 'blue' }, none), {
    code: 'device.factor',
  });
  assert.deepEqual(
    await enrol(machine, { ask: 'remove-factor', name: 'ana', factor: 'keys' }, none),
    {
      ...NOTHING,
      isRequired: true,
    },
  );
  assert.deepEqual(
    machine.recorded.map((one) => one.type === 'changed' && [one.name, one.what]),
    [
      ['ana', 'key-added'],
      ['ana', 'factor-required'],
      ['ana', 'keys-removed'],
    ],
  );
});

test('a code that is spent while a change goes on the record stays spent', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  await enrol(machine, { ask: 'new-codes', name: 'ana' }, none);
  const before = machine.memory.enrolment('id-of-ana');
  const record = async () =>
    machine.memory.change({ enrolments: [{ ...before, codes: before.codes.slice(1) }] });
  const desk = { ...machine, memory: machine.memory, record };
  await enrol(desk, { ask: 'require-factor', name: 'ana', isRequired: true }, none);
  assert.equal(machine.memory.enrolment('id-of-ana').codes.length, 9);
});

test('a PIN is set soon after a full online sign-in, and is no trivial one', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  const set = (pin: string) =>
    enrol(machine, { ask: 'set-pin', name: 'ana', secret: pin.length }, utf8(pin));
  for (const pin of ['', '12345', '777777']) await assert.rejects(set(pin), { code: 'device.pin' });
  assert.deepEqual(await set('135790'), { ...NOTHING, pin: true });
  machine.isReachable = false;
  assert.equal((await machine.try('135790')).let, 'in');
  machine.pass(901);
  await assert.rejects(set('246802'), { code: 'device.sign-in-first' });
});
