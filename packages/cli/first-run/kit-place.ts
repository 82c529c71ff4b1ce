import { resolve } from 'node:path';
import { HalliganError } from '@halligan/format';

/** A place where kits are kept, as the server's settings have it. */
export interface KitPlace {
  readonly name: string;
  readonly folder: string;
  readonly offServer: boolean;
}

const OFF_SERVER = ':off-server';

/** Reads `name:folder[:off-server]`. @throws `cli.kit-place` */
export function kitPlace(text: string): KitPlace {
  const offServer = text.endsWith(OFF_SERVER);
  const rest = offServer ? text.slice(0, -OFF_SERVER.length) : text;
  const [, name, folder] = /^([a-z0-9-]{1,63}):(.+)$/.exec(rest) ?? [];
  if (name !== undefined && folder !== undefined)
    return { name, folder: resolve(folder), offServer };
  throw new HalliganError(
    'cli.kit-place',
    '--kit-place is not name:folder or name:folder:off-server.',
    'Such as --kit-place usb-stick:/media/kit:off-server',
  );
}
