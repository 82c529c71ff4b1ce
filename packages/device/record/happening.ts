import type { Report } from '@halligan/reports';
import type { Attempt } from '../sign-in/case.ts';
import type { WindowEnd } from '../window/window.ts';

/** What happened on this machine, for its record. Instants are seconds of the machine's own time. */
export type Happening =
  | {
      readonly type: 'sign-in';
      readonly name: string;
      readonly service: string;
      readonly from: Attempt['from'];
      readonly outcome: `let in by the ${string}` | 'refused';
      /** What was asked for, of who was let in; a password where it is not said. */
      readonly method?: Extract<Report, { kind: 'sign-in' }>['method'];
      readonly why?: string;
    }
  | {
      readonly type: 'window-opened';
      readonly by: string;
      readonly why: string;
      readonly endsAt: number;
    }
  | { readonly type: 'window-ended'; readonly why: WindowEnd }
  /** Somebody has to wait; without a name, whoever is not known: guesses from there are used up. */
  | {
      readonly type: 'locked-out';
      readonly name?: string;
      readonly from: Attempt['from'];
      readonly until: number;
    }
  /** What is kept of somebody was changed by root: a factor, or all of it. */
  | { readonly type: 'changed'; readonly name: string; readonly what: string }
  | { readonly type: 'started'; readonly version: string; readonly more?: More }
  | { readonly type: 'stopped' }
  /** Something that belongs here could not be written down, or is missing because the disk was put back. */
  | { readonly type: 'gap'; readonly lost: number | null; readonly why: string };

type More = NonNullable<Report['more']>;
