import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalBytes,
  HalliganError,
  hex,
  type Json,
  sameBytes,
  sha256,
  utf8,
} from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import type { KitPlace } from '@halligan/procedure';
import { writeKit } from '@halligan/seal';
import { personsWithRole } from '@halligan/statement';
import type { ServerParts } from './parts.ts';

const RUNBOOK = `# When the Halligan server is gone

1. Two custodians and one executive meet, in person or by video. Each brings their key.
2. halligan --org ORGANISATION kit read KIT --out FOLDER writes the roster, the policy, the inventory and the seals.
   Without Halligan: age -d -i KEY KIT > kit.zip, and unzip it.
3. seals/ACCOUNT/VERSION/ is the account's seal. Each holder decrypts their own share of the offline path and nobody
   else's: age -d -i KEY shares/offline/GROUP/PERSON.age | tail -n 1
   Any SLIP-39 tool combines the words of all of them to 32 bytes, in hexadecimal. Spelled in bech32 with the prefix
   AGE-SECRET-KEY-PQ- (seals to age1pq1…) or AGE-SECRET-KEY- (seals to age1…), in capitals, they are an age identity:
   age -d -i IDENTITY credential.age shows the credential.
4. Write down who did what, with times; all sign it on paper. When the server is back it goes to the security team
   beside the record.
5. Afterwards everything that was revealed is reset.
`;

/**
 * Writes the kit, everything needed when the server is gone, to every configured place, and reads it back: a place
 * acknowledges by giving back the same bytes.
 * @returns the kit's digest and the places that acknowledged it
 */
export async function writeKits(
  parts: ServerParts,
): Promise<{ readonly kit: string; readonly places: readonly KitPlace[] }> {
  const { leader, settings } = parts;
  const { roster } = leader.state;
  if (roster === undefined)
    throw new HalliganError('server.no-roster', 'There is no roster.', 'Run halligan init first.');
  const readers = [
    ...personsWithRole(roster, 'custodian'),
    ...personsWithRole(roster, 'executive'),
  ].map((member) => member.recipient);
  const bytes = await writeKit(
    { organisation: roster.organisation, createdAt: leader.now(), files: await kitFiles(parts) },
    [...new Set(readers)],
  );
  const places: KitPlace[] = [];
  for (const { name, folder, offServer } of settings.kitPlaces) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${roster.organisation}.halligan-kit`);
      await writeFileDurably(path, bytes);
      if (sameBytes(await readFile(path), bytes)) places.push({ name, offServer });
    } catch {
      parts.log(`kit: the place ${name} could not be written`);
    }
  }
  return { kit: hex(sha256(bytes)), places };
}

async function kitFiles({ leader, seals }: ServerParts): Promise<ReadonlyMap<string, Uint8Array>> {
  const { state } = leader;
  const { transcript } = await leader.view(['organisation'], 0);
  const files = new Map<string, Uint8Array>([
    ['roster.json', canonicalBytes((state.roster ?? null) as unknown as Json)],
    [
      'policy.json',
      canonicalBytes(
        (state.policy === undefined
          ? null
          : (state.policies[state.policy] ?? null)) as unknown as Json,
      ),
    ],
    [
      'inventory.json',
      canonicalBytes({
        systems: state.systems,
        accounts: Object.fromEntries(
          Object.entries(state.accounts).map(([id, { document, current }]) => [
            id,
            { ...document, current },
          ]),
        ),
      } as unknown as Json),
    ],
    ['transcript.json', canonicalBytes(transcript as unknown as Json)],
    ['checkpoint.txt', utf8((await leader.leaving()).note)],
    ['runbook.md', utf8(RUNBOOK)],
  ]);
  for (const [id, account] of Object.entries(state.accounts)) {
    for (const [number, version] of Object.entries(account.versions)) {
      // What is not retired: the version that opens, and one that is just being set.
      if (version.retired) continue;
      const seal = await seals.get(id, Number(number), version.digest);
      for (const [name, bytes] of seal.files) files.set(`seals/${id}/${number}/${name}`, bytes);
    }
  }
  return files;
}
