import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HalliganError, utf8 } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { readSettings, serverHome } from '../home.ts';
import {
  alertSettingsOf,
  type IncidentSystem,
  readAlertSettings,
  type Sink,
  webhookKeyFile,
  writeAlertSettings,
} from './settings.ts';
import { webhookKey, webhookPublicKey } from './sinks/webhook.ts';

/**
 * Adds a sink, or replaces the one of its name; a running server notices. A webhook gets a key of its own, once.
 * @returns the key that a webhook's receiver checks signatures with
 * @throws `server.not-set-up`, `alert.settings`, `alert.plaintext`
 */
export async function addSink(
  root: string,
  sink: Sink,
): Promise<{ readonly publicKey: string | undefined }> {
  const home = serverHome(root);
  await readSettings(home);
  const { sinks, ...others } = await readAlertSettings(home);
  const settings = alertSettingsOf({
    ...others,
    sinks: [...sinks.filter(({ name }) => name !== sink.name), sink],
  });
  let publicKey: string | undefined;
  if (sink.kind === 'webhook') {
    const path = webhookKeyFile(home, sink.name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Before the settings name it: a running server reads them at once.
    if (!existsSync(path))
      await writeFileDurably(path, utf8(`whsk_${randomBytes(32).toString('base64')}\n`));
    publicKey = webhookPublicKey(webhookKey(await readFile(path, 'utf8')));
  }
  await writeAlertSettings(home, settings);
  return { publicKey };
}

/** @throws `alert.settings` where there is no such sink, or records go by it to the incident system */
export async function removeSink(root: string, name: string): Promise<void> {
  const home = serverHome(root);
  const { sinks, ...others } = await readAlertSettings(home);
  const left = sinks.filter((sink) => sink.name !== name);
  if (left.length === sinks.length)
    throw new HalliganError(
      'alert.settings',
      `There is no sink “${name}”.`,
      `There are: ${sinks.map((sink) => sink.name).join(', ') || 'none'}.`,
    );
  await writeAlertSettings(home, { ...others, sinks: left });
  await rm(webhookKeyFile(home, name), { force: true });
}

/**
 * Says where signed records go by themselves; undefined: nowhere. A running server notices.
 * @throws `server.not-set-up`, `alert.settings` where it is reached by a sink that there is not
 */
export async function useIncidentSystem(
  root: string,
  incident: IncidentSystem | undefined,
): Promise<void> {
  const home = serverHome(root);
  await readSettings(home);
  const { incident: _, ...others } = await readAlertSettings(home);
  await writeAlertSettings(home, incident === undefined ? others : { ...others, incident });
}
