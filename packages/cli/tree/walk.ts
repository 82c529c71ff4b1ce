import type { Command } from 'commander';

/** A command at its place in the tree: `emergency declare`; the program itself has an empty path. */
export interface Placed {
  readonly path: string;
  readonly command: Command;
  readonly children: readonly Placed[];
}

/** The tree below a command, in the order of its help. Commands that commander adds itself are no part of it. */
export function placed(command: Command, path = ''): Placed {
  return {
    path,
    command,
    children: command.commands.map((child) => placed(child, `${path} ${child.name()}`.trim())),
  };
}

/** The same, flat: each command before its children. */
export function everyCommand(root: Placed): readonly Placed[] {
  return [root, ...root.children.flatMap(everyCommand)];
}

/** How a command is called, without the program’s name: `note <text>`, arguments and all. */
export function usageOf({ path, command }: Placed): string {
  const parameters = command.registeredArguments.map((one) => {
    const name = `${one.name()}${one.variadic ? '...' : ''}`;
    return one.required ? `<${name}>` : `[${name}]`;
  });
  return [path, ...parameters].join(' ');
}
