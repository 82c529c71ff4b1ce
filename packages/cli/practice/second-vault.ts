import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { type Openbao, readerPolicy, writerPolicy } from '@halligan/systems';
import { z } from 'zod';
import type { Narrator } from './narrator.ts';
import type { PracticePlace } from './organisation.ts';
import type { People } from './people.ts';

/** The practice vault as a second vault: what the server needs to keep seals there, and people to fetch them. */
export interface SecondVault {
  readonly place: PracticePlace;
  /** `vault.json`, for people. */
  readonly store: string;
  /** A token of somebody who may read, in the clear: practice. */
  readonly token: string;
}

/** Sets the practice vault up as docs/systems/openbao.md says. */
export async function prepareSecondVault(vault: Openbao, folder: string): Promise<SecondVault> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const writer = await vault.appRole('halligan-writer', writerPolicy('secret', 'break-glass'));
  await vault.appRole('halligan-reader', readerPolicy('secret', 'break-glass'));
  const [store, token] = [join(folder, 'vault.json'), join(folder, 'reader.token')];
  const { url, ca } = vault;
  await writeFile(
    store,
    JSON.stringify({ url, ca, writer: { role: writer.role }, timeout: 30_000 }),
  );
  await writeFile(join(folder, 'secret-id'), writer.secret, { mode: 0o600 });
  await writeFile(token, await vault.tokenFor(['halligan-reader']), { mode: 0o600 });
  return {
    place: { name: 'second-vault', folder, offServer: true, idpFree: true, vault: true },
    store,
    token,
  };
}

const wrapped = z.object({ token: z.string(), entry: z.string() });
const unwrapped = z.object({ version: z.int(), request: z.string(), proven: z.literal(true) });

/** Two people fetch the seals out of the second vault, and a token that was used is an alarm. */
export async function fetchFromSecondVault(
  root: string,
  people: People,
  system: string,
  { store, token }: SecondVault,
  tell: Narrator,
): Promise<void> {
  tell.chapter('The second vault');
  const secret = ['--secret-file', join(dirname(store), 'secret-id')];
  await people.run('raj', 'vault', 'check', '--store', store, ...secret);
  tell.step('raj', 'checks what its writer may: nothing is missing, and nothing too much');
  const asked = wrapped.parse(
    await people.run('ben', 'vault', 'wrap', system, '--store', store, '--token-file', token),
  );
  tell.step('ben', `asks for ${asked.entry}, as a token that gives it out once`);
  const carried = join(root, 'practice', 'wrapped.token');
  await writeFile(carried, asked.token, { mode: 0o600 });
  const take = (out: string) => [
    ...['vault', 'unwrap', system, '--store', store],
    ...['--token-file', carried, '--out', join(root, 'practice', out)],
  ];
  const seals = unwrapped.parse(await people.run('ana', ...take('from-the-vault')));
  tell.step(
    'ana',
    `takes the seals out: those of the record; the vault’s log has it as ${seals.request}`,
  );
  const again = await people.attempt('ana', take('again'));
  if (!again.said.includes('vault.token-used'))
    throw new HalliganError(
      'practice.not-refused',
      'A token that was used gave the seals out again.',
      'The drill stops here: report this.',
    );
  tell.refused('ana', 'tries the same token again: an alarm');
}
