import { HalliganError } from '@halligan/format';

/** For `assert.throws` and `assert.rejects`: an error with this code, a next step, and this message. */
export function refused(code: string, says?: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof HalliganError &&
    error.code === code &&
    error.hint.length > 10 &&
    (says === undefined || says.test(error.message));
}
