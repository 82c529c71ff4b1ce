import { HalliganError } from '@halligan/format';

/** What a device saw of the log, as `halligan backup seen` prints it and people read it to each other. @throws `cli.usage` */
export function seenOf(text: string): { readonly size: number; readonly root: string } {
  const [, size, root] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  if (size !== undefined && root !== undefined) return { size: Number(size), root };
  throw new HalliganError(
    'cli.usage',
    `“${text.slice(0, 80)}” is not what a device saw.`,
    'It is SIZE:ROOT, as halligan backup seen prints it.',
  );
}
