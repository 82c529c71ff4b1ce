import { concat, type HalliganError, utf8 } from '@halligan/format';

/** A `uint32` of RFC 4251 section 5. */
export function sshUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A `string` of RFC 4251 section 5: its length, then its bytes. */
export function sshString(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return concat(sshUint32(bytes.length), bytes);
}

/**
 * Reads RFC 4251 data that an attacker may have written: every length is checked against what is there, and
 * {@link SshReader.end} must be reached, so that nothing hides behind the last field.
 */
export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #refuse: (why: string) => HalliganError;
  #at = 0;

  /**
   * @param bytes must not change while they are read
   * @param refuse makes the error that is thrown where the data ends early, or late
   */
  constructor(bytes: Uint8Array, refuse: (why: string) => HalliganError) {
    this.#bytes = bytes;
    this.#refuse = refuse;
  }

  /** The next `size` bytes, as a view. */
  take(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#at) throw this.#refuse('it ends too early');
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  uint32(): number {
    const at = this.take(4);
    return new DataView(at.buffer, at.byteOffset, 4).getUint32(0);
  }

  /** The bytes of a `string`, as a view. */
  string(): Uint8Array {
    return this.take(this.uint32());
  }

  /** A `string` that must be printable ASCII, as names of algorithms and namespaces are. */
  name(): string {
    const bytes = this.string();
    if (bytes.length > 255 || !bytes.every((byte) => byte > 0x20 && byte < 0x7f)) {
      throw this.#refuse('a name in it is not printable ASCII of at most 255 characters');
    }
    return String.fromCharCode(...bytes);
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#refuse('bytes follow its end');
  }
}
