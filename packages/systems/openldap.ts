import { HalliganError } from '@halligan/format';
import type { Driver } from './driver.ts';
import type { OpenldapConfig } from './openldap-config.ts';

export function openOpenldapDriver(
  _config: OpenldapConfig,
  _secret: Uint8Array | undefined,
): Driver {
  throw new HalliganError('systems.unfinished', 'The OpenLDAP driver comes next.', 'Wait.');
}
