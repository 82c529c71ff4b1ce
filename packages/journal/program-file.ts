/**
 * The file that runs a program of ours: its source, where its caller runs from source. `scripts/bundle.ts` puts another
 * function here: what runs from a bundle starts the programs beside it, which were made of the same sources.
 */
export function programFile(source: string): string {
  return source;
}
