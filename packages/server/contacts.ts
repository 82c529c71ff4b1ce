import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { HalliganError, ID } from '@halligan/format';
import { z } from 'zod';
import { jsonOf, type ServerHome, writeJson } from './home.ts';

/** No control characters, no line breaks: an address ends up in headers. */
const oneLine = /^[\p{L}\p{N}\p{P}\p{S} ]+$/u;

/** How to reach a person. Nothing of it is ever in the record: it changes, it is personal, and it must be erasable. */
export const contactsSchema = z.strictObject({
  email: z.email().max(254).optional(),
  phone: z
    .string()
    .regex(/^\+?[0-9 ()-]{3,30}$/, 'write a number such as +44 20 7946 0000')
    .optional(),
  /** An address of the organisation's messenger, as its bridge understands it. */
  message: z.string().min(1).max(200).regex(oneLine, 'write it on one line').optional(),
});

export type ContactsOf = z.infer<typeof contactsSchema>;

const fileSchema = z.strictObject({
  v: z.literal('halligan/contacts/v1'),
  people: z.record(z.string().regex(ID), contactsSchema),
});

/** People's addresses, in one file of the server's that is read and written whole. */
export class Contacts {
  readonly #path: string;
  #people: Readonly<Record<string, ContactsOf>>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, people: Readonly<Record<string, ContactsOf>>) {
    this.#path = path;
    this.#people = people;
  }

  /** @throws `server.contacts` where the file is not what this program writes */
  static async open({ contactsFile }: ServerHome): Promise<Contacts> {
    if (!existsSync(contactsFile)) return new Contacts(contactsFile, {});
    const parsed = fileSchema.safeParse(jsonOf(await readFile(contactsFile, 'utf8')));
    if (!parsed.success)
      throw new HalliganError(
        'server.contacts',
        `${contactsFile} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
        'Correct it, or move it away: people then give their addresses again.',
      );
    return new Contacts(contactsFile, parsed.data.people);
  }

  of(person: string): ContactsOf {
    return Object.hasOwn(this.#people, person) ? (this.#people[person] ?? {}) : {};
  }

  /** Resolves when it is durable; one writer at a time. */
  async set(person: string, contacts: ContactsOf): Promise<void> {
    const write = async () => {
      const people = { ...this.#people, [person]: contacts };
      await writeJson(
        this.#path,
        JSON.parse(JSON.stringify({ v: 'halligan/contacts/v1', people })),
      );
      this.#people = people;
    };
    const writing = this.#writing.then(write);
    this.#writing = writing.catch(() => undefined);
    await writing;
  }
}
