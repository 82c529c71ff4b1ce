import { HalliganError } from '@halligan/format';

/**
 * What only a rotator does was asked of a device, which has no credential for it.
 * @param hint what the system knows better than that
 */
export function secretMissing(hint = 'Only the rotator inspects and sets.'): HalliganError {
  return new HalliganError(
    'systems.secret-missing',
    'This needs the rotator’s credential, which is not here.',
    hint,
  );
}

/** Where accounts may change themselves. */
export function rotatorMissing(): HalliganError {
  return secretMissing(
    'Only a standing rotator inspects and sets; an account that changes itself is not inspected.',
  );
}
