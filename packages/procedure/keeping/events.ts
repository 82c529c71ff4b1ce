import type { KeepingDocument } from './document.ts';

type OfEmergency<Data> = { readonly emergency: string } & Data;

/** What can happen to the record of an emergency once it is written. */
export interface KeepingEvents {
  /** One person signed; with the second one, what the document says happens as well. */
  KeepingSigned: OfEmergency<{
    readonly by: string;
    readonly digest: string;
    readonly document: KeepingDocument;
  }>;
  HoldPlaced: OfEmergency<{
    readonly hold: string;
    readonly reason: string;
    readonly by: readonly string[];
  }>;
  HoldLifted: OfEmergency<{
    readonly hold: string;
    readonly reason: string;
    readonly by: readonly string[];
  }>;
  ErasureOrdered: OfEmergency<{
    readonly order: string;
    readonly ground: string;
    readonly reference?: string;
    readonly by: readonly string[];
  }>;
  /** The server deleted the subject key and what it had encrypted: its own word. */
  TextsErased: OfEmergency<{ readonly blobs: number }>;
}
