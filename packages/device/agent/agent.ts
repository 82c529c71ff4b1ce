import { HalliganError } from '@halligan/format';
import type { Configuration } from '../configuration/configuration.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { type EnrolQuestion, enrol } from '../factor/enrol.ts';
import type { Enrolment } from '../factor/enrolment.ts';
import { KEY_TOOLS } from '../factor/security-key.ts';
import { Charges } from '../guesses/charges.ts';
import { waitOf } from '../guesses/guesses.ts';
import { machineGroupsOf } from '../people/listed.ts';
import { isKept } from '../people/person.ts';
import type { Provider } from '../provider/provider.ts';
import type { Happening } from '../record/happening.ts';
import { type Attempt, type Desk, type SignIn, timeOf } from '../sign-in/case.ts';
import { signIn } from '../sign-in/sign-in.ts';
import type { Memory } from '../store/memory.ts';
import { refusalOf } from '../window/refusal.ts';
import { endOf, openWindow, type Window, type WindowEnd } from '../window/window.ts';

/** What an agent rests on. */
export interface AgentParts extends Omit<Desk, 'charges' | 'groupsOf' | 'tools'> {
  /** Makes a happening durable. Nobody is let in, and no window opens, before it has. */
  readonly record: (happening: Happening) => Promise<void>;
  /** What `status` says of the machine besides. */
  readonly standing?: () => Standing;
}

/** How the machine stands that an agent runs on, for `status`. */
export interface Standing {
  /** When the provider was first seen as it is now. */
  readonly since: number | undefined;
  readonly configuration: Readonly<
    Pick<Configuration, 'passedOver'> & {
      file: string | undefined;
      justification: string | undefined;
    }
  >;
  readonly key: 'tpm' | 'file';
  /** Reports that are on the record, and how many of them the server has. */
  readonly record: {
    readonly size: number;
    readonly handed: number;
    /** Why the server takes no more. */
    readonly stopped?: string;
  };
}

/** How an agent stands, for `status`. Instants are seconds of the machine's own time. */
export interface Status {
  readonly enabled: boolean;
  readonly provider: 'online' | 'offline';
  readonly now: number;
  readonly window?: Window;
  readonly people: readonly {
    readonly name: string;
    readonly kind: string;
    readonly disabled: boolean;
    /** Of the verifier, in seconds; undefined where there is none. */
    readonly age?: number;
    /** Seconds that they have to wait after wrong guesses. */
    readonly wait?: number;
  }[];
  /** Names, or ids, of those who enrolled something here and whom no name leads to any more. */
  readonly left?: readonly string[];
  readonly machine?: Standing;
}

/** What a desk asks of the machine itself. */
const DESK = { groupsOf: machineGroupsOf, tools: KEY_TOOLS };

/** How often the provider is looked for while a window is open, and how often in a row it must be there to be back. */
const PROBE_EVERY = 5000;
const PROBE_PATIENCE = 3000;
const BACK_AFTER = 2;
const ORIGINS = ['local', 'remote'] as const;

/**
 * One machine's agent: sign-ins, the window, and the look-out for the provider while it is open. Without an open window it does nothing until it is asked.
 */
export class Agent {
  #parts: AgentParts;
  /** Runs while a window may be open, and only then. */
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #charges = new Charges();
  readonly #signIns = new Set<Promise<unknown>>();
  /** How often in a row the provider was there. */
  #reached = 0;
  /** Under way. */
  #probe: { readonly of: Provider; readonly answer: Promise<boolean> } | undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    if (parts.memory.window() !== undefined) this.#keepLookOut();
  }

  /** Nobody is let in before it is on the record. */
  signIn(attempt: Attempt, conversation: Conversation): Promise<SignIn> {
    const done = this.#signIn(attempt, conversation);
    const ended = done.catch(() => undefined);
    this.#signIns.add(ended);
    void ended.then(() => this.#signIns.delete(ended));
    return done;
  }

  async #signIn(attempt: Attempt, conversation: Conversation): Promise<SignIn> {
    const parts = () => this.#parts;
    const desk: Desk = {
      ...{ ...DESK, ...this.#parts, charges: this.#charges },
      // A person may think for minutes: what is configured when they answer counts.
      get configuration() {
        return parts().configuration;
      },
    };
    const outcome = await signIn(desk, attempt, conversation);
    const { name, service, from } = attempt;
    await this.#parts.record({
      ...{ type: 'sign-in', name, service, from },
      ...(outcome.let === 'in'
        ? {
            outcome: `let in by the ${outcome.by}` as const,
            ...(outcome.method === undefined ? {} : { method: outcome.method }),
          }
        : { outcome: 'refused', why: outcome.why }),
    });
    return outcome;
  }

  /**
   * Opens a window, or ends it with 0 seconds.
   * @throws `device.disabled`, `device.online`, `device.no-ttl`, `device.too-long`; nothing has changed then
   */
  async breakglass(
    ttlSeconds: number | undefined,
    by: string,
    why: string,
  ): Promise<Window | undefined> {
    if (ttlSeconds === 0) {
      await this.#inTurn(() => this.#end('by-hand'));
      return undefined;
    }
    const isOnline = await this.#reach();
    return this.#inTurn(async () => {
      const { memory, configuration, record } = this.#parts;
      const time = timeOf(this.#parts);
      const wish = { ttlSeconds, by, why };
      const window = openWindow(configuration, memory.window(), wish, isOnline, time);
      if ('refused' in window) throw refusalOf(window);
      await record({ type: 'window-opened', by, why, endsAt: window.endsAt });
      memory.change({ clock: time, window });
      this.#keepLookOut();
      return window;
    });
  }

  async status(): Promise<Status> {
    const { memory, configuration, standing } = this.#parts;
    const isOnline = await this.#reach();
    const time = timeOf(this.#parts);
    const window = memory.window();
    const isOpen = window !== undefined && endOf(window, configuration, false, time) === undefined;
    const left = leftIn(memory).map(({ subject, formerName }) => formerName ?? subject);
    return {
      enabled: configuration.enabled,
      provider: isOnline ? 'online' : 'offline',
      now: time.seconds,
      ...(isOpen ? { window } : {}),
      people: memory.people().map(({ name, subject, kind, disabled, verifier }) => {
        const wait = Math.max(
          ...ORIGINS.map((from) =>
            waitOf(memory.guesses(from, time.seconds), { subject }, time.seconds),
          ),
        );
        return {
          ...{ name, kind, disabled },
          ...(wait > 0 ? { wait } : {}),
          ...(verifier === undefined ? {} : { age: time.seconds - verifier.at }),
        };
      }),
      ...(left.length > 0 ? { left } : {}),
      ...(standing === undefined ? {} : { machine: standing() }),
    };
  }

  /** What is known of an account, by the name that was typed. */
  account(name: string): 'open' | 'disabled' | 'unknown' {
    const person = this.#parts.memory.person(name);
    if (person === undefined) return 'unknown';
    return person.disabled ? 'disabled' : 'open';
  }

  /**
   * Forgets all that is kept of somebody, under whatever name, their factors too; and those that somebody enrolled who had
   * the name before them, where no name leads there any more.
   * @param name or the id of somebody whom no name leads to: see `left` of {@link status}
   * @throws `device.nobody`
   */
  forget(name: string): Promise<undefined> {
    return this.#inTurn(async () => {
      const { memory, record } = this.#parts;
      const known = memory.person(name);
      const theirs = memory.people().filter((one) => one.subject === known?.subject);
      const left = leftIn(memory).filter(
        ({ subject, formerName }) =>
          subject === name || formerName?.toLowerCase() === name.toLowerCase(),
      );
      if (known === undefined && left.length === 0)
        throw new HalliganError(
          'device.nobody',
          'Nothing is kept here of anybody of that name.',
          'halligan device status lists of whom something is.',
        );
      await record({ type: 'changed', name: known?.name ?? name, what: 'forgotten' });
      memory.change({
        clock: timeOf(this.#parts),
        forgotten: theirs.map((one) => one.name),
        unenrolled: [...theirs, ...left].map(({ subject }) => subject),
      });
      return undefined;
    });
  }

  /** Another configuration, and the provider that it names; {@link settle} makes it count for what is kept. */
  reconfigure(configuration: Configuration, provider: Provider): void {
    this.#parts = { ...this.#parts, configuration, provider };
  }

  /** Lets go of what may not be kept under the configuration: a feature that is turned off leaves nothing behind. */
  settle(): Promise<void> {
    return this.#inTurn(async () => {
      const { memory, configuration } = this.#parts;
      const kept = memory.people().filter(({ verifier }) => verifier !== undefined);
      const people = kept
        .filter(({ kind }) => !isKept(kind, configuration.enabled))
        .map(({ verifier: _, ...rest }) => rest);
      if (people.length > 0) memory.change({ clock: timeOf(this.#parts), people });
      if (!configuration.enabled) await this.#end('disabled');
    });
  }

  /** Answers root about somebody's factors: see `enrol`. */
  enrol(question: EnrolQuestion, secret: Uint8Array): Promise<unknown> {
    return enrol(this.#parts, question, secret);
  }

  /** Ends when what is under way has. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#turn, ...this.#signIns]);
  }

  /** Whoever asks while somebody is asking already gets the same answer: many who ask cost one connection. */
  #reach(): Promise<boolean> {
    const { provider } = this.#parts;
    if (this.#probe?.of === provider) return this.#probe.answer;
    const answer = provider.probe(AbortSignal.timeout(PROBE_PATIENCE)).finally(() => {
      if (this.#probe?.answer === answer) this.#probe = undefined;
    });
    this.#probe = { of: provider, answer };
    return answer;
  }

  #keepLookOut(): void {
    clearInterval(this.#timer);
    this.#reached = 0;
    this.#timer = setInterval(() => void this.#lookOut().catch(() => undefined), PROBE_EVERY);
    this.#timer.unref();
  }

  /** What cannot be written down now is tried at the next look; until then nobody is let in by a window that is over. */
  async #lookOut(): Promise<void> {
    const isThere = await this.#reach().catch(() => false);
    // Once is a flap: a cable that is plugged in is not yet a provider that is back.
    this.#reached = isThere ? this.#reached + 1 : 0;
    await this.#inTurn(async () => {
      const { configuration, memory } = this.#parts;
      const window = memory.window();
      if (window === undefined) return clearInterval(this.#timer);
      const end = endOf(window, configuration, this.#reached >= BACK_AFTER, timeOf(this.#parts));
      if (end !== undefined) await this.#end(end);
    });
  }

  async #end(why: WindowEnd): Promise<void> {
    const { memory, record } = this.#parts;
    if (memory.window() === undefined) return;
    memory.change({ clock: timeOf(this.#parts), window: undefined });
    clearInterval(this.#timer);
    await record({ type: 'window-ended', why });
  }

  /** What is done to the window, one after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** What was enrolled by people whom no name leads to any more. */
function leftIn(memory: Memory): readonly Enrolment[] {
  const known = new Set(memory.people().map(({ subject }) => subject));
  return memory.enrolments().filter(({ subject }) => !known.has(subject));
}
