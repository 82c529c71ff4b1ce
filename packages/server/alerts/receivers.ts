import { readFile } from 'node:fs/promises';
import type { Contacts } from '../contacts.ts';
import type { ServerHome } from '../home.ts';
import { type Alert, CHANNELS, type Channel } from './alert.ts';
import type { Deliver } from './dispatcher.ts';
import type { Addressed } from './outbox.ts';
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

/** Who is sent what, and how: the sinks that an admin set up, and the addresses that people gave. */
export class Receivers {
  readonly #home: ServerHome;
  readonly #contacts: Contacts;
  #settings: AlertSettings = NO_SINKS;
  #settingsTime = -1;

  constructor(home: ServerHome, contacts: Contacts) {
    this.#home = home;
    this.#contacts = contacts;
  }

  /** Reads the settings again where they were changed. @returns whether they were @throws as `readAlertSettings` */
  async read(): Promise<boolean> {
    const time = alertSettingsTime(this.#home);
    if (time === this.#settingsTime) return false;
    this.#settingsTime = time;
    this.#settings = await readAlertSettings(this.#home);
    return true;
  }

  get sinks(): readonly Sink[] {
    return this.#settings.sinks;
  }

  /** The sinks by which one person is reached on one channel; none where there is no address. */
  of({ person, channel }: NonNullable<Alert['to']>): readonly Sink[] {
    if (this.#contacts.of(person)[channel] === undefined) return [];
    return this.sinks.filter(
      (sink) =>
        (sink.kind === 'smtp' && channel === 'email') ||
        (sink.kind === 'webhook' && sink.asks.includes(channel)),
    );
  }

  /** The channels by which nobody can reach a person: no address, or no sink for it. */
  unreachable(person: string): readonly Channel[] {
    return CHANNELS.filter((channel) => this.of({ person, channel }).length === 0);
  }

  addressed(alert: Alert): Addressed {
    const sinks = alert.to === undefined ? this.sinks : this.of(alert.to);
    return { alert, sinks: sinks.map(({ name }) => name) };
  }

  /** How alerts go to a sink. */
  by(sink: Sink): Deliver {
    return async (alert, signal) => {
      const { to } = alert;
      const address = to === undefined ? undefined : this.#contacts.of(to.person)[to.channel];
      // The address was taken back meanwhile: there is nobody to send it to.
      if (to !== undefined && address === undefined) return;
      switch (sink.kind) {
        case 'smtp':
          return sendMail(sink, alert, address, signal);
        case 'webhook': {
          const key = await readFile(webhookKeyFile(this.#home, sink.name), 'utf8');
          return postWebhook(sink, key, alert, address, signal);
        }
        case 'syslog':
          return sendSyslog(sink, alert, signal);
      }
    };
  }
}
