import { HalliganError } from '@halligan/format';
import { ROLES, type Role } from '@halligan/statement';
import { z } from 'zod';
import type { Device } from '../device.ts';
import type { Terminal } from '../terminal.ts';
import { type Card, cardDigest, cardFrom } from './card.ts';
import { compareWords } from './compared-words.ts';

const answerSchema = z.object({ waiting: z.array(z.unknown()).max(64) });

/** Cards of those who ask to join: what the server says, which may be somebody else's keys under their names. */
export async function waitingCards(device: Device): Promise<readonly Card[]> {
  await device.signIn();
  const { waiting } = answerSchema.parse(await device.api.get('/v1/join'));
  return Promise.all(waiting.map((one) => cardFrom(one, 'What the server shows')));
}

/**
 * The card of somebody who waits, compared with them by voice. The server is the adversary: it could show its own
 * keys as theirs, and would be sealed to from then on.
 * @throws `server.join`, `cli.card-words`, `cli.no-terminal`
 */
export async function comparedCard(
  terminal: Terminal,
  device: Device,
  id: string,
  words: string | undefined,
): Promise<Card> {
  const card = (await waitingCards(device)).find((one) => one.id === id);
  if (card === undefined)
    throw new HalliganError(
      'server.join',
      `Nobody called “${id}” asks to join.`,
      'They run halligan join first; once more, where the server was started since.',
    );
  await compareCard(terminal, card, words);
  return card;
}

/** @throws `cli.card-words`, `cli.no-terminal` */
export async function compareCard(
  terminal: Terminal,
  card: Card,
  words: string | undefined,
): Promise<void> {
  await compareWords(
    terminal,
    {
      digest: cardDigest(card),
      code: 'cli.card-words',
      what: `the card words of ${card.id}`,
      from: 'as they read them to you',
      hint: 'Admit nobody. Ask them for halligan person card; if their words differ from these, tell security.',
    },
    words,
  );
}

/** Roles as an admin lists them. @throws `cli.roles` */
export function rolesFrom(text: string): readonly Role[] {
  const names = text
    .split(',')
    .map((role) => role.trim())
    .filter(Boolean);
  const roles = names.flatMap((name) => ROLES.find((known) => known === name) ?? []);
  if (roles.length === names.length) return [...new Set(roles)];
  throw new HalliganError(
    'cli.roles',
    'One of these is no role.',
    `Roles, separated by commas: ${ROLES.join(', ')}.`,
  );
}
