/** A vault's own emergency, against a real OpenBao whose unseal key has three shares, two of which open it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import { refuses } from '../contract.ts';
import { startedComponent } from '../started-component.fixture.ts';
import { askVault } from './line.ts';
import { rescuerPolicy } from './policy.ts';
import {
  beginRootToken,
  cancelRootToken,
  giveRootShare,
  giveUnsealShare,
  rootTokenOf,
  vaultStatus,
} from './rescue.ts';
import { startOpenbao, untilActive } from './server.ts';

const started = await startedComponent('rescue', (folder) => startOpenbao({ folder }));
const bench = started.running;

function share(at: number): Uint8Array {
  return bench().unsealKeys[at] ?? assert.fail('there is no such share');
}

describe('a vault’s own emergency', started, () => {
  test('two holders unseal it, one after the other; one share twice is not two', async () => {
    const { address, asRoot } = bench();
    await refuses('vault.not-sealed', () => giveUnsealShare(address, share(0)));
    await asRoot('PUT', 'sys/seal');
    assert.equal((await vaultStatus(address)).sealed, true);
    await refuses('vault.share', () => giveUnsealShare(address, utf8('correct horse battery')));
    const first = await giveUnsealShare(address, share(0));
    assert.deepEqual([first.sealed, first.given, first.need], [true, 1, 2]);
    await refuses('vault.share-again', () => giveUnsealShare(address, share(0), first.attempt));
    await refuses('vault.other-attempt', () =>
      giveUnsealShare(address, share(1), '00000000-0000-0000-0000-000000000000'),
    );
    assert.equal((await giveUnsealShare(address, share(2), first.attempt)).sealed, false);
  });

  test('a share of another vault is found out when the last one was given, and nothing of it stays', async () => {
    const { address, rootToken, asRoot } = bench();
    await untilActive(address, rootToken);
    await asRoot('PUT', 'sys/seal');
    const strange = utf8(Buffer.alloc(33, 7).toString('base64'));
    const first = await giveUnsealShare(address, strange);
    await refuses('vault.shares-wrong', () => giveUnsealShare(address, share(1), first.attempt));
    const again = await giveUnsealShare(address, share(0));
    assert.equal((await giveUnsealShare(address, share(1), again.attempt)).sealed, false);
  });

  test('a root token takes two shares and the beginner’s pad; neither side alone has it', async () => {
    const { address, rootToken, asRoot, tokenFor } = bench();
    await untilActive(address, rootToken);
    await asRoot('PUT', 'sys/policies/acl/rescuer', { policy: rescuerPolicy() });
    const token = await tokenFor(['rescuer']);
    const nobody = await tokenFor(['default']);
    await refuses('systems.insufficient-access', () => beginRootToken(address, nobody));
    const begun = await beginRootToken(address, token);
    await refuses('vault.root-under-way', () => beginRootToken(address, token));
    await refuses('vault.other-attempt', () => giveRootShare(address, token, 'x', share(0)));
    const first = await giveRootShare(address, token, begun.attempt, share(0));
    assert.deepEqual([first.given, first.need, first.encoded], [1, 2, undefined]);
    await refuses('vault.share-again', () =>
      giveRootShare(address, token, begun.attempt, share(0)),
    );
    const last = await giveRootShare(address, token, begun.attempt, share(1));
    const root = rootTokenOf(last.encoded ?? '', begun.pad);
    const signal = AbortSignal.timeout(60_000);
    const { status } = await askVault(address, {
      method: 'GET',
      path: 'sys/policies/acl/root',
      token: utf8Text(root),
      signal,
    });
    assert.equal(status, 200);
    assert.throws(() => rootTokenOf(last.encoded ?? '', 'x'.repeat(begun.pad.length - 1)), {
      code: 'vault.pad',
    });
    await beginRootToken(address, token);
    await cancelRootToken(address, token);
    await beginRootToken(address, token);
  });

  test('the vault’s audit log holds no share', async () => {
    const log = await readFile(bench().auditLog, 'utf8');
    for (const one of bench().unsealKeys) assert.ok(!log.includes(utf8Text(one)));
  });
});
