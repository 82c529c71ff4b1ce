import type { Group } from '@halligan/evidence';

/** Where the ciphertext of a text or file lies. */
export interface Attached {
  readonly digest: string;
  readonly blob: string;
  /** Of its content, where it is a large file and lies there in its plain form. */
  readonly bytes?: number;
}

/** Which blob holds which text or file, as the inputs of some entries say. */
export function blobsOf(groups: Iterable<Pick<Group, 'input'>>): ReadonlyMap<string, Attached> {
  const found = new Map<string, Attached>();
  for (const { input } of groups) {
    if (input.type !== 'statements') continue;
    for (const one of input.attachments ?? []) found.set(one.digest, one);
  }
  return found;
}
