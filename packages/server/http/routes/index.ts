import type { Reception } from '../reception.ts';
import type { Route } from '../route.ts';
import { accountRoutes } from './accounts.ts';
import { alertRoutes } from './alerts.ts';
import { custodyRoutes } from './custody.ts';
import { documentationRoutes } from './documentation.ts';
import { emergencyRoutes } from './emergencies.ts';
import { healthRoutes } from './health.ts';
import { joiningRoutes } from './joining.ts';
import { kitRoutes } from './kits.ts';
import { logRoutes } from './log.ts';
import { machineRoutes } from './machines.ts';
import { recordRoutes } from './record.ts';
import { signInRoutes } from './sign-in.ts';
import { systemRoutes } from './systems.ts';

/** Every route that there is, in the order of the documentation. */
export function allRoutes(reception: Reception): readonly Route[] {
  return documentationRoutes([
    ...healthRoutes(reception),
    ...signInRoutes(reception),
    ...joiningRoutes(reception),
    ...recordRoutes(reception),
    ...logRoutes(reception),
    ...emergencyRoutes(reception),
    ...accountRoutes(reception),
    ...custodyRoutes(reception),
    ...systemRoutes(reception),
    ...kitRoutes(reception),
    ...machineRoutes(reception),
    ...alertRoutes(reception),
  ]);
}
