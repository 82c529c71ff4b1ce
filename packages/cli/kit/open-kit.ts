import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PersonHome } from '../person-home.ts';

/** Whether this person works from a kit just now. */
export function isKitOpen(home: PersonHome): boolean {
  return existsSync(join(kitFolder(home), 'kit'));
}

/** Where a person's device keeps the kit that it works from, and what was said there. */
export function kitFolder(home: PersonHome): string {
  return join(home.folder, 'offline');
}
