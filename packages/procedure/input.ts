import type { Json } from '@halligan/format';
import type {
  StatementKind,
  StatementOf,
  VerifiedLink,
  VerifiedStatement,
} from '@halligan/statement';
import type { KitPlace, SealHeader } from './account/events.ts';
import type { EventBody } from './events.ts';
import type { Refusal } from './refusal.ts';

/** A verified statement of one kind. */
export type Said<Kind extends StatementKind> = VerifiedStatement & {
  readonly statement: StatementOf<Kind>;
};

/** What a program of ours saw. Nobody signed it: claims that rest on it are the server's own. */
export type Observation =
  | {
      readonly saw: 'sealed';
      readonly account: string;
      readonly version: number;
      readonly digest: string;
      readonly header: SealHeader;
    }
  | {
      readonly saw: 'kitted';
      readonly account: string;
      readonly version: number;
      readonly kit: string;
      readonly places: readonly KitPlace[];
    }
  | {
      readonly saw: 'rotation-failed';
      readonly account: string;
      readonly version: number;
      readonly code: string;
    }
  | {
      /** An alert was delivered to somebody's channel, as far as the server can tell. */
      readonly saw: 'contacted';
      readonly emergency: string;
      readonly person: string;
      readonly channel: 'phone' | 'message' | 'email';
      readonly at: string;
      readonly what: 'approval-request' | 'summary' | 'notice';
    }
  | {
      /** The signed record was handed to the incident system, which took it. */
      readonly saw: 'submitted';
      readonly emergency: string;
      readonly record: string;
      readonly via: 'webhook' | 'folder' | 'email';
    }
  | {
      /** A machine's key signed two roots of one size of its journal: `ours` is what it had shown before. */
      readonly saw: 'machine-forked';
      readonly machine: string;
      readonly logKey: string;
      readonly size: number;
      readonly ours: string;
      readonly theirs: string;
    }
  | {
      /** The key of the journal that reports of machines go to. */
      readonly saw: 'reports-log';
      readonly logKey: string;
    }
  | {
      /** The subject key of an emergency is deleted, and the blobs that it had encrypted. */
      readonly saw: 'erased';
      readonly emergency: string;
      readonly blobs: number;
    };

/**
 * What the rules are asked about. Verification comes before: statements carry the brand of `verifyStatement`.
 * A joint decision brings several statements; `document` is what their digests name (a roster link, a policy, an
 * inventory entry, a record, a review, a result), checked against the digest by the rules; a roster link comes verified.
 */
export type Input =
  | {
      readonly type: 'statements';
      readonly statements: readonly VerifiedStatement[];
      readonly document?: Json;
      readonly link?: VerifiedLink;
    }
  | { readonly type: 'observation'; readonly observation: Observation }
  | { readonly type: 'tick' };

/** What the rules answer: what happens, or why it does not. */
export type Decision = { readonly events: readonly EventBody[] } | { readonly refusal: Refusal };

/** Narrows a verified statement to a kind. */
export function isSaid<Kind extends StatementKind>(
  said: VerifiedStatement,
  kind: Kind,
): said is Said<Kind> {
  return said.statement.kind === kind;
}
