import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import {
  generateIdentity,
  openReleased,
  openShare,
  parseCredential,
  parseSeal,
  type RecipientKind,
  recipientOf,
  recoverCredential,
  reencryptShare,
  type SharePlace,
  sealCredential,
} from '@halligan/seal';
import { contoso } from '../../packages/seal/example.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

/** Two keyholders and the server. */
const PATH = 'standard';
const RELEASED: readonly SharePlace[] = [
  { path: PATH, group: 'keyholders', holder: 'ana' },
  { path: PATH, group: 'keyholders', holder: 'ben' },
  { path: PATH, group: 'server', holder: 'server' },
];

/** From the last released ciphertext on the requester's disk to the credential in memory, as a device does it. */
export async function lastShareRows(session: Session): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const kind of ['hybrid', 'x25519'] as const) {
    const folder = session.fresh();
    const identity = await release(folder, kind);
    const name = `last share to plaintext, ${kind}`;
    const measured = await session.timed({ quick: 5, full: 30 }, () => open(folder, identity));
    rows.push(row({ name, unit: 'ms', target: 150 }, measured));
  }
  return rows;
}

/** Leaves a seal, and the shares that were released, in a folder. @returns the one-time identity that opens them */
async function release(folder: string, kind: RecipientKind): Promise<string> {
  const { request, identity } = await contoso(kind);
  const seal = await sealCredential(request);
  const oneTime = generateIdentity(kind);
  const recipient = await recipientOf(oneTime);
  for (const [name, bytes] of seal.files) await write(join(folder, 'seal', name), bytes);
  for (const place of RELEASED) {
    const share = await openShare({ ...place, seal, identity: identity(place.holder) });
    await write(join(folder, 'shares', place.holder), await reencryptShare(share, recipient));
  }
  return oneTime;
}

async function open(folder: string, identity: string): Promise<void> {
  const seal = parseSeal(await filesIn(join(folder, 'seal')));
  const shares: Uint8Array[] = [];
  for (const place of RELEASED) {
    const ciphertext = await readFile(join(folder, 'shares', place.holder));
    shares.push(await openReleased(ciphertext, identity, seal.header, place));
  }
  parseCredential(await recoverCredential({ seal, path: PATH, shares }));
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), await readFile(path));
  }
  return files;
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}
