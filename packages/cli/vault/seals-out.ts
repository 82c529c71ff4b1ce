import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromBase64, HalliganError } from '@halligan/format';
import { unpackSeal } from '@halligan/seal';
import type { StoredEntry } from '@halligan/systems';
import { type Context, show } from '../commands.ts';
import { note } from '../emergency/use.ts';

/** How seals are taken out of a vault. */
export interface TakingOut {
  readonly out: string;
  readonly unproven: boolean;
  readonly emergency?: string;
}

/** What makes security look, rather than a person try again. */
const ALARMS: ReadonlySet<string> = new Set([
  'vault.token-used',
  'vault.token-foreign',
  'vault.other-seal',
]);

/**
 * Says on the record of the emergency what was read. An alarm is there before the person reads it: they may not be the
 * one to trust with it.
 * @param take @returns how the vault’s audit log names what was read
 */
export async function onRecord(
  context: Context,
  system: string,
  emergency: string | undefined,
  take: () => Promise<string>,
): Promise<void> {
  const say = async (about: 'reveal' | 'observation', text: string) => {
    if (emergency !== undefined) await note(await context.device(), emergency, { about, text });
  };
  try {
    await say('reveal', await take());
  } catch (error) {
    if (error instanceof HalliganError && ALARMS.has(error.code))
      await say('observation', `${error.message} [${error.code}] ${system}`);
    throw error;
  }
}

/**
 * Writes an entry's seals into a folder, held to the record first.
 * @param from where the entry lies
 * @returns how the vault’s audit log names what was read
 * @throws `vault.other-seal`, `seal.damaged`
 */
export async function sealsOut(
  context: Context,
  from: string,
  stored: StoredEntry,
  { out, unproven, emergency }: TakingOut,
): Promise<string> {
  if (!unproven) await requireRecorded(context, stored);
  const written: string[] = [];
  for (const [account, versions] of Object.entries(stored.entry.accounts))
    for (const { version, digest, seal } of versions) {
      const folder = join(out, account, String(version));
      for (const [name, bytes] of unpackSeal(fromBase64(seal), digest).files) {
        await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
        await context.writeFile(join(folder, name), bytes);
      }
      written.push(folder);
    }
  const reference = `${from} version ${stored.version}, request ${stored.request}`;
  show(
    context.terminal,
    {
      entry: from,
      version: stored.version,
      request: stored.request,
      seals: written,
      proven: !unproven,
    },
    [
      ...written.map((folder) => `Written: ${folder}`),
      ...(unproven
        ? [
            'NOT compared with the record: whoever writes the vault could have put another seal there. Its holders compare.',
          ]
        : ['They are the seals of the record.']),
      `Next: docs/guides/open-a-seal-by-hand.md.`,
      ...(emergency === undefined
        ? [`For the record: halligan emergency note --about reveal "${reference}"`]
        : [`On the record: ${reference}`]),
    ],
  );
  return reference;
}

/** Who writes the vault could put a seal of their own there, or an old one. @throws `vault.other-seal` */
export async function requireRecorded(context: Context, { entry }: StoredEntry): Promise<void> {
  const device = await context.device();
  for (const [account, versions] of Object.entries(entry.accounts)) {
    const { state } = await device.prove({ account });
    const known = state.accounts[account]?.versions;
    for (const { version, digest } of versions)
      if (known?.[version]?.digest !== digest)
        throw new HalliganError(
          'vault.other-seal',
          `ALARM: version ${version} of ${account} in the vault is not the one on the record.`,
          'Nothing was written. Tell security: the vault’s audit log says who wrote it. Use another way: halligan emergency trouble vault-fails.',
        );
  }
}
