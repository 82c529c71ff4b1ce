/** What a start loads is what it costs. Held by the modules, not by a clock, which a busy machine would break. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EXIT } from '../exit-codes.ts';
import { loadedBy, MAIN, roomsOf } from './loaded.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'halligan-loaded-'));
const environment = { HOME: folder, HALLIGAN_HOME: join(folder, 'none') };
after(() => rmSync(folder, { recursive: true, force: true }));

test('the help loads no command, no schema and no driver', () => {
  const { code, out, loaded } = loadedBy([MAIN, '--help'], environment);
  assert.equal(code, EXIT.ok);
  assert.match(out, /In an emergency:/);
  assert.deepEqual(roomsOf(loaded), ['cli', 'document', 'format', 'npm:commander']);
  assert.deepEqual(
    loaded.filter((url) => /\/cli\/.*-commands?\.ts$/.test(url)),
    [],
  );
});

test('a command loads itself, and no other command', () => {
  const { code, loaded } = loadedBy([MAIN, 'kit', '--help'], environment);
  assert.equal(code, EXIT.ok);
  assert.deepEqual(
    loaded.filter((url) => /\/cli\/(doctor|vault|backup|routines)\//.test(url)),
    [],
  );
});

test('a server loads no driver’s library, no PDF library and no mail library before it needs one', () => {
  const entry = join(import.meta.dirname, '../../server/index.ts');
  const { code, loaded } = loadedBy([entry]);
  assert.equal(code, 0);
  const rooms = roomsOf(loaded);
  assert.ok(rooms.includes('npm:fastify'), 'the server itself was loaded');
  for (const library of ['pg', 'ssh2', 'ldapts', 'pdfkit', 'fontkit', 'nodemailer', 'pkijs'])
    assert.ok(!rooms.includes(`npm:${library}`), library);
});

test('the releaser loads what it judges and opens shares with: no driver, no HTTP, nothing that prints', () => {
  const program = join(import.meta.dirname, '../../server/programs/releaser.ts');
  const { code, loaded } = loadedBy([program, folder]);
  assert.equal(code, 0, 'nobody asked it anything');
  const ours = roomsOf(loaded).filter((room) => !room.startsWith('npm:'));
  const proving = ['document', 'evidence', 'format', 'procedure', 'seal', 'slip39', 'statement'];
  assert.deepEqual(ours, [...proving, 'journal', 'server', 'tlog'].toSorted());
  const served = loaded.filter((url) => /\/server\/(?!programs|home)/.test(url));
  assert.deepEqual(served, [], 'nothing of the server but its programs');
});
