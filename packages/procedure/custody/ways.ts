import type { KitPlace } from '../account/events.ts';
import type { Account } from '../account/state.ts';
import type { Emergency } from '../emergency/state.ts';
import { entryOf, type State } from '../state.ts';
import { accessTo, isUseful } from './envelopes.ts';
import { retrievalOf } from './state.ts';

/** One way to an account's credential, and whether it is open. */
export interface WayTo {
  readonly by: 'vault' | 'second-vault' | 'envelope';
  /** The path, the kit's place, or the envelope's serial. */
  readonly name: string;
  readonly open: boolean;
  /** What a person does to take it, or why it is shut. */
  readonly how: string;
}

/**
 * The ways to an account's credential in the order in which they are tried: the vault's paths, then the kit in each
 * place where its version was written, then the envelopes. Shown, not enforced: who stands at the safe knows best.
 */
export function waysTo(
  state: State,
  { account: id, retrievals, cause }: Emergency,
): readonly WayTo[] {
  const account = entryOf(state.accounts, id);
  const version = account?.versions[account.current];
  if (account === undefined || version === undefined) return [];
  const vault = version.header.paths.map(
    ({ name }): WayTo => ({
      by: 'vault',
      name,
      open: true,
      how: `halligan emergency open --path ${name}`,
    }),
  );
  const kits = (version.kit?.places ?? []).map((place): WayTo => {
    const shut = place.vault !== undefined && place.idpFree !== true && needsProvider(cause);
    return {
      by: 'second-vault',
      name: place.name,
      open: !shut,
      how: toPlace(account, place, shut),
    };
  });
  return [...vault, ...kits, ...envelopesTo(state, account, retrievals)];
}

/** What an emergency is about may be what people sign in to a vault with. */
function needsProvider(cause: string): boolean {
  return cause === 'idp-outage' || cause === 'mfa-outage';
}

function toPlace(account: Account, { offServer, vault }: KitPlace, shut: boolean): string {
  const { system } = account.document;
  if (vault === undefined)
    return `open the kit${offServer ? ', off the server' : ''}: docs/guides/open-a-seal-by-hand.md`;
  if (shut)
    return `${vault.entry}: people sign in to it through the identity provider, which this emergency is about`;
  return vault.kind === undefined
    ? `two of you take the seal out of ${vault.entry}: halligan vault wrap ${system}`
    : `take the seal out of ${vault.entry}: halligan vault fetch ${system}`;
}

function envelopesTo(
  state: State,
  account: Account,
  retrievals: Emergency['retrievals'],
): readonly WayTo[] {
  return Object.values(account.envelopes)
    .filter((one) => one.state !== 'destroyed')
    .map((envelope): WayTo => {
      const { serial, place } = envelope;
      const open = isUseful(account, envelope);
      const there = retrievalOf(retrievals, serial) !== undefined;
      const people = accessTo(state, place).join(', ');
      const step = there ? 'open' : 'arrive';
      return {
        by: 'envelope',
        name: serial,
        open,
        how: open
          ? `in “${place}” (${people} can get in): halligan envelope ${step} ${serial}`
          : envelope.state === 'sealed'
            ? `in “${place}”: version ${envelope.version} opens nothing any more`
            : `in “${place}”: ${envelope.state}`,
      };
    });
}
