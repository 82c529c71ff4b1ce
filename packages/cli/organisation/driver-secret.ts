/** A driver's credential as its file holds it: editors end files with a newline that is no part of the secret. */
export function driverSecret(file: Uint8Array): Uint8Array {
  return file.at(-1) === 0x0a ? file.subarray(0, -1) : file;
}
