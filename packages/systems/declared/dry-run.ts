import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { SystemConfig } from '../config.ts';
import type { CommandRun } from './command-config.ts';
import type { HttpConfig, HttpRequest } from './http-config.ts';
import { fillRequest } from './http-exchange.ts';
import { fillText, type Values } from './template.ts';

/** One step as it would be done: `inspect`, `set`, `prove`, `sign out`. */
export interface DryStep {
  readonly step: string;
  readonly lines: readonly string[];
}

/** What stands in the places of secrets. */
const SHOWN = {
  password: utf8('‹password›'),
  old: utf8('‹old password›'),
  credential: utf8('‹credential›'),
};

/**
 * What declared settings would do to an account, with nothing sent and nothing run.
 * @throws `systems.no-dry-run` where the steps are a driver's own
 */
export function dryRun(config: SystemConfig, account: string): readonly DryStep[] {
  const values = { ...SHOWN, account: utf8(checkAccountName(account)) };
  switch (config.driver) {
    case 'http':
      return [
        ...(config.inspect === undefined
          ? []
          : [httpStep('inspect', config, config.inspect.request, values)]),
        httpStep('set', config, config.set.request, values),
        httpStep('prove', config, config.prove.request, values),
        ...(config.prove.signOut === undefined
          ? []
          : [httpStep('sign out', config, config.prove.signOut, values)]),
      ];
    case 'command':
      return [
        ...(config.inspect === undefined
          ? []
          : [commandStep('inspect', config.inspect.run, values)]),
        commandStep('set', config.set.run, values),
        commandStep('prove', config.prove.run, values),
      ];
    default:
      throw new HalliganError(
        'systems.no-dry-run',
        'The steps of this driver are its own; settings do not declare them.',
        'See what is missing instead: halligan system check.',
      );
  }
}

function httpStep(step: string, config: HttpConfig, asked: HttpRequest, values: Values): DryStep {
  const { basic, ...rest } = asked;
  const { method, url, headers, body } = fillRequest(config, rest, values);
  const named = Object.entries(headers).filter(([name]) => name !== 'content-length');
  return {
    step,
    lines: [
      `${method} ${url}`,
      ...named.map(([name, text]) => `${name}: ${text}`),
      ...(basic === undefined
        ? []
        : [
            `authorization: Basic of ${fillText(basic.user, values)}:${fillText(basic.password, values)}`,
          ]),
      ...(body === undefined ? [] : ['', utf8Text(body)]),
    ],
  };
}

function commandStep(step: string, run: CommandRun, values: Values): DryStep {
  return {
    step,
    lines: [
      [run.program, ...run.arguments.map((text) => fillText(text, values))]
        .map((word) => JSON.stringify(word))
        .join(' '),
      ...(run.input === undefined ? [] : [`standard input: ${fillText(run.input, values)}`]),
      ...run.descriptors.map((field, at) => `descriptor ${at + 3}: ‹${field}›`),
    ],
  };
}
