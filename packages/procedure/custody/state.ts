import type { OpenDocument } from './envelope.ts';
import type { EnvelopeEvents, RetrievalEvents, Signatures } from './events.ts';
import type { PlaceDocument } from './place.ts';

/** A place as it stands. */
export interface Place {
  readonly document: PlaceDocument;
  /** Digest of the document: what a change replaces. */
  readonly digest: string;
  readonly at: string;
  /** Everybody who could get in since combination or lock were last changed, whether they still may or not. */
  readonly knownBy: readonly string[];
}

export type EnvelopeState = 'sealed' | 'opened' | 'tampered' | 'destroyed';

/** An envelope: always in one state, and until it is destroyed in one place. */
export interface Envelope {
  readonly serial: string;
  readonly version: number;
  readonly contains: EnvelopeEvents['EnvelopeRegistered']['contains'];
  readonly tamperEvident: string;
  readonly signed: Signatures;
  readonly state: EnvelopeState;
  readonly place: string;
  readonly registered: string;
  /** When somebody last had it in their hands, as they signed: what comes next comes later. */
  readonly handled: string;
  /** When two people last found it intact; its sealing counts. */
  readonly inspected: string;
  /** When it came into its state, by the record's clock. */
  readonly since: string;
}

/** How far two people are with one envelope in an emergency. */
export interface Retrieval {
  readonly serial: string;
  readonly place: string;
  readonly reached: { readonly at: string; readonly arrived: Signatures };
  readonly opened?: {
    readonly at: string;
    readonly version: number;
    readonly access: OpenDocument['access'];
    readonly signed: Signatures;
    readonly opened: string;
    readonly photos: readonly string[];
  };
  readonly returned?: { readonly at: string } & Omit<
    RetrievalEvents['EnvelopeReturned'],
    'emergency' | 'serial' | 'place'
  >;
  /** In a drill that has become real since: it counts for nothing, but that what was opened is known. */
  readonly rehearsed?: true;
}

/** The way to an envelope in this emergency; a drill's before it is none. */
export function retrievalOf(
  retrievals: readonly Retrieval[],
  serial: string,
): Retrieval | undefined {
  return retrievals.find((one) => one.serial === serial && one.rehearsed !== true);
}
