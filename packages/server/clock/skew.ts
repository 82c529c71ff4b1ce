import { HalliganError } from '@halligan/format';
import { z } from 'zod';

/** Clocks that differ by less are taken to agree, milliseconds. */
const TOLERANCE = 5 * 60_000;

const said = z.looseObject({
  statement: z.looseObject({ by: z.string(), at: z.iso.datetime() }),
});

/**
 * By how much the clock of a person's device differs from the server's, milliseconds; undefined where they agree. Only
 * what the person signed themselves counts: others may have signed earlier. Which of the two is right, nobody knows.
 */
export function skewOf(
  signed: readonly unknown[],
  person: string,
  now: number,
): number | undefined {
  for (const one of signed) {
    const parsed = said.safeParse(one);
    if (!parsed.success || parsed.data.statement.by !== person) continue;
    const skew = Date.parse(parsed.data.statement.at) - now;
    if (Math.abs(skew) > TOLERANCE) return skew;
  }
  return undefined;
}

/** @returns `server.clock` @param why what the rules had against it besides */
export function clocksDiffer(skew: number, why?: string): HalliganError {
  const minutes = Math.round(Math.abs(skew) / 60_000);
  const apart = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return new HalliganError(
    'server.clock',
    `Your clock is ${apart} ${skew > 0 ? 'ahead of' : 'behind'} the server’s.${why === undefined ? '' : ` ${why}`}`,
    'Compare both with a clock that you trust, and set the wrong one. If it is the server’s and it cannot be set now, use the kit.',
  );
}
