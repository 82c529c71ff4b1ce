import { HalliganError } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { z } from 'zod';
import {
  arriveDocument,
  destroyDocument,
  inspectDocument,
  keepDocument,
  moveDocument,
  openDocument,
  registerDocument,
} from './envelope.ts';
import { placeDocument } from './place.ts';

const custodyDocument = z.discriminatedUnion('do', [
  placeDocument,
  registerDocument,
  moveDocument,
  inspectDocument,
  arriveDocument,
  openDocument,
  destroyDocument,
  keepDocument,
]);

/** What two people sign about a place or an envelope: see docs/formats/custody.md. */
export type CustodyDocument = z.infer<typeof custodyDocument>;

/** Parses a custody document from outside. @throws `custody.document`, naming the place */
export function custodyOf(document: unknown): CustodyDocument {
  const parsed = custodyDocument.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HalliganError(
    'custody.document',
    `This is no custody document: it is not valid at ${issue?.path.join('.') || 'the document'}.`,
    `${issue?.message ?? 'It does not fit the format'}. See docs/formats/custody.md.`,
  );
}

/** What the statement over a document attests. */
export function attestedBy(document: CustodyDocument): 'custody' | 'inspection' | 'destruction' {
  if (document.do === 'inspect') return 'inspection';
  return document.do === 'destroy' ? 'destruction' : 'custody';
}

/** The subject of the statements over a document that is not of an emergency. */
export function subjectOfCustody(document: CustodyDocument): string {
  if (document.do === 'place') return subjectOf('place', document.id);
  return document.do === 'keep'
    ? subjectOf('account', document.account)
    : subjectOf('envelope', document.serial);
}
