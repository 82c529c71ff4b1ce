import { HalliganError } from '@halligan/format';
import { openActiveDirectoryDriver } from './active-directory/driver.ts';
import type { SystemConfig } from './config.ts';
import { openCommandDriver } from './declared/command.ts';
import { openHttpDriver } from './declared/http.ts';
import type { Driver } from './driver.ts';
import { openMysqlDriver } from './mysql/driver.ts';
import { openOpenbaoDriver } from './openbao/driver.ts';
import { openOpenldapDriver } from './openldap/driver.ts';
import { openPostgresqlDriver } from './postgresql/driver.ts';
import { type Clock, openPracticeDriver } from './practice/driver.ts';
import { openSshDriver } from './ssh/driver.ts';

export interface Surroundings {
  readonly now?: Clock;
  /** Whether programs that settings name may be run here: by the rotator, and by an admin's own hand. */
  readonly runsPrograms?: boolean;
}

/**
 * The driver of a system. Nothing is connected yet.
 * @param secret the driver's own credential (for OpenLDAP the rotator's bind password), copied; a person's device,
 * which only proves, has none
 * @throws `systems.by-hand` where people do it; `systems.plaintext` when passwords would cross a network unencrypted
 */
export function openDriver(
  config: SystemConfig,
  secret: Uint8Array | undefined,
  surroundings: Surroundings = {},
): Driver {
  switch (config.driver) {
    case 'practice':
      return openPracticeDriver(config.folder, surroundings.now);
    case 'openldap':
      return openOpenldapDriver(config, secret);
    case 'active-directory':
      return openActiveDirectoryDriver(config, secret);
    case 'ssh':
      return openSshDriver(config, secret);
    case 'openbao':
      return openOpenbaoDriver(config, secret);
    case 'postgresql':
      return openPostgresqlDriver(config, secret);
    case 'http':
      return openHttpDriver(config, secret);
    case 'command':
      if (surroundings.runsPrograms === true) return openCommandDriver(config, secret);
      throw new HalliganError(
        'systems.by-hand',
        'Programs on the server’s machine reach this system; none that others chose runs on yours.',
        'Sign in by hand: halligan emergency reveal.',
      );
    case 'mysql':
      return openMysqlDriver(config, secret);
    case 'manual':
      throw new HalliganError(
        'systems.by-hand',
        'No program reaches this system: people set and prove its passwords.',
        'Rotate with halligan account rotate-by-hand; in an emergency, sign in by hand: halligan emergency reveal.',
      );
  }
}
