/** How far a claim holds. `asserted` says by whom; the server's word is not a proof, and neither is a person's. */
export type Verdict = 'PASS' | 'ASSERTED' | 'NOT PROVEN' | 'FAIL';

/** What a claim is about: the pack and its log, what happened, or what no pack can show. */
export type Topic = 'proof' | 'event' | 'limit';

/** One line of a verification. */
export interface Claim {
  readonly verdict: Verdict;
  /** `cryptographic`, `signed by ana`, `by the server`, or why it is not proven; a stable code where it failed. */
  readonly basis: string;
  readonly claim: string;
  readonly about: Topic;
  /** The next step, where it failed. */
  readonly hint?: string;
}

/** Adds a claim; about the proof where nothing else is said. */
export type Say = (verdict: Verdict, basis: string, claim: string, about?: Topic) => void;

/** Somebody's own words, under their signature. */
export function signed(by: string, claim: string): Claim {
  return { verdict: 'PASS', basis: `signed by ${by}`, claim, about: 'event' };
}

/** What follows from what was signed, whoever says otherwise. */
export function computed(claim: string): Claim {
  return { verdict: 'PASS', basis: 'cryptographic', claim, about: 'event' };
}

/** What was so in the world, by somebody's word. */
export function asserted(by: string, claim: string): Claim {
  return { verdict: 'ASSERTED', basis: `by ${by}`, claim, about: 'event' };
}

/** What should be on the record, and is not. */
export function lacking(claim: string): Claim {
  return { verdict: 'NOT PROVEN', basis: 'not on the record', claim, about: 'event' };
}

/** `ana`, `ana and ben`, `ana, ben and dana`. */
export function listed(names: readonly string[]): string {
  return names.length < 3
    ? names.join(' and ')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Widest first column of {@link claimLines}: a longer one, of a person with a long id, stands on a line of its own. */
const WIDEST = 34;

/** `PASS (signed by ana)  ana declared the emergency`: one line, for scripts and logs. */
export function claimLine({ verdict, basis, claim }: Claim): string {
  return `${`${verdict} (${basis})`.padEnd(WIDEST)} ${claim}`;
}

/**
 * The claims for a person's terminal: two columns, the second wrapped to the width, an empty line between topics.
 * @param columns of the terminal; below 60 the claim stands under its verdict
 */
export function claimLines(claims: readonly Claim[], columns: number): readonly string[] {
  const labels = claims.map(({ verdict, basis }) => `${verdict} (${basis})`);
  const column =
    columns < 60 ? 2 : Math.min(WIDEST, Math.max(0, ...labels.map(({ length }) => length)) + 2);
  return claims.flatMap(({ claim, about, hint }, at) => {
    const label = labels[at] ?? '';
    const width = Math.max(20, columns - column);
    const body = [
      ...wrapped(claim, width),
      ...(hint === undefined ? [] : wrapped(`hint: ${hint}`, width)),
    ];
    const apart = at > 0 && claims[at - 1]?.about !== about ? [''] : [];
    const [first = '', ...rest] = body;
    const head =
      label.length < column
        ? [`${label.padEnd(column)}${first}`]
        : [label, `${' '.repeat(column)}${first}`];
    return [...apart, ...head, ...rest.map((line) => `${' '.repeat(column)}${line}`)];
  });
}

/** 0 where nothing failed, 5 otherwise; strictly, what is not proven fails too. */
export function exitCodeOf(claims: readonly Claim[], strict = false): 0 | 5 {
  const bad = claims.some(
    ({ verdict }) => verdict === 'FAIL' || (strict && verdict === 'NOT PROVEN'),
  );
  return bad || claims.length === 0 ? 5 : 0;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
