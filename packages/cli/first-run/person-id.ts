import { HalliganError, ID } from '@halligan/format';

/** An id of a person or an organisation, as somebody typed it. @throws `cli.id` */
export function personId(text: string): string {
  if (ID.test(text)) return text;
  throw new HalliganError('cli.id', 'This is no id.', 'Use 1 to 63 of a-z, 0-9 and -.');
}
