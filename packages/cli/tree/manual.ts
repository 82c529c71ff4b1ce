import type { Option } from 'commander';
import { EXIT_MEANINGS } from '../exit-codes.ts';
import { exampleOf } from './examples.ts';
import { everyCommand, type Placed, usageOf } from './walk.ts';

/** What the program looks at besides its options. */
const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['HALLIGAN_ORG', 'the organisation, where --org names none'],
  ['HALLIGAN_PERSON_HOME', 'the folder of your keys and pins, in place of the usual one'],
  ['HALLIGAN_HOME', 'the server’s data folder'],
  ['SSH_AUTH_SOCK', 'the ssh-agent that holds your security keys'],
  ['XDG_CONFIG_HOME, XDG_DATA_HOME', 'where the usual folders lie'],
];

const FILES: readonly (readonly [name: string, meaning: string])[] = [
  ['~/.config/halligan/ORGANISATION/', 'your keys, pins and the last checkpoint that you saw'],
  ['~/.local/share/halligan/', 'the server’s data, where HALLIGAN_HOME names no other folder'],
];

/** The manual page of the whole program, for man(1): roff with the macros of man(7). */
export function rootManual(root: Placed): string {
  const terms = (rows: readonly (readonly [string, string])[]) =>
    rows.flatMap(([term, meaning]) => ['.TP', `.B ${roff(term)}`, roff(meaning)]);
  const options = (list: readonly Option[]) =>
    terms(list.map((option) => [option.flags, optionText(option)] as const));
  return [
    '.TH HALLIGAN 1 "" "halligan" "Halligan"',
    '.SH NAME',
    'halligan \\- emergency access: sealed credentials that only a quorum opens',
    '.SH SYNOPSIS',
    '.B halligan',
    '.RI [ options ] " command " [ arguments ]',
    '.SH DESCRIPTION',
    'Without a command it shows what is due from you, with the command that does it.',
    'Data goes to standard output, messages to standard error.',
    '.SH OPTIONS',
    ...options(root.command.options),
    '.SH COMMANDS',
    ...everyCommand(root)
      .filter(({ path }) => path !== '')
      .flatMap((one) => [
        `.SS ${roff(`halligan ${usageOf(one)}`)}`,
        roff(sentence(one.command.description())),
        ...options(one.command.options),
        ...(one.children.length > 0
          ? []
          : [
              '.PP',
              'Example:',
              '.PP',
              '.EX',
              roff(`halligan ${exampleOf(one.path) ?? ''}`),
              '.EE',
            ]),
      ]),
    '.SH EXIT STATUS',
    ...terms(Object.entries(EXIT_MEANINGS)),
    '.SH ENVIRONMENT',
    ...terms(ENVIRONMENT),
    '.SH FILES',
    ...terms(FILES),
    '',
  ].join('\n');
}

/** A line of text that roff prints as it stands. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replace(/^[.']/, '\\&$&');
}

/** The guide of every command, for docs/guides/command-line.md. */
export function markdownGuide(root: Placed): string {
  return [
    '# The command line',
    '',
    'Every command of `halligan`, written by `halligan man --format markdown`. Data goes to standard output (`--json`: one',
    'value), messages to standard error. Bare `halligan` shows what is due from you, with the command that does it.',
    '',
    ...optionRows(root.command.options),
    ...root.children.flatMap((group) => [
      `## ${group.path}`,
      '',
      `${sentence(group.command.description())}`,
      '',
      ...(group.children.length === 0 || group.command.registeredArguments.length > 0
        ? commandText(group)
        : optionRows(group.command.options)),
      ...group.children.flatMap((one) => [
        `### ${one.path}`,
        '',
        `${sentence(one.command.description())}`,
        '',
        ...commandText(one),
      ]),
    ]),
    '## Exit codes',
    '',
    '| exit | means |',
    '|-|-|',
    ...Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    '## Environment',
    '',
    '| variable | is |',
    '|-|-|',
    ...ENVIRONMENT.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
  ].join('\n');
}

function commandText(one: Placed): readonly string[] {
  return [
    '```text',
    `halligan ${usageOf(one)}${one.command.options.length > 0 ? ' [options]' : ''}`,
    `halligan ${exampleOf(one.path, one.children[0]?.path) ?? ''}`,
    '```',
    '',
    ...optionRows(one.command.options),
  ];
}

function optionRows(options: readonly Option[]): readonly string[] {
  if (options.length === 0) return [];
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '\\<');
  return [
    '| option | |',
    '|-|-|',
    ...options.map(
      (option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${cell(optionText(option))} |`,
    ),
    '',
  ];
}

function optionText({ description, argChoices, mandatory }: Option): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  return `${description}${choices}${mandatory ? '; required' : ''}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
