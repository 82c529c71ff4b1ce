import type { ReportView } from '@halligan/reports';
import type { KnownLog, ReportStoreOptions, Taken, VerifiedBatch } from './store.ts';

/** What the writer is started with. */
export type WriterOptions = ReportStoreOptions;

/** What the server asks of the writer. */
export type Asked =
  | { readonly do: 'take'; readonly batch: VerifiedBatch }
  | {
      readonly do: 'view';
      readonly machine: string;
      readonly logKey: string;
      readonly from: number;
    }
  | { readonly do: 'known' }
  | { readonly do: 'close' };

/** An error as it crosses from one thread to the other. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly size?: number;
  readonly wait?: number;
}

export type Answered =
  | { readonly taken: Taken }
  | { readonly view: ReportView }
  | { readonly known: readonly KnownLog[]; readonly entries: number }
  | { readonly closed: true }
  | { readonly fault: Fault };

/** The first of it, `id` 0, says that the journal is open, or why it is not. */
export type Said = { readonly id: number; readonly answer: Answered };
