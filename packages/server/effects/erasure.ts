import { rm } from 'node:fs/promises';
import { groupOf, transcriptOf } from '@halligan/evidence';
import { fromBase64 } from '@halligan/format';
import { storedInputOf } from '@halligan/procedure';
import type { ServerParts } from '../parts.ts';
import { packFile } from './packing.ts';
import { requireDone } from './rotation.ts';

/**
 * Does what two people ordered: deletes the subject key of an emergency, every text and file that it had encrypted, and
 * the pack that held them readable. Killed anywhere and run again, it ends the same. Backups and packs that left this
 * server are beyond its reach.
 */
export async function erase(parts: ServerParts, id: string): Promise<void> {
  const { leader, attachments, uploads } = parts;
  const { entries } = transcriptOf((await leader.view([`emergency:${id}`], 0)).transcript);
  const blobs = new Set<string>();
  for (const { index, bytes } of entries) {
    const { input } = groupOf(index, fromBase64(bytes));
    if (input.type !== 'statements') continue;
    for (const { blob } of input.attachments ?? []) blobs.add(blob);
  }
  await attachments.erase(id, [...blobs]);
  await uploads.erase(id);
  await rm(packFile(parts, id), { force: true });
  const observation = { saw: 'erased', emergency: id, blobs: blobs.size };
  requireDone(await leader.submit(storedInputOf({ type: 'observation', observation })));
}
