import { HalliganError } from '@halligan/format';
import { emergencyById, type Obligation, obligations } from '@halligan/procedure';
import type { Contacts } from '../contacts.ts';
import type { Counts } from '../metrics/counts.ts';
import type { ServerParts } from '../parts.ts';
import { type Alert, CHANNELS, type Channel } from './alert.ts';
import { reportContact } from './contacted.ts';
import { Dispatcher, type DispatcherMeans, LONGEST_WAIT, withinSignal } from './dispatcher.ts';
import { dutyAlertsOf, dutyKeys, nextDutyAt } from './from-duties.ts';
import { wordsDueOf } from './from-effects.ts';
import { alertsOf } from './from-events.ts';
import { alertTest, clockJump, contactsChange, type Origin } from './from-server.ts';
import { type Addressed, Outbox } from './outbox.ts';
import { Receivers } from './receivers.ts';
import type { Sink } from './settings.ts';

/** How long a sink has to take a test, milliseconds. */
const TEST_PATIENCE = 30_000;
/** How long a person's old addresses are tried before they are replaced, milliseconds. */
const CHANGE_PATIENCE = 10_000;
/** Entries of the record that are taken in at once. */
const AT_ONCE = 256;

/** How a sink stands. */
export interface SinkStanding {
  readonly name: string;
  readonly kind: Sink['kind'];
  readonly waiting: number;
  readonly givenUp: number;
  readonly delivered: number;
  readonly lastDelivered: string | null;
  readonly oldestWaiting: string | null;
  /** When a test last went through. */
  readonly proven: string | null;
}

/**
 * From the record to people: reads what became durable, puts what it calls for into the outbox, and sees that it is
 * sent. Never in the way of the record: it reads afterwards, and a sink that hangs holds up itself alone.
 */
export class Alerts {
  readonly #parts: ServerParts;
  readonly #receivers: Receivers;
  readonly #outbox: Outbox;
  readonly #dispatcher: Dispatcher;
  readonly #now: () => number;
  #reading: Promise<void> | undefined;
  #readAgain = false;
  /** When a duty is to be looked at next, and on which size of the record that rests. */
  #nextDuty = 0;
  #dutySize = -1;
  #stopped = false;

  private constructor(
    parts: ServerParts,
    contacts: Contacts,
    tuning: Pick<DispatcherMeans, 'backoff' | 'patience' | 'now'>,
  ) {
    this.#parts = parts;
    this.#receivers = new Receivers(parts.home, contacts);
    this.#now = tuning.now ?? Date.now;
    this.#outbox = new Outbox(parts.home.outbox, parts.leader.checkpoint().size);
    this.#dispatcher = new Dispatcher({
      outbox: this.#outbox,
      onDelivered: (alert, _sink, at) => reportContact(parts, alert, at),
      log: parts.log,
      ...tuning,
    });
  }

  /** @throws `alert.outbox` */
  static async open(
    parts: ServerParts,
    contacts: Contacts,
    tuning: Pick<DispatcherMeans, 'backoff' | 'patience' | 'now'> = {},
  ): Promise<Alerts> {
    const alerts = new Alerts(parts, contacts, tuning);
    // A sink that is written down wrongly must not keep the way in shut: it is said at each change, and the rest goes on.
    await alerts.#readSettings().catch((cause) => parts.log('error', 'alerts', codeOf(cause)));
    alerts.#outbox.hurry(alerts.#now(), LONGEST_WAIT);
    return alerts;
  }

  /** After a durable change: takes in what it calls for, soon. Never throws. */
  look(): void {
    if (this.#stopped) return;
    if (this.#reading !== undefined) {
      this.#readAgain = true;
      return;
    }
    this.#reading = this.#catchUp()
      .catch((cause) =>
        this.#parts.log('error', 'alerts', `the outbox was not written: ${codeOf(cause)}`),
      )
      .finally(() => {
        this.#reading = undefined;
        if (this.#readAgain) {
          this.#readAgain = false;
          this.look();
        }
      });
  }

  /** Every few seconds: settings that were changed, duties whose time has come. Never throws. */
  async beat(): Promise<void> {
    try {
      await this.#readSettings();
    } catch (cause) {
      this.#parts.log('error', 'alerts', codeOf(cause));
    }
    if (this.#stopped) return;
    try {
      this.#lookAtDuties();
      this.#outbox.hurry(this.#now(), LONGEST_WAIT);
    } catch (cause) {
      this.#parts.log('error', 'alerts', `the outbox was not written: ${codeOf(cause)}`);
    }
    this.look();
  }

  /** An alert that rests on no entry of the record; one of the same id is sent once. */
  raise(alert: Alert): void {
    this.#outbox.add([this.#receivers.addressed(alert)], this.#now());
    this.#dispatcher.look();
  }

  /**
   * Says that somebody's addresses are about to be changed: to everybody, and to the person at the old ones. To be
   * sent, the addresses must still be known, so this waits a moment for them to be.
   */
  async contactsChange(person: string, by: string): Promise<void> {
    const alert = contactsChange(this.#origin(), person, by);
    this.raise(alert);
    if (by === person) return;
    const signal = AbortSignal.timeout(CHANGE_PATIENCE);
    await Promise.all(
      CHANNELS.flatMap((channel) => {
        const to = { person, channel };
        const own: Alert = { ...alert, id: `${alert.id}:${channel}`, to };
        return this.#receivers.of(to).map((sink) =>
          withinSignal(this.#receivers.by(sink)(own, signal), signal).catch((cause) =>
            this.#parts.log(
              'warning',
              'alerts',
              `somebody was not told of the change: ${codeOf(cause)}`,
              {
                person,
                sink: sink.name,
              },
            ),
          ),
        );
      }),
    );
  }

  /** The machine's clock was set. @param seconds by which; negative where it was set back */
  clockJumped(seconds: number): void {
    this.raise(clockJump(this.#origin(), seconds));
  }

  /** Sends a test to every sink at once, and writes down which took it. */
  async test(by: string): Promise<
    readonly {
      readonly sink: string;
      readonly at: string;
      readonly delivered: boolean;
      readonly why?: string;
    }[]
  > {
    await this.#readSettings();
    const alert = alertTest(this.#origin(), by);
    const { timestamp: at } = alert;
    return Promise.all(
      this.#receivers.sinks.map(async (sink) => {
        try {
          const signal = AbortSignal.timeout(TEST_PATIENCE);
          await withinSignal(this.#receivers.by(sink)(alert, signal), signal);
          this.#outbox.proven(sink.name, at);
          return { sink: sink.name, at, delivered: true };
        } catch (cause) {
          const why = cause instanceof HalliganError ? cause.message : 'It failed unexpectedly.';
          return { sink: sink.name, at, delivered: false, why };
        }
      }),
    );
  }

  standing(): readonly SinkStanding[] {
    return this.#receivers.sinks.map(({ name, kind }) => {
      const { oldestWaiting, ...standing } = this.#outbox.standing(name);
      const oldest = oldestWaiting === null ? null : new Date(oldestWaiting).toISOString();
      return { name, kind, ...standing, oldestWaiting: oldest };
    });
  }

  last(most: number): readonly Alert[] {
    return this.#outbox.last(most);
  }

  /** The channels by which nobody can reach a person: no address, or no sink for it. */
  unreachable(person: string): readonly Channel[] {
    return this.#receivers.unreachable(person);
  }

  /** What came of tries to send, by sink. */
  get sent(): Counts {
    return this.#dispatcher.sent;
  }

  /** Resolves when what is durable was taken in, and nothing is under way that could be sent now. */
  async settled(): Promise<void> {
    while (this.#reading !== undefined) await this.#reading;
    await this.#dispatcher.settled();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#dispatcher.stop();
    while (this.#reading !== undefined) await this.#reading;
    this.#outbox.close();
  }

  async #catchUp(): Promise<void> {
    const { leader } = this.#parts;
    const { size } = leader.checkpoint();
    // A record that was put back: what it says from here on is news.
    if (this.#outbox.place > size) this.#outbox.takeIn([], size, this.#now());
    let found: Addressed[] = [];
    let place = this.#outbox.place;
    for await (const { index, events } of leader.groups(place)) {
      found.push(
        ...events.flatMap((event) =>
          alertsOf(event, leader.state).map((alert) => this.#receivers.addressed(alert)),
        ),
      );
      place = index + 1;
      if (found.length < AT_ONCE) continue;
      this.#outbox.takeIn(found, place, this.#now());
      found = [];
    }
    if (place > this.#outbox.place) this.#outbox.takeIn(found, place, this.#now());
    const words = wordsDueOf(leader.state).map((alert) => this.#receivers.addressed(alert));
    // Without an address or a sink it stays due: either may come.
    this.#outbox.add(
      words.filter(({ sinks }) => sinks.length > 0),
      this.#now(),
    );
    this.#dispatcher.look();
  }

  #lookAtDuties(): void {
    const { leader } = this.#parts;
    const now = leader.now();
    const { size } = leader.checkpoint();
    if (size === this.#dutySize && Date.parse(now) < this.#nextDuty) return;
    const { state } = leader;
    const duties: readonly Obligation[] = obligations(state, now);
    const isEmergency = (about: string) => emergencyById(state, about) !== undefined;
    const alerts = dutyAlertsOf(duties, isEmergency, this.#origin().source, now);
    this.#outbox.fire(
      alerts.map(({ key, alert }) => ({ key, ...this.#receivers.addressed(alert) })),
      this.#now(),
    );
    this.#outbox.forgetKeys(dutyKeys(duties));
    this.#nextDuty = nextDutyAt(duties, isEmergency, now) ?? Number.POSITIVE_INFINITY;
    this.#dutySize = size;
  }

  #origin(): Origin {
    const { leader, settings } = this.#parts;
    const source = leader.state.roster?.origin ?? settings.origin;
    return { v: 'halligan/alert/v1', source, timestamp: new Date(this.#now()).toISOString() };
  }

  async #readSettings(): Promise<void> {
    if (!(await this.#receivers.read())) return;
    const { sinks } = this.#receivers;
    this.#dispatcher.use(new Map(sinks.map((sink) => [sink.name, this.#receivers.by(sink)])));
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof HalliganError ? `${cause.code}: ${cause.message}` : 'failed unexpectedly';
}
