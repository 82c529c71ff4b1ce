/** The border to a real terminal: a pseudo-terminal that python keeps, and everything that went over it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateIdentity, identityFromRecoveryWords } from '@halligan/seal';
import { generateSigningKey } from '@halligan/statement';
import { PersonHome } from './person-home.ts';
import { program } from './run.fixture.ts';

const PYTHON = '/usr/bin/python3';
/** Longest that a command at the pseudo-terminal may take, milliseconds. */
const PATIENCE = 90_000;
/** Runs a program at a pseudo-terminal; once it said `cue`, does what is asked; prints all it said, and how it ended. */
const AT_A_TERMINAL = `
import json, os, pty, signal, sys
cue, act, command = sys.argv[1], sys.argv[2], sys.argv[3:]
child, end = pty.fork()
if child == 0:
    os.execv(command[0], command)
said, acted = b"", False
while True:
    try:
        chunk = os.read(end, 65536)
    except OSError:
        chunk = b""
    if not chunk:
        break
    said += chunk
    if not acted and cue.encode() in said:
        acted = True
        if act.startswith("SIG"):
            os.kill(child, getattr(signal, act))
        else:
            os.write(end, json.loads(act).encode())
status = os.waitpid(child, 0)[1]
print(json.dumps({"said": said.decode("utf-8", "replace"), "status": status}))
`;

let folder: string;
let identity: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'halligan-terminal-'));
  identity = generateIdentity('x25519');
  await PersonHome.create(
    join(folder, 'ana'),
    {
      ...{ v: 'halligan/person/v1', organisation: 'contoso', person: 'ana', practice: true },
      ...{ url: 'http://127.0.0.1:1', certificate: null, identity: 'ana.key', pins: null },
    },
    { identity, signing: await generateSigningKey() },
    undefined,
  );
});

after(() => rmSync(folder, { recursive: true, force: true }));

function atTerminal(act: string): { readonly said: string; readonly status: number } {
  const done = spawnSync(
    PYTHON,
    [
      ...['-c', AT_A_TERMINAL, 'Press Enter', act],
      ...[process.execPath, join(import.meta.dirname, 'halligan.ts'), 'key', 'words'],
    ],
    {
      encoding: 'utf8',
      timeout: PATIENCE,
      env: { PATH: process.env.PATH, TERM: 'xterm', HALLIGAN_PERSON_HOME: join(folder, 'ana') },
    },
  );
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

describe('a secret on a real terminal', {
  skip: !existsSync(PYTHON) && 'python3 is missing',
}, () => {
  for (const [name, act, ended] of [
    ['Enter', '"\\r"', 0],
    ['Ctrl-C', '"\\u0003"', 0],
    ['Ctrl-D', '"\\u0004"', 0],
    ['a signal from elsewhere', 'SIGTERM', 15],
    ['a terminal that hangs up', 'SIGHUP', 1],
  ] as const)
    test(`${name}: it stood on the alternate screen alone, which was wiped`, () => {
      const { said, status } = atTerminal(act);
      const [before = '', shown = '', ...rest] = said.split('\u001b[?1049h');
      assert.deepEqual(rest, [], 'entered once');
      const [screen = '', afterwards = '', ...more] = shown.split('\u001b[?1049l');
      assert.deepEqual(more, [], 'left once');
      assert.ok(screen.endsWith('\u001b[2J\u001b[H'), 'wiped before it was left');
      const own = [...screen.matchAll(/(\d+) +([a-z]+)/g)]
        .toSorted(([, a], [, b]) => Number(a) - Number(b))
        .map(([, , word = '']) => word);
      assert.equal(identityFromRecoveryWords(own.join(' '), 'x25519'), identity);
      // Single words may occur in our sentences; three of them in a row do not.
      for (const text of [before, afterwards])
        assert.ok(!own.some((word, at) => at > 1 && text.includes(`${own[at - 1]} ${word}`)));
      assert.ok(!(before + afterwards).includes('\u001b'));
      assert.doesNotMatch(before + afterwards, /^ *\d+ [a-z]+$/m);
      assert.equal(status, ended);
    });
});

test('without a terminal no escape code is written, and no secret is read', async () => {
  const env = { HALLIGAN_PERSON_HOME: join(folder, 'ana'), TERM: 'xterm-256color' };
  for (const argv of [['--help'], ['key', 'words'], ['key', 'words', '--no-input', '--json']]) {
    const { out, err, code } = await program('halligan.ts', argv, env);
    assert.ok(!(out + err).includes('\u001b'), argv.join(' '));
    assert.doesNotMatch(out, /^ *\d+\.? +[a-z]+$/m);
    assert.equal(code, argv[0] === '--help' ? 0 : 2, err);
  }
});

test('what an adversary wrote into a name is shown to a terminal, and not obeyed by it', async () => {
  const hostile = 'x\u202egnp\u001b[2J\u009b2J\u0007\rerror: all is well';
  const plain = await program('halligan.ts', ['--org', hostile, 'emergency', hostile]);
  assert.doesNotMatch(plain.out + plain.err, /(?!\n)[\p{Cc}\p{Cf}]/u);
  assert.match(plain.err, /\ufffd/);
  const json = await program('halligan.ts', ['--json', 'emergency', hostile]);
  assert.match(json.out, /^[\n -~]*$/);
  assert.ok(
    JSON.parse(json.out).error.message.includes('x\u202egnp'),
    'the same value to a parser',
  );
});
