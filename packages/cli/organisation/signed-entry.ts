import type { ProvenState } from '@halligan/evidence';
import { digestOf, type Json } from '@halligan/format';
import { type SignedStatement, subjectOf } from '@halligan/statement';
import type { Device } from '../device.ts';

/** An inventory entry before the rules have looked at it. */
export type Entry = { readonly add: string; readonly id: string } & Readonly<
  Record<string, unknown>
>;

/** Signs an inventory entry. */
export async function signEntry(
  device: Device,
  proven: ProvenState,
  document: Entry,
): Promise<SignedStatement> {
  return device.sign(proven, 'attest', {
    subject: subjectOf(document.add, document.id),
    purpose: 'real',
    what: 'inventory',
    digest: digestOf(plainJson(document)),
  });
}

/** A document without the members that are not there. */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
