import { resolve } from 'node:path';
import { HalliganError } from '@halligan/format';

/** A place where kits are kept, as the server's settings have it. */
export interface KitPlace {
  readonly name: string;
  readonly folder: string;
  readonly offServer: boolean;
  readonly offline?: boolean;
  readonly idpFree?: boolean;
  readonly git?: boolean;
  readonly vault?: boolean;
}

/** What a place may be said to be; `git`: the folder is a repository; `vault`: it holds a vault’s settings. */
const CLAIMS: ReadonlySet<string> = new Set(['off-server', 'offline', 'idp-free', 'git', 'vault']);

/** Reads `name:folder[:off-server,offline,idp-free,git,vault]`. @throws `cli.kit-place` */
export function kitPlace(text: string): KitPlace {
  const [, name, place] = /^([a-z0-9-]{1,63}):(.+)$/.exec(text) ?? [];
  if (name === undefined || place === undefined) throw notAPlace();
  const at = place.lastIndexOf(':');
  const words = place.slice(at + 1).split(',');
  const isClaimed = at > 0 && words.every((word) => CLAIMS.has(word));
  // A word that is mistaken must not become part of a folder's name, and the claim be lost.
  if (at > 0 && !isClaimed && /^[a-z][a-z,-]*$/.test(place.slice(at + 1))) throw notAPlace();
  const claims = new Set(isClaimed ? words : []);
  // A vault is reached over a network, and is no folder of files.
  if (claims.has('vault') && (claims.has('git') || claims.has('offline'))) throw notAPlace();
  return {
    name,
    folder: resolve(isClaimed ? place.slice(0, at) : place),
    offServer: claims.has('off-server'),
    ...(claims.has('offline') ? { offline: true } : {}),
    ...(claims.has('idp-free') ? { idpFree: true } : {}),
    ...(claims.has('git') ? { git: true } : {}),
    ...(claims.has('vault') ? { vault: true } : {}),
  };
}

function notAPlace(): HalliganError {
  return new HalliganError(
    'cli.kit-place',
    '--kit-place is not name:folder or name:folder:off-server,offline,idp-free,git,vault.',
    'Such as --kit-place usb-stick:/media/kit:off-server,offline,idp-free',
  );
}
