import { readFile } from 'node:fs/promises';
import { HalliganError } from '@halligan/format';
import { emergencyById, type Obligation, obligations } from '@halligan/procedure';
import type { Contacts } from '../contacts.ts';
import type { Counts } from '../metrics/counts.ts';
import type { ServerParts } from '../parts.ts';
import { type Alert, CHANNELS, type Channel } from './alert.ts';
import { reportContact } from './contacted.ts';
import {
  type Deliver,
  Dispatcher,
  type DispatcherMeans,
  LONGEST_WAIT,
  withinSignal,
} from './dispatcher.ts';
import { dutyAlertsOf, dutyKeys, nextDutyAt } from './from-duties.ts';
import { wordsDueOf } from './from-effects.ts';
import { alertsOf } from './from-events.ts';
import { type Addressed, Outbox } from './outbox.ts';
import {
  type AlertSettings,
  alertSettingsTime,
  NO_SINKS,
  readAlertSettings,
  type Sink,
  webhookKeyFile,
} from './settings.ts';
import { sendMail } from './sinks/smtp.ts';
import { sendSyslog } from './sinks/syslog.ts';
import { postWebhook } from './sinks/webhook.ts';

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
  readonly #contacts: Contacts;
  readonly #outbox: Outbox;
  readonly #dispatcher: Dispatcher;
  readonly #now: () => number;
  #settings: AlertSettings = NO_SINKS;
  #settingsTime = -1;
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
    this.#contacts = contacts;
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
    this.#outbox.add([this.#addressed(alert)], this.#now());
    this.#dispatcher.look();
  }

  /**
   * Says that somebody's addresses are about to be changed: to everybody, and to the person at the old ones. To be
   * sent, the addresses must still be known, so this waits a moment for them to be.
   */
  async contactsChange(person: string, by: string): Promise<void> {
    const at = new Date(this.#now()).toISOString();
    const alert = {
      ...this.#base(at),
      id: `contacts:${person}:${at}`,
      type: 'organisation.contacts-changed',
      severity: by === person ? 'info' : 'critical',
      title: `${by} changed how ${person} is reached`,
      next: `If ${person} does not know of it, tell security: halligan person contacts ${person}`,
      data: { person, by },
    } as const;
    this.raise(alert);
    if (by === person) return;
    const signal = AbortSignal.timeout(CHANGE_PATIENCE);
    await Promise.all(
      CHANNELS.flatMap((channel) => {
        const to = { person, channel };
        const own: Alert = { ...alert, id: `${alert.id}:${channel}`, to };
        return this.#sinksFor(to).map((sink) =>
          withinSignal(this.#deliverTo(sink)(own, signal), signal).catch((cause) =>
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
    const at = new Date(this.#now()).toISOString();
    this.raise({
      ...this.#base(at),
      id: `clock:${at}`,
      type: 'server.clock-jumped',
      severity: 'warning',
      title: `The server’s clock was set by ${seconds} s, or its machine slept: deadlines may be wrong`,
      next: 'Compare the time of the server with a clock that you trust',
      data: { seconds },
    });
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
    const at = new Date(this.#now()).toISOString();
    const alert: Alert = {
      ...this.#base(at),
      id: `test:${at}`,
      type: 'alert.test',
      severity: 'info',
      title: 'This is a test: alerts of this organisation reach you',
      next: 'Nothing. If you should not get these, tell an admin.',
      data: { by },
    };
    return Promise.all(
      this.#settings.sinks.map(async (sink) => {
        try {
          const signal = AbortSignal.timeout(TEST_PATIENCE);
          await withinSignal(this.#deliverTo(sink)(alert, signal), signal);
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
    return this.#settings.sinks.map(({ name, kind }) => {
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
    return CHANNELS.filter((channel) => this.#sinksFor({ person, channel }).length === 0);
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
          alertsOf(event, leader.state).map((alert) => this.#addressed(alert)),
        ),
      );
      place = index + 1;
      if (found.length < AT_ONCE) continue;
      this.#outbox.takeIn(found, place, this.#now());
      found = [];
    }
    if (place > this.#outbox.place) this.#outbox.takeIn(found, place, this.#now());
    const words = wordsDueOf(leader.state).map((alert) => this.#addressed(alert));
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
    const alerts = dutyAlertsOf(duties, isEmergency, this.#base(now).source, now);
    this.#outbox.fire(
      alerts.map(({ key, alert }) => ({ key, ...this.#addressed(alert) })),
      this.#now(),
    );
    this.#outbox.forgetKeys(dutyKeys(duties));
    this.#nextDuty = nextDutyAt(duties, isEmergency, now) ?? Number.POSITIVE_INFINITY;
    this.#dutySize = size;
  }

  #base(at: string): Pick<Alert, 'v' | 'source' | 'timestamp'> {
    const { leader, settings } = this.#parts;
    const source = leader.state.roster?.origin ?? settings.origin;
    return { v: 'halligan/alert/v1', source, timestamp: at };
  }

  #addressed(alert: Alert): Addressed {
    const sinks = alert.to === undefined ? this.#settings.sinks : this.#sinksFor(alert.to);
    return { alert, sinks: sinks.map(({ name }) => name) };
  }

  #sinksFor({ person, channel }: NonNullable<Alert['to']>): readonly Sink[] {
    if (this.#contacts.of(person)[channel] === undefined) return [];
    return this.#settings.sinks.filter(
      (sink) =>
        (sink.kind === 'smtp' && channel === 'email') ||
        (sink.kind === 'webhook' && sink.asks.includes(channel)),
    );
  }

  async #readSettings(): Promise<void> {
    const { home } = this.#parts;
    const time = alertSettingsTime(home);
    if (time === this.#settingsTime) return;
    this.#settingsTime = time;
    this.#settings = await readAlertSettings(home);
    this.#dispatcher.use(
      new Map(this.#settings.sinks.map((sink) => [sink.name, this.#deliverTo(sink)])),
    );
  }

  #deliverTo(sink: Sink): Deliver {
    return async (alert, signal) => {
      const { to } = alert;
      const address = to === undefined ? undefined : this.#contacts.of(to.person)[to.channel];
      // The address was taken back meanwhile: there is nobody to send it to.
      if (to !== undefined && address === undefined) return;
      switch (sink.kind) {
        case 'smtp':
          return sendMail(sink, alert, address, signal);
        case 'webhook': {
          const key = await readFile(webhookKeyFile(this.#parts.home, sink.name), 'utf8');
          return postWebhook(sink, key, alert, address, signal);
        }
        case 'syslog':
          return sendSyslog(sink, alert, signal);
      }
    };
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof HalliganError ? `${cause.code}: ${cause.message}` : 'failed unexpectedly';
}
