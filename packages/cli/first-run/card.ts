import { digestOf, HalliganError, utf8, utf8Text } from '@halligan/format';
import { kindOfRecipient, recipientOf } from '@halligan/seal';
import { type Member, memberSchema, signRecipient, verifyRecipient } from '@halligan/statement';
import { jsonOf, type PersonKeys } from '../person-home.ts';
import { wordsOfDigest } from './compared-words.ts';

/**
 * A person's public card: id, signing key and self-signed recipient, as a member without roles. Roles are given by
 * those who admit the person, so whoever carries a card cannot give themselves any.
 */
export type Card = Member;

/** Makes the card of a person's keys. The same keys give the same card, but for security keys, whose signatures count. */
export async function cardOf(person: string, keys: PersonKeys): Promise<Card> {
  const { identity, signing } = keys;
  const recipient = await recipientOf(identity);
  return {
    id: person,
    kind: 'person',
    signing: keys.signers ?? [signing.publicKey],
    recipient,
    recipientSignature: await signRecipient(person, recipient, signing),
    roles: [],
  };
}

/** SHA-256 of a card, whatever roles it was given, hexadecimal: what its words are the words of. */
export function cardDigest(card: Card): string {
  return digestOf({ ...card, roles: [] });
}

/** The words by which two people make sure, by voice, that they look at the same card. */
export function cardWords(card: Card): readonly string[] {
  return wordsOfDigest(cardDigest(card));
}

/** A card as a file: one line of JSON. */
export function cardFile(card: Card): Uint8Array {
  return utf8(`${JSON.stringify({ v: 'halligan/card/v1', card })}\n`);
}

/**
 * Reads a card that came as a file or from a server: an attacker may have written it.
 * @throws `cli.card` where it is none, `statement.signature` where its recipient is not its owner's
 */
export async function cardFrom(json: unknown, where: string): Promise<Card> {
  const parsed = memberSchema.safeParse(json);
  if (!parsed.success || parsed.data.kind !== 'person') throw notACard(where);
  const card = { ...parsed.data, roles: [] };
  kindOfRecipient(card.recipient);
  await verifyRecipient({ ...card, person: card.id });
  return card;
}

/** @throws as {@link cardFrom} */
export async function readCard(bytes: Uint8Array, where: string): Promise<Card> {
  const json = jsonOf(utf8Text(bytes));
  if (typeof json !== 'object' || json === null || !('v' in json) || !('card' in json))
    throw notACard(where);
  if (json.v !== 'halligan/card/v1') throw notACard(where);
  return cardFrom(json.card, where);
}

function notACard(where: string): HalliganError {
  return new HalliganError(
    'cli.card',
    `${where} is not a person’s card.`,
    'The person writes it on their own device: halligan person card --out FILE.',
  );
}
