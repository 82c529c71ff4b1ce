import { fromBase64, HalliganError, utf8Text } from '@halligan/format';
import type { Account, State } from '@halligan/procedure';
import { openShare, requireShareWords, unpackSeal } from '@halligan/seal';
import { z } from 'zod';
import type { Device } from '../device.ts';
import type { ShareOnSheet, SheetFacts } from './sheet.ts';

/** Which share: of an account's current version, by path and group. */
export interface Place {
  readonly account: string;
  readonly path: string;
  readonly group: string;
}

/** `offline/keyholders` as path and group. @throws `cli.usage` */
export function sharePlace(text: string): { readonly path: string; readonly group: string } {
  const [, path, group] = /^([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})$/.exec(text) ?? [];
  if (path !== undefined && group !== undefined) return { path, group };
  throw new HalliganError(
    'cli.usage',
    `“${text}” is no share.`,
    'Write PATH/GROUP, such as offline/keyholders.',
  );
}

/**
 * Opens the person's own share with their own key, on this device. The server gives ciphertext, which is held to the
 * digest that this device proved; the words never leave the device but for the paper.
 * @throws `seal.*`, `server.forbidden`, `cli.account`
 */
export async function ownShare(
  device: Device,
  { account: id, path, group }: Place,
): Promise<{ readonly facts: Omit<SheetFacts, 'serial'>; readonly share: ShareOnSheet }> {
  const { state } = await device.prove({ account: id });
  const account = accountIn(state, id);
  const version = account.versions[account.current];
  if (version === undefined)
    throw new HalliganError(
      'cli.account',
      `Nothing is sealed for “${id}”.`,
      'Wait until it is armed: halligan account await-armed.',
    );
  const { seal: packed } = z
    .object({ seal: z.string() })
    .parse(await device.api.get(`/v1/accounts/${id}/seal`));
  const seal = unpackSeal(fromBase64(packed), version.digest);
  const holder = device.person;
  const { identity } = await device.keys();
  const bytes = await openShare({ seal, path, group, holder, identity });
  const [firstLine = '', words = ''] = utf8Text(bytes).split('\n');
  bytes.fill(0);
  requireShareWords(words);
  const groups = version.header.paths.find((one) => one.name === path)?.groups ?? [];
  const needs = groups.map((one) => `${one.need} of ${one.name}`).join(', ');
  const share = { path, group, holder, needs, firstLine, words: words.trim().split(' ') };
  return { facts: factsOf(state, account), share };
}

/** What a sheet says of an account. @throws `cli.account` */
export function factsOf(state: State, account: Account): Omit<SheetFacts, 'serial'> {
  const { id, name, system } = account.document;
  return {
    organisation: state.roster?.organisation ?? '',
    account: id,
    name,
    address: state.systems[system]?.address ?? '',
    version: account.current,
    sealedAt: account.versions[account.current]?.sealedAt ?? account.since,
  };
}

/** @throws `cli.account` */
export function accountIn(state: State, id: string): Account {
  const account = Object.hasOwn(state.accounts, id) ? state.accounts[id] : undefined;
  if (account !== undefined) return account;
  throw new HalliganError(
    'cli.account',
    `There is no account “${id}”.`,
    'See halligan account list.',
  );
}
