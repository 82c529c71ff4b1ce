import type { Group } from '@halligan/evidence';
import type { StoredInput } from '@halligan/procedure';
import { statementDigest } from '@halligan/statement';

/** Where the ciphertext of a text or file lies. */
export interface Attached {
  readonly digest: string;
  readonly blob: string;
  /** Of its content, where it is a large file and lies there in its plain form. */
  readonly bytes?: number;
}

/** Which blob holds which text or file, as the inputs of some entries say. */
export function blobsOf(
  groups: Iterable<Pick<Group, 'input'>>,
): ReadonlyMap<string, Attached & { readonly subject: string }> {
  const found = new Map<string, Attached & { readonly subject: string }>();
  for (const { input } of groups) {
    if (input.type !== 'statements') continue;
    const subject = subjectOfInput(input);
    for (const one of input.attachments ?? []) found.set(one.digest, { ...one, subject });
  }
  return found;
}

/**
 * What texts and files of an input are encrypted for: the emergency that its first statement is of, or begins; outside
 * emergencies that statement's own subject.
 */
export function subjectOfInput(input: StoredInput): string {
  const [first] = input.type === 'statements' ? input.signed : [];
  if (first === undefined) return '';
  return first.statement.kind === 'declare'
    ? statementDigest(first.statement)
    : first.statement.subject;
}
