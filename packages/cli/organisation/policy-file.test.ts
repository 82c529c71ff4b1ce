import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parsePolicy } from '@halligan/procedure';
import { generateNoteKey } from '@halligan/tlog';
import { practicePolicy } from '../practice/organisation.ts';
import { program } from '../run.fixture.ts';

test('a policy whose cosigners have no cosigner’s key is refused before anybody signs it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-policy-'));
  try {
    const { verifier: log } = await generateNoteKey('log.example/contoso', 'ed25519');
    const { verifier } = await generateNoteKey('cosigner.example/1', 'cosignature');
    const path = join(folder, 'policy.yaml');
    const lint = async (...keys: readonly string[]) => {
      writeFileSync(path, practicePolicy('x25519', keys));
      return (await program('halligan.ts', ['policy', 'lint', path], { HOME: folder })).err;
    };
    assert.match(await lint('the cosigner on the third floor'), /\[tlog\.key-syntax\]/);
    assert.match(await lint(log), /\[tlog\.cosigners\]\nhint: .*halligan cosign serve/);
    assert.match(await lint(verifier), /\[cli\./);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a policy that another admin proposes is refused alike before it is signed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-policy-'));
  try {
    const { verifier: log } = await generateNoteKey('log.example/contoso', 'ed25519');
    const { verifier } = await generateNoteKey('cosigner.example/1', 'cosignature');
    const path = join(folder, 'proposal.json');
    const sign = async (key: string) => {
      const document = parsePolicy(practicePolicy('x25519', [key]));
      const kind = 'policy.adopt';
      writeFileSync(
        path,
        JSON.stringify({ v: 'halligan/proposal/v1', kind, document, signed: [] }),
      );
      return (await program('halligan.ts', ['policy', 'sign', path], { HOME: folder })).err;
    };
    assert.match(await sign('the cosigner on the third floor'), /\[tlog\.key-syntax\]/);
    assert.match(await sign(log), /\[tlog\.cosigners\]/);
    assert.match(await sign(verifier), /\[cli\./);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
