import { type Block, code, type PrintedDocument, written } from '@halligan/paper';

/** What every sheet says, whatever lies in the envelope. */
export interface SheetFacts {
  readonly organisation: string;
  readonly account: string;
  /** The account's name as its system knows it, and where people sign in. */
  readonly name: string;
  readonly address: string;
  readonly version: number;
  readonly serial: string;
  /** RFC 3339: when the version was sealed. It dates the file, too, so that the same sheet is the same bytes. */
  readonly sealedAt: string;
}

/** A holder's share as it is printed: which one it is of how many, and its words. */
export interface ShareOnSheet {
  readonly path: string;
  readonly group: string;
  readonly holder: string;
  /** Such as `2 of keyholders, 1 of executives`. */
  readonly needs: string;
  /** The line that says whose and of what the share is. */
  readonly firstLine: string;
  readonly words: readonly string[];
}

/** What people write on by hand, because no program knows it. */
export const BLANKS = ['credential', 'pin', 'recovery-codes'] as const;
export type Blank = (typeof BLANKS)[number];

/** Who signs at the foot of a sheet. */
export const SIGNERS = ['holder', 'second person'];

/** Words on a line of the sheet, and of a question when they are read back. */
export const WORDS_A_LINE = 3;

/** The words of a share in numbered lines of three, as they stand on the sheet. */
export function lines(words: readonly string[]): readonly string[] {
  return Array.from({ length: Math.ceil(words.length / WORDS_A_LINE) }, (_, at) =>
    words
      .slice(at * WORDS_A_LINE, (at + 1) * WORDS_A_LINE)
      .map((word, index) =>
        `${String(at * WORDS_A_LINE + index + 1).padStart(2)} ${word}`.padEnd(16),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** The sheet with a holder's words. */
export function shareSheet(facts: SheetFacts, share: ShareOnSheet): PrintedDocument {
  const { path, group, holder, needs, firstLine, words } = share;
  return sheet(facts, `Share of ${holder}`, [
    {
      type: 'facts',
      rows: [
        {
          label: 'this is',
          value: [[`one share: holder ${holder}, group ${group}, path ${path}`]],
        },
        { label: 'it opens', value: [[`nothing alone: the path needs ${needs}`]] },
        {
          label: 'this is not',
          value: [
            ['a recovery key: these words are refused where the words of a key are asked for'],
          ],
        },
      ],
    },
    { type: 'heading', text: `The ${words.length} words` },
    { type: 'code', lines: lines(words) },
    { type: 'heading', text: 'In an emergency, without Halligan' },
    {
      type: 'list',
      items: [
        [
          'Open this envelope with the second person present; both sign its outside, with the time, before.',
        ],
        [
          'Any SLIP-39 program combines the words of the path’s holders. Type them in this order, on a machine that is offline.',
        ],
        [
          'The 32 bytes that come out are an age identity; with it age opens credential.age of the seal. Step by step: docs/guides/open-a-seal-by-hand.md.',
        ],
        ['The share as it was sealed begins with this line: ', code(firstLine)],
      ],
    },
  ]);
}

/** A sheet that is filled in by hand: what no program may know, or none does. */
export function blankSheet(facts: SheetFacts, blank: Blank): PrintedDocument {
  const fields: Readonly<Record<Blank, readonly string[]>> = {
    credential: ['user name', 'password', 'second factor', 'address', 'set on, by'],
    pin: ['hardware key, its serial', 'PIN', 'set on, by'],
    'recovery-codes': Array.from({ length: 10 }, (_, at) => `code ${at + 1}`),
  };
  const titles: Readonly<Record<Blank, string>> = {
    credential: 'Credential',
    pin: 'PIN of a hardware key',
    'recovery-codes': 'Recovery codes',
  };
  return sheet(facts, titles[blank], [
    {
      type: 'paragraph',
      content: [
        'Write by hand, in block letters, with a pen that does not fade. Tell 0 from O and 1 from l and I: cross the 0, serif the 1. The other person reads it back aloud, character by character.',
      ],
    },
    {
      type: 'facts',
      rows: fields[blank].map((label) => ({ label, value: [[LINE]] })),
    },
    ...(blank === 'pin'
      ? ([
          {
            type: 'paragraph',
            content: ['The key itself lies in another envelope, in another place.'],
          },
        ] satisfies Block[])
      : []),
  ]);
}

const LINE = '_'.repeat(58);

function sheet(facts: SheetFacts, what: string, blocks: readonly Block[]): PrintedDocument {
  const { organisation, account, version, serial, sealedAt } = facts;
  return {
    language: 'en',
    kind: 'SECRET: FOR A TAMPER-EVIDENT ENVELOPE',
    title: [`${what}, envelope ${serial.toUpperCase()}`],
    subtitle: [],
    running: `${organisation}, ${account} version ${version}, envelope ${serial.toUpperCase()}`,
    date: sealedAt,
    blocks: [
      {
        type: 'facts',
        rows: [
          { label: 'organisation', value: [[written(organisation)]] },
          {
            label: 'account',
            value: [[written(account), ', at its system ', written(facts.name)]],
          },
          { label: 'sign in at', value: [[written(facts.address)]] },
          { label: 'version', value: [[`${version}, sealed ${sealedAt.slice(0, 10)}`]] },
        ],
      },
      ...blocks,
      { type: 'heading', text: 'Seal it' },
      {
        type: 'list',
        items: [
          ['Fold the sheet twice, the writing inside, so that nothing shows against light.'],
          [
            `Put it into the tamper-evident envelope ${serial.toUpperCase()}, close it, and sign across the seal, both, with the date.`,
          ],
          [
            'Put it in its place together, register it, and destroy what it replaces. Leave no copy: not in the printer, not on the machine, not in a photograph.',
          ],
        ],
      },
    ],
  };
}
