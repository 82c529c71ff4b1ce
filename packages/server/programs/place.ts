import { join } from 'node:path';
import type { ServerParts } from '../parts.ts';
import type { Program, Whereabouts } from './transport.ts';

/** Where the server finds a program: behind its unit's socket, or as a child with keys among the server's. */
export function programOf(
  { home, settings }: Pick<ServerParts, 'home' | 'settings'>,
  program: Program,
): Whereabouts {
  const place = settings.programs?.[program];
  return place === undefined ? { keys: join(home.keys, program) } : { socket: place.socket };
}
