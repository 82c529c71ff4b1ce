import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes, HalliganError, ID, type Json } from '@halligan/format';
import { makeFolder, writeFileDurably } from '@halligan/journal';
import { z } from 'zod';

/** The socket of a program's unit, and the folder of its keys, which only its own user reads. */
const programPlace = z.lazy(() =>
  z.strictObject({
    socket: z.string().startsWith('/').max(100),
    keys: z.string().startsWith('/').max(4096),
  }),
);

export const settingsSchema = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/server/v1'),
    organisation: z.string().regex(ID),
    origin: z.string().max(255),
    /** The name that people's devices connect to; it must not need the corporate DNS. */
    name: z.string().max(253),
    host: z.string().max(253),
    port: z.int().min(0).max(65_535),
    tls: z.boolean(),
    practice: z.boolean(),
    /** Addresses or networks of the proxies whose X-Forwarded-For is believed; nobody else's is. */
    proxies: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
      .max(16)
      .optional(),
    /** Where the cosigners listen; their keys stand in the policy. */
    cosigners: z
      .array(z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(500) }))
      .max(16)
      .optional(),
    /** Where releaser and rotator answer when they run under users of their own; children of the server otherwise. */
    programs: z
      .strictObject({ releaser: programPlace, rotator: programPlace })
      .partial()
      .optional(),
    /** Most MiB of one attached file, and of all such files of an emergency; 64 and 256 where nothing is said. */
    attachments: z
      .strictObject({ file: z.int().min(8).max(1024), emergency: z.int().min(8).max(16_384) })
      .optional(),
    /** MiB of its disk that machines’ reports leave to everything else; 256 where nothing is said. */
    reports: z
      .strictObject({
        keepFree: z
          .int()
          .min(1)
          .max(1 << 20),
      })
      .optional(),
    kitPlaces: z
      .array(
        z.strictObject({
          name: z.string().regex(ID),
          folder: z.string().max(4096),
          offServer: z.boolean(),
          /** Nobody reaches it over a network; and without the organisation's identity provider. The admin's word. */
          offline: z.boolean().exactOptional(),
          idpFree: z.boolean().exactOptional(),
          /** The folder is a git repository. */
          git: z.boolean().exactOptional(),
          /** The folder holds `vault.json` and `secret-id`: seals are kept in that vault, an entry a system. */
          vault: z.boolean().exactOptional(),
        }),
      )
      .max(16),
  }),
);

/** How a server is set up. Holds no secret. */
export type ServerSettings = z.infer<typeof settingsSchema>;

/** Where things live in HALLIGAN_HOME. */
export interface ServerHome {
  readonly root: string;
  readonly settingsFile: string;
  readonly keys: string;
  readonly journal: string;
  /** The journal of machines' reports. */
  readonly reports: string;
  readonly blobs: string;
  /** Large files that came in and that no statement names yet. */
  readonly uploads: string;
  readonly seals: string;
  readonly systems: string;
  readonly evidence: string;
  readonly subjects: string;
  readonly provers: string;
  /** Alerts that are on their way. */
  readonly outbox: string;
  /** Where alerts go. */
  readonly alertsFile: string;
  /** How to reach people. */
  readonly contactsFile: string;
}

/** The layout of a data folder. Makes nothing. */
export function serverHome(root: string): ServerHome {
  return {
    root,
    settingsFile: join(root, 'server.json'),
    keys: join(root, 'keys'),
    journal: join(root, 'journal'),
    reports: join(root, 'reports'),
    blobs: join(root, 'blobs'),
    uploads: join(root, 'uploads'),
    seals: join(root, 'seals'),
    systems: join(root, 'systems'),
    evidence: join(root, 'evidence'),
    subjects: join(root, 'keys', 'subjects'),
    provers: join(root, 'keys', 'provers'),
    outbox: join(root, 'outbox'),
    alertsFile: join(root, 'alerts.json'),
    contactsFile: join(root, 'contacts.json'),
  };
}

/** Makes the folders of a home, private to the server's user. @throws `server.home` where it cannot be written */
export async function makeHome(home: ServerHome): Promise<void> {
  const folders = [
    home.root,
    home.keys,
    home.blobs,
    home.uploads,
    home.seals,
    home.systems,
    home.evidence,
    home.subjects,
    home.provers,
    home.outbox,
  ];
  try {
    for (const folder of folders) makeFolder(folder);
    await writeFileDurably(join(home.root, '.writable'), new Uint8Array());
  } catch (cause) {
    throw new HalliganError(
      'server.home',
      `The data folder ${home.root} cannot be written.`,
      'Check its owner and mode, that its disk is not mounted read-only, and that HALLIGAN_HOME names the right folder.',
      { cause },
    );
  }
}

/** @throws `server.not-set-up`, `server.settings` */
export async function readSettings(home: ServerHome): Promise<ServerSettings> {
  let text: string;
  try {
    text = await readFile(home.settingsFile, 'utf8');
  } catch (cause) {
    throw new HalliganError(
      'server.not-set-up',
      `There is no organisation in ${home.root}.`,
      'Run halligan init, or set HALLIGAN_HOME.',
      { cause },
    );
  }
  return settingsOf(jsonOf(text), home.settingsFile);
}

/** @throws `server.settings` */
export function settingsOf(json: unknown, where = 'How the server is set up'): ServerSettings {
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'server.settings',
    `${where} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
    parsed.error.issues[0]?.message ?? 'Restore it from a backup.',
  );
}

export async function writeSettings(home: ServerHome, settings: ServerSettings): Promise<void> {
  await writeJson(home.settingsFile, settings);
}

/** Says where cosigners listen, in place of what was said before. @throws `server.not-set-up`, `server.settings` */
export async function useCosigners(root: string, urls: readonly string[]): Promise<void> {
  const home = serverHome(root);
  const settings = { ...(await readSettings(home)), cosigners: urls.map((url) => ({ url })) };
  await writeSettings(home, settingsOf(settings, 'What the cosigners are'));
}

/** Writes a small JSON file durably, mode 0600. */
export async function writeJson(path: string, value: Json): Promise<void> {
  await writeFileDurably(path, canonicalBytes(value));
}

/** JSON text as an unknown value; undefined where it is none: the schema says what is wrong. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
