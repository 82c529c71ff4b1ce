import type { Command } from 'commander';
import { everyCommand, type Placed } from './walk.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** What may follow at one place of the tree. */
interface Offer {
  readonly word: string;
  readonly description: string;
}

/** A script that completes commands, options and the values that options choose from. Pure: the same tree, the same script. */
export function completionFor(shell: string, root: Placed): string {
  switch (shell) {
    case 'zsh':
      return zsh(root);
    case 'fish':
      return fish(root);
    default:
      return bash(root);
  }
}

/** Subcommands, then options; the program’s own options go everywhere. */
function offers({ command, children, path }: Placed, root: Placed): readonly Offer[] {
  return [
    ...children.map((child) => ({
      word: child.command.name(),
      description: child.command.description(),
    })),
    ...optionsOf(command),
    ...(path === '' ? [] : optionsOf(root.command)),
  ];
}

function optionsOf(command: Command): readonly Offer[] {
  return command.options.flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ word: long, description }],
  );
}

/** Words that go one step down, by `place word`. */
function steps(root: Placed): readonly string[] {
  return everyCommand(root).flatMap(({ path }) => (path === '' ? [] : [path]));
}

/** Values of options that have a choice, by `place --option`. */
function choices(root: Placed): readonly (readonly [place: string, values: readonly string[]])[] {
  return everyCommand(root).flatMap(({ path, command }) => [
    ...command.options.flatMap(({ long, argChoices }): [string, readonly string[]][] =>
      long && argChoices !== undefined ? [[`${path} ${long}`, argChoices]] : [],
    ),
  ]);
}

/** A text between single quotes, as every POSIX shell reads it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function bash(root: Placed): string {
  return [
    '# halligan completion bash > /etc/bash_completion.d/halligan',
    '_halligan() {',
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" place="" offers="" word`,
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    `    case "\${place:+$place }$word" in`,
    `      ${steps(root).map(quoted).join('|')}) place="\${place:+$place }$word" ;;`,
    '    esac',
    '  done',
    '  case "$place $prev" in',
    ...choices(root).map(
      ([at, values]) => `    ${quoted(at)}) offers=${quoted(values.join(' '))} ;;`,
    ),
    '  esac',
    '  if [ -z "$offers" ]; then case "$place" in',
    ...everyCommand(root).map((one) => {
      const words = offers(one, root).map(({ word }) => word);
      return `    ${quoted(one.path)}) offers=${quoted(words.join(' '))} ;;`;
    }),
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$offers" -- "$cur"))',
    '}',
    'complete -o default -F _halligan halligan',
    '',
  ].join('\n');
}

function zsh(root: Placed): string {
  const entry = ({ word, description }: Offer) =>
    quoted(`${word.replaceAll(':', '\\:')}:${description}`);
  return [
    '#compdef halligan',
    '_halligan() {',
    `  local place="" word previous="\${words[CURRENT-1]}"`,
    '  local -a offers',
    `  for word in "\${(@)words[2,CURRENT-1]}"; do`,
    `    case "\${place:+$place }$word" in`,
    `      ${steps(root)
      .map((step) => quoted(step))
      .join('|')}) place="\${place:+$place }$word" ;;`,
    '    esac',
    '  done',
    '  case "$place $previous" in',
    ...choices(root).map(
      ([at, values]) => `    ${quoted(at)}) compadd -- ${values.map(quoted).join(' ')}; return ;;`,
    ),
    '  esac',
    '  case "$place" in',
    ...everyCommand(root).map(
      (one) => `    ${quoted(one.path)}) offers=(${offers(one, root).map(entry).join(' ')}) ;;`,
    ),
    '  esac',
    "  _describe 'halligan' offers || _files",
    '}',
    'if [ "$funcstack[1]" = _halligan ]; then _halligan "$@"; else compdef _halligan halligan; fi',
    '',
  ].join('\n');
}

function fish(root: Placed): string {
  const at = (path: string) => `-n ${quoted(`test (__halligan_place) = "${path}"`)}`;
  return [
    'function __halligan_place',
    '  set -l place ""',
    '  for word in (commandline -opc)[2..-1]',
    '    switch (string trim -- "$place $word")',
    `      case ${steps(root).map(quoted).join(' ')}`,
    '        set place (string trim -- "$place $word")',
    '    end',
    '  end',
    '  echo "$place"',
    'end',
    ...everyCommand(root).flatMap((one) => [
      ...one.children.map(
        ({ command }) =>
          `complete -c halligan -f ${at(one.path)} -a ${quoted(command.name())} -d ${quoted(command.description())}`,
      ),
      ...one.command.options.flatMap(({ long, description, argChoices, required, optional }) => {
        if (!long) return [];
        const takes = required || optional ? ' -r' : '';
        const values = argChoices === undefined ? '' : ` -f -a ${quoted(argChoices.join(' '))}`;
        const where = one.path === '' ? '' : ` ${at(one.path)}`;
        return [
          `complete -c halligan${where} -l ${long.slice(2)}${takes}${values} -d ${quoted(description)}`,
        ];
      }),
    ]),
    '',
  ].join('\n');
}
