import type { TargetInside } from '../practice/targets.ts';
import { ldapTongue } from './ldap-tongue.ts';
import type { Tongue } from './lying-line.ts';
import { postgresqlTongue } from './postgresql-tongue.ts';

/** The protocol of a kind of system. */
export function tongueOf(kind: TargetInside['kind']): Tongue {
  return kind === 'postgres' ? postgresqlTongue : ldapTongue;
}
