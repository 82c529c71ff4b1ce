import type { Report } from '@halligan/reports';
import { type DeviceTime, deviceTime, type Reading } from '../clock/device-time.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { KeyTools } from '../factor/security-key.ts';
import type { Charges, Judged } from '../guesses/charges.ts';
import type { Origin } from '../guesses/guesses.ts';
import type { Provider } from '../provider/provider.ts';
import type { Change, Memory } from '../store/memory.ts';
import type { GuessCost } from '../verifier/verifier.ts';

/** Somebody at a prompt. */
export interface Attempt {
  readonly name: string;
  /** The PAM service. */
  readonly service: string;
  readonly from: Origin;
  /** As it was typed, empty where nothing was; whoever calls wipes it afterwards. */
  readonly password: Uint8Array;
}

/** What a sign-in came to. `why` is for the record; the person at the prompt is told `said`. */
export type SignIn =
  | {
      readonly let: 'in';
      readonly by: 'provider' | 'cached password' | 'local PIN' | 'factor';
      /** What was asked for, where it was more or other than a password. */
      readonly method?: Extract<Report, { kind: 'sign-in' }>['method'];
      /** When the window ends that let them in. */
      readonly until?: number;
    }
  | { readonly let: 'out'; readonly why: string; readonly said: string };

/** What a sign-in rests on. */
export interface Desk {
  readonly configuration: Configuration;
  readonly memory: Memory;
  readonly provider: Provider;
  /** The guesses under way; one for all sign-ins of a machine. */
  readonly charges: Charges;
  /** 32 bytes: see `makeVerifier`. */
  readonly key: Uint8Array;
  readonly cost: GuessCost;
  readonly read: () => Reading;
  readonly random: (size: number) => Uint8Array;
  /** The groups of a name, as this machine has them. */
  readonly groupsOf: (name: string) => Promise<readonly string[]>;
  readonly tools: KeyTools;
}

/** A sign-in under way: the guess is paid for, and whoever judges it says so together with what else is to be kept. */
export interface Case {
  readonly desk: Desk;
  readonly attempt: Attempt;
  readonly conversation: Conversation;
  /** Writes all of it down, durably, or throws; the charge is given back where the guess was right or nobody judged it. */
  readonly keep: (judged: Judged | 'wrong', change?: Change) => void;
}

/** What time it is, as far as it was and is known. */
export function timeOf({ memory, read }: Pick<Desk, 'memory' | 'read'>): DeviceTime {
  return deviceTime(memory.clock(), read());
}

/** A refusal: for the record, and for the person at the prompt. */
export function out(why: string, said: string): SignIn {
  return { let: 'out', why, said };
}
