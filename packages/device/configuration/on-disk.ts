import { readFile } from 'node:fs/promises';
import { HalliganError } from '@halligan/format';
import { CONFIGURATION_FILES, type Configuration, readConfiguration } from './configuration.ts';

/** Far more than anybody configures by hand. */
const LONGEST = 1 << 20;

/**
 * What is configured on this machine. @param file in place of the files that are looked for; it must be there
 * @throws `device.config`
 */
export async function configurationOn(file: string | undefined): Promise<Configuration> {
  const paths = file === undefined ? CONFIGURATION_FILES : [file];
  const files = await Promise.all(
    paths.map(async (path) => {
      return { path, text: await textOf(path, file !== undefined) };
    }),
  );
  return readConfiguration(files);
}

/** A file that cannot be read is not one that is not there: it may say that the feature is off. */
async function textOf(path: string, isNamed: boolean): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if (!isNamed && codeOf(cause) === 'ENOENT') return undefined;
    throw new HalliganError(
      'device.config',
      `${path} cannot be read.`,
      'Check the path and its permissions.',
      { cause },
    );
  }
  try {
    if (bytes.length > LONGEST) throw new RangeError('too long');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HalliganError(
      'device.config',
      `${path} is no text in UTF-8 of at most 1 MiB.`,
      'Check that it is the configuration.',
      { cause },
    );
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
