/**
 * A map that is never changed, only replaced: a new one costs the same however much it holds, since it shares with the
 * one before whatever did not change. A tree of plain objects, by the last characters of the ids, which are digests. It
 * keeps none of what it holds in order.
 */
export interface Shelf<Item> {
  /** Up to {@link MOST_TOGETHER} of them, by id; or, once there were more, shelves by the id's next character. */
  readonly items?: Readonly<Record<string, Item>>;
  readonly shelves?: Readonly<Record<string, Shelf<Item>>>;
  /** The earliest time that anything on it waits since; undefined where nothing waits. */
  readonly since?: string;
}

/** What a shelf asks of what it holds. */
export interface Shelving<Item> {
  readonly idOf: (item: Item) => string;
  /** RFC 3339: since when it waits for something that only time brings about; undefined where it does not. */
  readonly sinceOf: (item: Item) => string | undefined;
}

/** A few of them are as quickly copied as a level of the tree. */
const MOST_TOGETHER = 16;

export const EMPTY_SHELF: Shelf<never> = { items: {} };

/** What has this id; undefined where nothing has. */
export function shelved<Item>(shelf: Shelf<Item>, id: string): Item | undefined {
  let part: Shelf<Item> | undefined = shelf;
  for (let depth = 0; part?.shelves !== undefined; depth += 1)
    part = own(part.shelves, branchOf(id, depth));
  return own(part?.items, id);
}

/** A shelf with one more, or with another in the place of what had its id. */
export function shelve<Item>(
  shelf: Shelf<Item>,
  item: Item,
  shelving: Shelving<Item>,
  depth = 0,
): Shelf<Item> {
  const id = shelving.idOf(item);
  if (shelf.shelves !== undefined) {
    const branch = branchOf(id, depth);
    const below = own(shelf.shelves, branch) ?? EMPTY_SHELF;
    const shelves = { ...shelf.shelves, [branch]: shelve(below, item, shelving, depth + 1) };
    return dated(
      { shelves },
      Object.values(shelves).map(({ since }) => since),
    );
  }
  const items = { ...shelf.items, [id]: item };
  const all = Object.values(items);
  if (all.length <= MOST_TOGETHER) return dated({ items }, all.map(shelving.sinceOf));
  return all.reduce<Shelf<Item>>((parted, each) => shelve(parted, each, shelving, depth), {
    shelves: {},
  });
}

/** A shelf of all these, each with an id of its own: what putting one after the other would come to, sooner. */
export function shelfOf<Item>(
  all: readonly Item[],
  shelving: Shelving<Item>,
  depth = 0,
): Shelf<Item> {
  const { idOf, sinceOf } = shelving;
  if (all.length <= MOST_TOGETHER)
    return dated(
      { items: Object.fromEntries(all.map((item) => [idOf(item), item])) },
      all.map(sinceOf),
    );
  const shelves: Record<string, Shelf<Item>> = {};
  for (const [branch, part] of Map.groupBy(all, (item) => branchOf(idOf(item), depth)))
    shelves[branch] = shelfOf(part, shelving, depth + 1);
  return dated(
    { shelves },
    Object.values(shelves).map(({ since }) => since),
  );
}

/** Everything on it, in an order that does not depend on how it came there. */
export function* onShelf<Item>(shelf: Shelf<Item>): Generator<Item> {
  for (const [, item] of sorted(shelf.items)) yield item;
  for (const [, part] of sorted(shelf.shelves)) yield* onShelf(part);
}

/** What was put there since it was another shelf; everything where there was none. Costs what it yields. */
export function* putSince<Item>(
  shelf: Shelf<Item>,
  before: Shelf<Item> | undefined,
): Generator<Item> {
  if (shelf === before) return;
  for (const [id, item] of sorted(shelf.items)) if (own(before?.items, id) !== item) yield item;
  // One that had no branches yet held all that its branches hold now.
  for (const [branch, part] of sorted(shelf.shelves))
    yield* putSince(part, before?.shelves === undefined ? before : own(before.shelves, branch));
}

/** What may wait since a time for which this holds; it must hold for every earlier time as well. */
export function* waitingSince<Item>(
  shelf: Shelf<Item>,
  isLong: (since: string) => boolean,
): Generator<Item> {
  if (shelf.since === undefined || !isLong(shelf.since)) return;
  for (const [, item] of sorted(shelf.items)) yield item;
  for (const [, part] of sorted(shelf.shelves)) yield* waitingSince(part, isLong);
}

function dated<Item>(shelf: Shelf<Item>, times: readonly (string | undefined)[]): Shelf<Item> {
  let since: string | undefined;
  for (const time of times)
    if (time !== undefined && (since === undefined || Date.parse(time) < Date.parse(since)))
      since = time;
  return since === undefined ? shelf : { ...shelf, since };
}

function branchOf(id: string, depth: number): string {
  return id.at(-1 - depth) ?? '';
}

function own<Value>(
  record: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function sorted<Value>(
  record: Readonly<Record<string, Value>> = {},
): readonly (readonly [string, Value])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
