import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8, utf8Text } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import {
  formatNote,
  generateNoteKey,
  type NoteSigner,
  noteSigner,
  parseNote,
  signNote,
} from '@halligan/tlog';
import type { ServerHome } from './home.ts';
import type { Leave } from './leader.ts';

/** Checkpoints that are kept signed: several people ask for the same one. */
const KEPT = 16;

/**
 * Makes the log's keys: Ed25519 signs every commit, ML-DSA-44 what leaves the server.
 * @param prefix of files that wait to be taken
 * @returns the verifier keys, as log.pub has them
 */
export async function makeLogKeys(
  home: Pick<ServerHome, 'keys'>,
  origin: string,
  prefix: '' | 'next-' = '',
): Promise<{ readonly logKey: string }> {
  const log = await generateNoteKey(origin);
  const postQuantum = await generateNoteKey(origin, 'ml-dsa-44');
  await writeFileDurably(join(home.keys, `${prefix}log.key`), utf8(`${log.signer}\n`));
  await writeFileDurably(
    join(home.keys, `${prefix}log.ml-dsa.key`),
    utf8(`${postQuantum.signer}\n`),
  );
  return { logKey: `${log.verifier}\n${postQuantum.verifier}` };
}

/**
 * Adds the ML-DSA-44 signature to checkpoints that leave the server, off the way of commits, once each. A home that
 * was founded without such a key goes on with Ed25519.
 * @throws `tlog.key-syntax`
 */
export async function leavingBy(home: Pick<ServerHome, 'keys'>): Promise<Leave> {
  if (!existsSync(postQuantumFile(home))) return async ({ note }) => note;
  const signer = await noteSigner(utf8Text(await readFile(postQuantumFile(home))).trim());
  const kept = new Map<number, Promise<string>>();
  return ({ size, note }) => {
    const known = kept.get(size);
    if (known !== undefined) return known;
    const both = signBeside(note, signer);
    kept.set(size, both);
    both.catch(() => kept.delete(size));
    for (const old of kept.keys()) if (kept.size > KEPT) kept.delete(old);
    return both;
  };
}

async function signBeside(note: string, signer: NoteSigner): Promise<string> {
  const { text, signatures } = parseNote(note);
  const { signatures: more } = parseNote(await signNote(text, signer));
  return formatNote({ text, signatures: [...signatures, ...more] });
}

function postQuantumFile({ keys }: Pick<ServerHome, 'keys'>): string {
  return join(keys, 'log.ml-dsa.key');
}
