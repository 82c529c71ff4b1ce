import { foreignCharacters, HalliganError, hiddenCharacter, visible } from '@halligan/format';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { checkedPolicy, LATEST_RULES, type Policy, type PolicyFault } from './policy.ts';
import { LATER_TIMERS } from './policy-schema.ts';

/** Characters of a policy's text: with its signatures it must fit a journal entry twice. */
const MOST_TEXT = 16_384;

/**
 * Reads a policy from YAML or JSON text, every default written out.
 * @throws `procedure.policy`, naming line, column and member; `procedure.one-person` where a path opens to fewer than
 *   two people
 */
export function parsePolicy(text: string): Policy {
  if (text.length > MOST_TEXT)
    throw refused(
      `This policy is longer than ${MOST_TEXT} characters.`,
      'Shorten it: it is kept in one entry of the journal.',
    );
  const lines = new LineCounter();
  // Two admins sign what they read: nothing in it may be invisible, or turn the text around it.
  const hidden = hiddenCharacter(text.replace(/^\ufeff/, ' '));
  if (hidden !== undefined)
    throw refused(
      `This policy has an invisible character, ${hidden.name}, at ${placeIn(text, hidden.index)}.`,
      'Delete it: a policy holds only what its readers see.',
    );
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw refused(
      `This policy is not YAML at line ${broken.linePos?.[0].line ?? 1}, column ${broken.linePos?.[0].col ?? 1}.`,
      visible(broken.message.split('\n')[0] ?? ''),
      broken,
    );
  const checked = checkedPolicy(plainOf(document));
  if ('fault' in checked) throw faultAt(checked.fault, document, lines);
  return { rules: LATEST_RULES, ...checked, timers: { ...LATER_TIMERS, ...checked.timers } };
}

/** @throws `procedure.policy` where the text has aliases: a few lines could grow to millions */
function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw refused('This policy has YAML aliases.', 'Write out what they stand for.', cause);
  }
}

function faultAt({ code, path, why, hint }: PolicyFault, document: Document, lines: LineCounter) {
  const node = deepestNode(document, path);
  const start = node?.range?.[0];
  const { line, col } = start === undefined ? { line: 1, col: 1 } : lines.linePos(start);
  const looks = foreignCharacters(isScalar(node) ? String(node.value) : String(path.at(-1) ?? ''));
  const only =
    looks.length === 0 ? '' : ` It holds ${looks.join(', ')}, which only looks familiar.`;
  return new HalliganError(
    code,
    `${visible(why)} Line ${line}, column ${col}.`,
    `${visible(hint)}.${only}`.replace(/\.\.$/, '.').replace(/\.\. /, '. '),
  );
}

/** The node at a path, or the last one on the way to it: what is missing is missing there. */
function deepestNode(document: Document, path: readonly PropertyKey[]): Node | undefined {
  let node: unknown = document.contents;
  for (const key of path) {
    const next = childOf(node, key);
    if (next === undefined) break;
    node = next;
  }
  return isNode(node) ? node : undefined;
}

/** The value under a key, or the key itself where it has none or is what nobody knows. */
function childOf(node: unknown, key: PropertyKey): unknown {
  if (isMap(node)) {
    const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === key);
    return pair === undefined ? undefined : (pair.value ?? pair.key);
  }
  return isNode(node) && 'get' in node && typeof node.get === 'function'
    ? node.get(key, true)
    : undefined;
}

function placeIn(text: string, index: number): string {
  const before = text.slice(0, index).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function refused(why: string, hint: string, cause?: unknown): HalliganError {
  return new HalliganError('procedure.policy', why, hint, { cause });
}
