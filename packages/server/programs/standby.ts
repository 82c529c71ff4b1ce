import { type Program, reach, type Transport, type Whereabouts } from './transport.ts';

/**
 * How long a program stands by at most, milliseconds. With the longest conversation it stays below the ten minutes that
 * its unit lets it run.
 */
const LONGEST = 240_000;

/** Programs that stand by, one of each. */
const ready = new Map<string, { readonly transport: Transport; readonly timer: NodeJS.Timeout }>();
/** Programs that hold a conversation. */
const talking = new Set<string>();

/** What a program is known by here. */
export function nameOf(where: Whereabouts): string {
  return 'keys' in where ? where.keys : where.socket;
}

/**
 * Starts a program that will be needed soon: most of what a conversation takes is loading it. Until it is asked its
 * first question it has read no key and taken no lock. Does nothing where one stands by, or talks.
 */
export function standBy(program: Program, where: Whereabouts): void {
  const name = nameOf(where);
  if (talking.has(name) || ready.has(name)) return;
  const transport = reach(program, where);
  const timer = setTimeout(() => void standDown(where), LONGEST);
  ready.set(name, { transport, timer: timer.unref() });
  // It says nothing before it is asked; that it went is noticed.
  const forget = () => {
    if (ready.get(name)?.transport === transport) void standDown(where);
  };
  transport.from.once('end', forget).once('close', forget).resume();
}

/** Lets a program go that stands by; resolves when it has gone. */
export async function standDown(where: Whereabouts): Promise<void> {
  const transport = taken(where);
  if (transport === undefined) return;
  const gone = transport.gone().catch(() => undefined);
  transport.to.end();
  await gone;
}

/** The way to a program: the one that stands by, where there is one, or one that is started now. */
export function begin(program: Program, where: Whereabouts): Transport {
  const transport = taken(where) ?? reach(program, where);
  const name = nameOf(where);
  talking.add(name);
  const over = () => void talking.delete(name);
  void transport.gone().then(over, over);
  return transport;
}

function taken(where: Whereabouts): Transport | undefined {
  const name = nameOf(where);
  const waiting = ready.get(name);
  ready.delete(name);
  clearTimeout(waiting?.timer);
  return waiting?.transport;
}
