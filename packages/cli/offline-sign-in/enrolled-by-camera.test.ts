/** An authenticator is enrolled at a terminal: by what its camera sees there, or by letters. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hotp } from '@halligan/device';
import { enrollingMachine, WALL } from './enrolling-machine.fixture.ts';
import { readQrCode } from './qr-code.fixture.ts';

const skip = existsSync('/usr/bin/script') ? false : 'bsdutils is not installed';
const { folder, socket, end } = await enrollingMachine();
after(end);

/** What a secret on the screen begins and ends with. */
const TOP = '\u001b[2J\u001b[H';
const END = 'Press Enter when done';

/**
 * Enrols at a terminal of that size, with an authenticator that takes what is on the screen.
 * @param uriOf what it takes
 * @returns what was on the screen, and all that the terminal was sent
 */
async function enrolled(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  uriOf: (screen: readonly string[]) => string,
  ...more: readonly string[]
) {
  const program = join(import.meta.dirname, '../../../bin/halligan.mjs');
  const places = ['--folder', join(folder, 'state'), '--socket', socket];
  const argv = ['device', 'factor', 'add-totp', 'ana', '--machine', 'desk', ...places, ...more];
  const command = `stty rows ${rows} cols ${columns}; exec ${[process.execPath, program, ...argv].join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let sent = '';
  let screen: readonly string[] | undefined;
  let uri = '';
  let hasCode = false;
  child.stdout.on('data', (piece: Buffer) => {
    sent += piece.toString('latin1');
    const text = Buffer.from(sent, 'latin1').toString();
    if (screen === undefined && text.includes(END)) {
      const [, shown = ''] = text.split(TOP);
      screen = shown.slice(0, shown.indexOf(END)).trimEnd().split(/\r*\n/);
      uri = uriOf(screen);
      child.stdin.write('\r');
    }
    if (!hasCode && text.includes('(--code-file): ')) {
      hasCode = true;
      child.stdin.write(`${codeOf(uri)}\r`);
    }
  });
  const [code] = await once(child, 'close');
  const text = Buffer.from(sent, 'latin1').toString();
  assert.equal(code, 0, text);
  assert.match(text, /Authenticator {2}enrolled/);
  return { screen: screen ?? assert.fail('nothing was shown'), text, uri };
}

/** What the authenticator shows. */
function codeOf(uri: string): string {
  const bits = [...(new URL(uri).searchParams.get('secret') ?? '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter))
    .map((value) => value.toString(2).padStart(5, '0'))
    .join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return hotp(Uint8Array.from(bytes), Math.floor(WALL / 30));
}

const URI = /^otpauth:\/\/totp\/desk:ana\?secret=([A-Z2-7]{32})&issuer=desk$/;
const inLetters = (screen: readonly string[]) => screen.find((line) => URI.test(line)) ?? '';

test('a camera reads it, and nothing else does', { skip }, async () => {
  const { screen, text, uri } = await enrolled({ rows: 24, columns: 80 }, ([, ...code]) =>
    readQrCode(code),
  );
  const [, secret = ''] = URI.exec(uri) ?? assert.fail(uri);
  assert.match(screen[0] ?? '', /^Scan this/);
  assert.doesNotMatch(text, /otpauth|secret=/);
  assert.ok(!text.includes(secret));
  for (const name of readdirSync(join(folder, 'state')))
    assert.ok(!readFileSync(join(folder, 'state', name), 'latin1').includes(secret), name);
});

test('in letters it is shown to whoever asks for them, and on a screen that is too small', {
  skip,
}, async () => {
  for (const [size, ...more] of [
    [{ rows: 40, columns: 80 }, '--plain'],
    [{ rows: 20, columns: 80 }],
    [{ rows: 40, columns: 30 }],
  ] as const) {
    const { screen, uri } = await enrolled(size, inLetters, ...more);
    const [, secret = ''] = URI.exec(uri) ?? assert.fail(screen.join('\n'));
    assert.ok(screen.join('').replaceAll(' ', '').includes(`Byhand:${secret}`));
  }
});
