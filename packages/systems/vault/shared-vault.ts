import { HalliganError } from '@halligan/format';
import { itemTitle, VAULT_NAMES } from './settings.ts';

/** A vault or collection that somebody may see. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * The shared vault that people look for in an emergency, among those that are seen: exactly one, by its exact name.
 * @param name the name that the settings demand; either, where they demand none
 * @throws `systems.vault-name` where there is none, `systems.vault-ambiguous` where there is more than one
 */
export function sharedVault<V extends Named>(seen: readonly V[], name: string | undefined): V {
  const names: readonly string[] = name === undefined ? VAULT_NAMES : [name];
  const wanted = names.map((one) => `“${one}”`).join(' or ');
  const [first, ...others] = seen.filter((one) => names.includes(one.name));
  if (first === undefined)
    throw new HalliganError(
      'systems.vault-name',
      `No vault that is seen here is named ${wanted}.`,
      'Name it exactly so, capitals and hyphen too, and let this credential see it: in an emergency people look for that name.',
    );
  if (others.length === 0) return first;
  throw new HalliganError(
    'systems.vault-ambiguous',
    `More than one vault is named ${wanted}: people could open either.`,
    'Rename the others, or say in the settings which of the two names is meant.',
  );
}

/** The one item of a title. @throws `systems.vault-ambiguous` */
export function onlyItem<I>(items: readonly I[], title: string): I | undefined {
  if (items.length <= 1) return items[0];
  throw new HalliganError(
    'systems.vault-ambiguous',
    `More than one item of the vault is titled “${title}”.`,
    'Look at who made them; leave the one that Halligan writes, or none. Nothing was overwritten.',
  );
}

/** What a person reads who finds an item. */
export const NOTE = [
  'Sealed by Halligan: ciphertext. Nobody opens it alone.',
  'To use it: halligan vault fetch, then docs/guides/open-a-seal-by-hand.md. Do not edit it by hand.',
].join('\n');

/** What a person does where no program reaches the vault; the last step is the proof. @param file with the entry’s text */
export function pasteSteps(system: string, file: string): readonly string[] {
  return [
    `In the app, in the vault “${VAULT_NAMES[0]}” (or “${VAULT_NAMES[1]}”): a secure note titled “${itemTitle(system)}”.`,
    `1Password: paste the text of ${file} into a text field labelled “entry”. Bitwarden: attach ${file}, a note is too short. Save.`,
    'On another device, signed in as another person: open the note, and copy the text, or download the file, to copied.txt.',
    `There: halligan vault fetch ${system} --pasted copied.txt --out check. It says whether they are the seals of the record; anything else is an alarm.`,
    `Delete ${file}, copied.txt and check. After each rotation, do this again: an older seal opens nothing.`,
  ];
}
