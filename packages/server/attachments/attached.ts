import type { Group } from '@halligan/evidence';

/** Which blob holds which text or file, as the inputs of some entries say. */
export function blobsOf(groups: Iterable<Pick<Group, 'input'>>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { input } of groups) {
    if (input.type !== 'statements') continue;
    for (const { digest, blob } of input.attachments ?? []) found.set(digest, blob);
  }
  return found;
}
