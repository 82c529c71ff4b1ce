import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readableFiles, sealedVersions, type Transcript, transcriptOf } from '@halligan/evidence';
import { canonicalBytes, type Json, utf8 } from '@halligan/format';
import type { State } from '@halligan/procedure';
import type { ServerParts } from '../parts.ts';
import { runbookOf } from './runbook.ts';

/**
 * What a kit holds: all that a device needs to prove the organisation and its accounts to itself, open a seal and reach
 * a system, and what people need to read, with no server.
 * @param fold the state that a transcript's events make
 */
export async function kitContent(
  { leader, seals, home }: Pick<ServerParts, 'leader' | 'seals' | 'home'>,
  fold: (transcript: Transcript) => State,
  at: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const accounts = Object.keys(leader.state.accounts).map((id) => `account:${id}`);
  const { size } = leader.checkpoint();
  const { transcript } = await leader.view(['organisation', ...accounts], 0);
  const parsed = transcriptOf(transcript);
  // Of this very checkpoint, whatever is journaled meanwhile: a device replays the one and compares the other.
  const state = fold(parsed);
  const files = new Map<string, Uint8Array>([
    ...readableFiles(state),
    ['transcript.json', canonicalBytes(transcript as unknown as Json)],
    ['checkpoint.txt', utf8(parsed.checkpoint)],
    ['leaves.bin', leader.leaves(size)],
    ['runbook.md', utf8(runbookOf(state, at))],
  ]);
  for (const system of Object.keys(state.drivers)) {
    // How to sign in, without any secret; left out where the settings never came.
    const settings = await readFile(join(home.systems, `${system}.json`)).catch(() => undefined);
    if (settings !== undefined) files.set(`systems/${system}.json`, settings);
  }
  for (const { account, version, digest } of sealedVersions(state)) {
    const seal = await seals.get(account, version, digest);
    for (const [name, bytes] of seal.files) files.set(`seals/${account}/${version}/${name}`, bytes);
  }
  return files;
}
