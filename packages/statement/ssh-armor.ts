import { base64, fromBase64 } from '@halligan/format';

/** Wraps bytes as OpenSSH does: base64 in lines of 70 characters between two lines of dashes. */
export function armor(bytes: Uint8Array, begin: string, end: string): string {
  const lines = base64(bytes).match(/.{1,70}/g) ?? [];
  return `${[begin, ...lines, end].join('\n')}\n`;
}

/**
 * Undoes {@link armor}; undefined where the text is not armored so. Line ends of any system and white space
 * around it are allowed, because mail programs change those.
 */
export function dearmor(text: string, begin: string, end: string): Uint8Array | undefined {
  const lines = text.trim().split(/\r?\n/);
  if (lines.length < 3 || lines[0] !== begin || lines.at(-1) !== end) return undefined;
  try {
    return fromBase64(lines.slice(1, -1).join(''));
  } catch {
    return undefined;
  }
}
