import { HalliganError } from '@halligan/format';

/** What is wrong in a configuration, by file and line: it never becomes a default in silence. */
export function invalid(file: string, line: number, what: string, hint: string): HalliganError {
  return new HalliganError('device.config', `${file}, line ${line}: ${what}.`, hint);
}
