import type { Checks, Content, DestroyDocument, KeepDocument, OpenDocument } from './envelope.ts';
import type { PlaceDocument } from './place.ts';

/** The two people who signed, in the order in which they did. */
export type Both = readonly string[];

/** When each of two people did something. */
export type Signatures = readonly { readonly by: string; readonly at: string }[];

type OfAccount<Data> = { readonly account: string; readonly serial: string } & Data;
type OfEmergency<Data> = { readonly emergency: string; readonly serial: string } & Data;

/** What can happen to places: in the organisation's stream. */
export interface PlaceEvents {
  PlaceAdded: { readonly digest: string; readonly place: PlaceDocument; readonly by: Both };
  PlaceChanged: { readonly digest: string; readonly place: PlaceDocument; readonly by: Both };
}

/** What can happen to envelopes: in the stream of the account whose credential they hold. */
export interface EnvelopeEvents {
  EnvelopeRegistered: OfAccount<{
    readonly version: number;
    readonly contains: readonly Content[];
    readonly tamperEvident: string;
    readonly place: string;
    readonly signed: Signatures;
  }>;
  EnvelopeMoved: OfAccount<{
    readonly from: string;
    readonly to: string;
    readonly taken: string;
    readonly placed: string;
    readonly by: Both;
  }>;
  EnvelopeInspected: OfAccount<{
    readonly inspected: string;
    readonly photos: readonly string[];
    readonly by: Both;
  }>;
  /** Not intact: back into storage, unopened. `during`: the emergency that found it. */
  EnvelopeTampered: OfAccount<{
    readonly inspected: string;
    readonly checks: Checks;
    readonly photos: readonly string[];
    readonly returned: string;
    readonly by: Both;
    readonly during?: string;
  }>;
  EnvelopeUnsealed: OfAccount<{
    readonly opened: string;
    readonly by: Both;
    readonly during: string;
  }>;
  EnvelopeDestroyed: OfAccount<{
    readonly destroyed: string;
    readonly paper: DestroyDocument['paper'];
    readonly files: DestroyDocument['files'];
    readonly by: Both;
  }>;
  CustodyChosen: {
    readonly account: string;
    readonly in: KeepDocument['in'];
    readonly by: Both;
  };
}

/** What can happen to an envelope in an emergency: in that emergency's stream. */
export interface RetrievalEvents {
  EnvelopeReached: OfEmergency<{ readonly place: string; readonly arrived: Signatures }>;
  EnvelopeOpened: OfEmergency<{
    readonly version: number;
    readonly place: string;
    readonly access: OpenDocument['access'];
    readonly signed: Signatures;
    readonly opened: string;
    readonly photos: readonly string[];
  }>;
  EnvelopeReturned: OfEmergency<{
    readonly place: string;
    readonly inspected: string;
    readonly checks: Checks;
    readonly photos: readonly string[];
    readonly returned: string;
  }>;
}
