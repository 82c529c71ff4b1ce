/** Examples in the documents of docs/formats: fenced blocks whose info string is `json <kind>`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../packages/format/index.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'formats');

export interface Example {
  readonly kind: string;
  readonly value: Json;
}

/** Names of the documents. */
export function documentNames(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.md'));
}

export function documentText(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

export function examplesOf(markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```json ([a-z-]+)\n(.*?)^```$/gms)].map(
    ([, kind = '', block = '']): Example => ({ kind, value: JSON.parse(block) }),
  );
}
