/**
 * Every file, document and answer that comes from somewhere else is read by something that an adversary may feed:
 * whatever they change in a good one, it is read, or refused with a code and a hint. Nothing else is ever thrown: no
 * fault of ours, no stack that overflows, no text that is too long to be made. That it also ends, a test that hung would
 * show. `npm run fuzz` tries a million.
 */
import { test } from 'node:test';
import { utf8 } from '../../packages/format/index.ts';
import { FILES, JSON_FILES } from './files.ts';
import { readGoodMachine } from './machines.ts';
import { readGood } from './protocols.ts';
import { holds } from './reading.ts';
import { READINGS } from './readings.ts';

/** Tries for each. */
const RUNS = 150;

for (const { name, isSlow, tries } of READINGS)
  test(`${name}: is read or refused`, () => tries(isSlow ? RUNS / 3 : RUNS));

for (const [name, { read }] of Object.entries(FILES))
  test(`${name}: nothing, too much and too deep is refused`, async () => {
    const brackets = utf8('['.repeat(200_000));
    const long = utf8(`"${'a'.repeat(1 << 20)}"`);
    for (const bytes of [new Uint8Array(), new Uint8Array([0xff]), brackets, long])
      await holds(read, bytes);
  });

test('the good ones are read: what is changed is not only refused for how it was made', async () => {
  for (const { read, good, isPart } of Object.values(FILES)) if (isPart !== true) await read(good);
  for (const [read, good] of Object.values(JSON_FILES)) await read(good);
  readGood();
  readGoodMachine();
});
