/**
 * The one error type. A `code` is API: stable, `room.what-went-wrong`, asserted by tests and shown to people;
 * the `hint` names the next step. Messages and hints never carry a secret, nor the bytes that failed to parse.
 */
export class HalliganError extends Error {
  override readonly name = 'HalliganError';
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}
