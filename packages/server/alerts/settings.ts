import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, ID } from '@halligan/format';
import { isLoopback } from '@halligan/outbound';
import { z } from 'zod';
import { jsonOf, type ServerHome, writeJson } from '../home.ts';

const name = z.string().regex(ID);
const host = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/);
const port = z.int().min(1).max(65_535);
/** A PEM file of authorities that are trusted besides the system's. */
const ca = z.string().max(4096).optional();
/** Where a password lies: a file that its owner alone may read, or the name of a systemd credential. */
const secret = z.union([
  z.strictObject({ file: z.string().max(4096) }),
  z.strictObject({ credential: z.string().regex(/^[A-Za-z0-9._-]{1,200}$/) }),
]);

const smtpSink = z.strictObject({
  kind: z.literal('smtp'),
  name,
  host,
  port,
  tls: z.enum(['implicit', 'starttls', 'none']),
  ca,
  login: z.strictObject({ user: z.string().min(1).max(254), password: secret }).optional(),
  from: z.email().max(254),
  /** Who gets what concerns everybody; people are asked at their own addresses. */
  to: z.array(z.email().max(254)).min(1).max(32),
});

const webhookSink = z.strictObject({
  kind: z.literal('webhook'),
  name,
  url: z.url({ protocol: /^https?$/ }).max(2000),
  ca,
  /** By which channels its receiver reaches single people: it then gets their addresses. */
  asks: z
    .array(z.enum(['phone', 'message', 'email']))
    .max(3)
    .default([]),
  /** `whsec_` and base64, shared with its receiver: signed with it, too, where the receiver checks no public keys. */
  secret: secret.optional(),
});

const syslogSink = z.strictObject({
  kind: z.literal('syslog'),
  name,
  host,
  port,
  tls: z.boolean(),
  ca,
});

export const sinkSchema = z.discriminatedUnion('kind', [smtpSink, webhookSink, syslogSink]);

/** Where alerts go. */
export type Sink = z.infer<typeof sinkSchema>;
export type SmtpSink = z.infer<typeof smtpSink>;
export type WebhookSink = z.infer<typeof webhookSink>;
export type SyslogSink = z.infer<typeof syslogSink>;

/**
 * Where signed records go by themselves: to a webhook or by a mail server among the sinks, by its name, or into a folder
 * that something collects.
 */
export const incidentSystemSchema = z.union([
  z.strictObject({ webhook: name }),
  z.strictObject({ smtp: name, to: z.array(z.email().max(254)).min(1).max(8) }),
  z.strictObject({ folder: z.string().startsWith('/').max(4096) }),
]);

export type IncidentSystem = z.infer<typeof incidentSystemSchema>;

const settingsSchema = z.strictObject({
  v: z.literal('halligan/alerts/v1'),
  sinks: z.array(sinkSchema).max(16),
  incident: incidentSystemSchema.optional(),
});

export type AlertSettings = z.infer<typeof settingsSchema>;

export const NO_SINKS: AlertSettings = { v: 'halligan/alerts/v1', sinks: [] };

/** How alerts are sent. @throws `alert.settings`, `alert.plaintext` */
export async function readAlertSettings({ alertsFile }: ServerHome): Promise<AlertSettings> {
  if (!existsSync(alertsFile)) return NO_SINKS;
  return alertSettingsOf(jsonOf(await readFile(alertsFile, 'utf8')), alertsFile);
}

/** Whether signed records go somewhere by themselves. Never throws: settings that are damaged are told elsewhere. */
export function hasIncidentSystem({ alertsFile }: ServerHome): boolean {
  try {
    return alertSettingsOf(jsonOf(readFileSync(alertsFile, 'utf8'))).incident !== undefined;
  } catch {
    return false;
  }
}

/** @throws `alert.settings`, `alert.plaintext` */
export function alertSettingsOf(json: unknown, where = 'How alerts are sent'): AlertSettings {
  const parsed = settingsSchema.safeParse(json);
  if (!parsed.success)
    throw new HalliganError(
      'alert.settings',
      `${where} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
      parsed.error.issues[0]?.message ?? 'See docs/formats/alerts.md.',
    );
  const names = parsed.data.sinks.map((sink) => sink.name);
  if (new Set(names).size !== names.length)
    throw new HalliganError('alert.settings', 'Two sinks have one name.', 'Give each its own.');
  for (const sink of parsed.data.sinks) requireTls(sink);
  requireSinkOf(parsed.data);
  return parsed.data;
}

/** The incident system is reached by a sink that there is. @throws `alert.settings` */
function requireSinkOf({ incident, sinks }: AlertSettings): void {
  if (incident === undefined || 'folder' in incident) return;
  const [wanted, by] = 'smtp' in incident ? ['smtp', incident.smtp] : ['webhook', incident.webhook];
  if (sinks.some(({ kind, name: own }) => kind === wanted && own === by)) return;
  throw new HalliganError(
    'alert.settings',
    `Records go to the incident system by “${by}”, and there is no ${wanted} sink of that name.`,
    'Name another way first: halligan alert incident.',
  );
}

export async function writeAlertSettings(home: ServerHome, settings: AlertSettings): Promise<void> {
  const checked = alertSettingsOf(settings);
  await writeJson(home.alertsFile, JSON.parse(JSON.stringify(checked)));
}

/** When the settings were last written, so that a running server notices; 0 where there are none. */
export function alertSettingsTime({ alertsFile }: ServerHome): number {
  return statSync(alertsFile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Where a webhook's private key lies. */
export function webhookKeyFile({ keys }: ServerHome, sink: string): string {
  return join(keys, 'alerts', `${sink}.key`);
}

/** Alerts say who opens what, and when: off this machine they travel under TLS. @throws `alert.plaintext` */
function requireTls(sink: Sink): void {
  const isPlain =
    sink.kind === 'smtp'
      ? sink.tls === 'none'
      : sink.kind === 'syslog'
        ? !sink.tls
        : new URL(sink.url).protocol === 'http:';
  const where = sink.kind === 'webhook' ? new URL(sink.url).hostname : sink.host;
  if (!isPlain || isLoopback(where)) return;
  throw new HalliganError(
    'alert.plaintext',
    `The sink “${sink.name}” would send alerts over the network in the clear.`,
    'Use TLS; only addresses of this machine do without. A relay on it can forward them.',
  );
}
